/** The plant's memory on disk: written whole to a new file, flushed, then put in place, so that a kill at any instant leaves an old or a new one. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GridState } from './grid-state.ts'
import type { Memory } from './physics.ts'

/** Version of the file; an older one is left aside and the plant starts as its records say. */
const version = 1

interface Saved {
    readonly version: number
    readonly region: string
    readonly savedMs: number
    readonly timeOffsetMs: number
    /** rows by id: a region that has grown keeps what it knew */
    readonly switches: Record<string, number>
    readonly columns: Record<string, Record<string, number>>
    readonly memory: Record<string, unknown>
}

type Column = Float64Array | Uint8Array
const savedColumns = [
    'generatorSetMw',
    'generatorBaseMw',
    'generatorSetPu',
    'storageSetMw',
    'storageMw',
    'socPercent',
    'loadSetMw',
    'loadMw',
    'tapPosition',
] as const
const savedMemory = ['owedMwh', 'generatorManual', 'storageManual', 'tapManual'] as const

const rowsOf = (state: GridState, name: string): readonly { id: string }[] => {
    const { network } = state.region
    if (name.startsWith('generator')) return network.generator
    if (name.startsWith('storage') || name === 'socPercent') return network.storage
    return name.startsWith('tap') ? network.branch : network.load
}

export function packState(state: GridState, memory: Memory, savedMs: number, timeOffsetMs: number): Saved {
    const byId = (rows: readonly { id: string }[], column: Column) => Object.fromEntries(rows.map((r, i) => [r.id, column[i]!]))
    const { weather, siteWeather, deviationHz, primaryMw, renewableShare, evSessions, started } = memory
    return {
        version,
        region: state.region.id,
        savedMs,
        timeOffsetMs,
        switches: byId(state.region.switch, state.switchClosed),
        columns: Object.fromEntries([
            ...savedColumns.map((name) => [name, byId(rowsOf(state, name), state[name])]),
            ...savedMemory.map((name) => [name, byId(rowsOf(state, name), memory[name])]),
        ]),
        memory: { weather, siteWeather, deviationHz, primaryMw, renewableShare, evSessions, started },
    }
}

/** Puts a saved state back; returns the time offset, or undefined where the file is of another region or version. */
export function unpackState(saved: Saved, state: GridState, memory: Memory): number | undefined {
    if (saved.version !== version || saved.region !== state.region.id) return undefined
    const fill = (rows: readonly { id: string }[], column: Column, values: Record<string, number> | undefined) => {
        rows.forEach((r, i) => {
            const value = values?.[r.id]
            if (typeof value === 'number') column[i] = value
        })
    }
    fill(state.region.switch, state.switchClosed, saved.switches)
    for (const name of savedColumns) fill(rowsOf(state, name), state[name], saved.columns[name])
    for (const name of savedMemory) fill(rowsOf(state, name), memory[name], saved.columns[name])
    const m = saved.memory as Partial<Memory>
    if (m.weather) memory.weather = m.weather
    if (m.siteWeather?.length === memory.siteWeather.length) memory.siteWeather = m.siteWeather
    if (m.evSessions?.length === memory.evSessions.length) memory.evSessions = m.evSessions
    memory.deviationHz = m.deviationHz ?? 0
    memory.primaryMw = m.primaryMw ?? 0
    memory.renewableShare = m.renewableShare ?? 1
    memory.started = m.started ?? false
    return saved.timeOffsetMs
}

export function openStateFile(dataDir: string) {
    mkdirSync(dataDir, { recursive: true })
    const path = join(dataDir, 'state.json')
    return {
        /** undefined where there is none or it cannot be read; `why` says which */
        read(): { saved?: Saved; why?: string } {
            try {
                return { saved: JSON.parse(readFileSync(path, 'utf8')) as Saved }
            } catch (error) {
                if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
                return { why: `${path} cannot be read (${(error as Error).message}); starting as the records say` }
            }
        },
        /** On disk when it returns: what the plant reports afterwards it still knows after a kill. */
        save(saved: Saved): void {
            const fresh = `${path}.new`
            const file = openSync(fresh, 'w', 0o600)
            try {
                writeFileSync(file, JSON.stringify(saved))
                fsyncSync(file)
            } finally {
                closeSync(file)
            }
            renameSync(fresh, path)
        },
    }
}
