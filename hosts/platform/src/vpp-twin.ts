/** The virtual power plant's digital twin as a whole: told as one file, checked against this grid, tried, built. */
import type { Region } from '@gridverse/grid'
import type { LinearSolver } from '@gridverse/math'
import { createHighsSolver } from '@gridverse/solver'
import { canonicalJson } from '@gridverse/trust'
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import { errorsOf, type Issue } from '@gridverse/units'
import {
    checkTwin,
    feedersOf,
    parseTwin,
    type TrialPlan,
    type TwinBuilt,
    type TwinFile,
    type TwinLook,
    type TwinPlaces,
    trialPlan,
    writeTwin,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import type { Fleet } from './fleet.ts'
import type { VppMarketKeeper } from './vpp-market.ts'

export interface VppTwin {
    /** where one can be built here */
    places(): TwinPlaces
    /** the twin as it stands, as a file */
    write(): string
    look(text: string): TwinLook
    try(text: string): Promise<TrialPlan>
    /** all of it or nothing; `exact` takes out what the file does not have */
    build(by: Person, text: string, exact: boolean): Promise<TwinBuilt>
    close(): Promise<void>
}

interface Kept {
    readonly name: string
    readonly feeder: string
}
const kept: Kept = { name: 'virtual power plant', feeder: '' }

export async function createVppTwin(ports: {
    readonly region: Region
    readonly fleet: Pick<Fleet, 'register' | 'settings' | 'changeSettings'>
    readonly market: VppMarketKeeper
    readonly records: Records
    readonly log: EvidenceLog
    /** days measured so far */
    days(): number
    nowMs(): number
}): Promise<VppTwin> {
    const { region, fleet, market, records, log, nowMs } = ports
    const { register } = fleet
    let own: Kept = { ...kept, ...(await records.get<Partial<Kept>>('setting', 'vpp-twin')) }
    let solver: LinearSolver | undefined
    const feeders = feedersOf(region)

    function look(text: string): TwinLook {
        const { twin, issues } = parseTwin(text)
        return { twin, issues, report: checkTwin(twin, { region, days: ports.days() }) }
    }

    /** Only what can be built is tried and built. */
    function sound(text: string): TwinFile {
        const { twin, issues, report } = look(text)
        const wrong = [
            ...errorsOf(issues),
            ...report.findings
                .filter(({ level }) => level === 'error')
                .map(({ code, section, message }): Issue => ({ code, path: section, message })),
        ]
        if (wrong.length > 0) throw new ApiError('bad-input', `${wrong.length} thing(s) wrong with the twin; nothing was built`, wrong)
        return twin
    }

    return {
        places: () => ({ timeZone: region.timeZone, latDeg: region.latDeg, lonDeg: region.lonDeg, feeders }),
        write: () =>
            writeTwin({
                name: own.name,
                place: { timeZone: region.timeZone, latDeg: region.latDeg, lonDeg: region.lonDeg, feeder: own.feeder },
                market: market.now(),
                twoPersonKw: fleet.settings.twoPersonKw,
                resources: [...register.all()],
            }),
        look,
        async try(text) {
            solver ??= createHighsSolver({ threads: 1 })
            return trialPlan(parseTwin(text).twin, solver, { nowMs: nowMs() })
        },
        async build(by, text, exact) {
            const twin = sound(text)
            const before = new Map([...register.all()].map((r) => [r.id, canonicalJson(r)]))
            const different = twin.resources.filter((r) => before.get(r.id) !== canonicalJson(r))
            // every refusal comes before the first change
            if (different.length > 0) {
                const { refused, issues } = await register.enrol(by, different, { check: true, replace: true })
                if (refused > 0) throw new ApiError('bad-input', `${refused} resource(s) cannot be enrolled; nothing was built`, issues)
            }
            const marketBefore = market.now()
            await market.change(by, twin.market, `twin ${twin.name}`)
            if (twin.twoPersonKw !== undefined && twin.twoPersonKw !== fleet.settings.twoPersonKw)
                await fleet.changeSettings(by, { twoPersonKw: twin.twoPersonKw })
            const answer = different.length > 0 ? await register.enrol(by, different, { replace: true }) : undefined
            const wanted = new Set(twin.resources.map(({ id }) => id))
            const gone = exact ? [...before.keys()].filter((id) => !wanted.has(id)) : []
            if (gone.length > 0) await register.remove(by, gone, `not in twin ${twin.name}`)
            own = { name: twin.name, feeder: twin.place.feeder }
            await records.put('setting', 'vpp-twin', own)
            const built = {
                name: twin.name,
                enrolled: different.length,
                unchanged: twin.resources.length - different.length,
                removed: gone.length,
                marketChanged: market.now() !== marketBefore,
            }
            await log.append({
                tMs: nowMs(),
                actor: by.name,
                action: 'twin.build',
                target: 'fleet',
                detail: { ...built, feeder: own.feeder },
            })
            return { ...built, ...(answer ? { answer } : {}) }
        },
        close: async () => solver?.close(),
    }
}
