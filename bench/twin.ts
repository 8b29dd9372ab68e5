/**
 * One scan of the twin: measurements in, snapshot, estimate, alarms, frame; for the shipped region and, where its file is
 * at hand, a case of 2,869 buses.
 *
 *   node --conditions=source --import tsx bench/twin.ts [case file …]
 *
 * Every scan measures every point anew with noise, more than a field that reports by exception ever does. Medians over
 * the scans, the first one (ordering, layout) apart. A table goes to stderr, one JSON value to stdout.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, resolve } from 'node:path'
import { loadShippedRegion, parseMatpower, type Region, synthesiseRegion } from '@gridverse/grid'
import {
    type AlarmContext,
    buildModel,
    checkCommand,
    createAlarms,
    createTwin,
    createTwinEstimator,
    emptyGate,
    encodeFrame,
    type Snapshot,
} from '@gridverse/twin'
import { createNoise, measure, solveTruth } from '../packages/twin/test/truth.ts'

const scans = 25
const rows: { name: string; value: number; unit: string }[] = []
const report = (name: string, value: number, unit: string) => {
    rows.push({ name, value, unit })
    console.error(`${name.padEnd(48)} ${value.toFixed(2).padStart(12)} ${unit}`)
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
const quiet: AlarmContext = { devices: [], deviceOf: () => undefined, commanded: () => false }

function run(name: string, region: Region): void {
    const times: Record<string, number[]> = {}
    const timed = <T>(step: string, work: () => T): T => {
        const begin = performance.now()
        const result = work()
        const list = times[step] ?? []
        times[step] = list
        list.push(performance.now() - begin)
        return result
    }
    const model = timed('model', () => buildModel(region))
    const truth = solveTruth(model)
    const twin = createTwin(model)
    const estimate = createTwinEstimator(model)
    const alarms = createAlarms(model)
    const noise = createNoise(1)
    let before: Snapshot | undefined
    let bytes = 0
    for (let n = 1; n <= scans; n++) {
        const batch = measure(model, truth, n * 1000, (id) => !id.endsWith('/vaDeg'), noise)
        timed('apply', () => twin.apply(batch, n * 1000))
        const measured = timed('freeze', () => twin.freeze(n * 1000))
        const snapshot = timed('estimate', () => estimate(measured))
        timed('alarms', () => alarms.update(snapshot, quiet, n * 1000))
        bytes = timed('frame', () => encodeFrame(snapshot, before)).length
        before = snapshot
    }
    const point = `switch/${region.switch.find((sw) => sw.component.startsWith('branch/'))?.id}/closed`
    const request = { point, value: 0, by: { name: 'bench', role: 'operator' } } as const
    for (let n = 0; n < 5; n++)
        timed('check', () => checkCommand(model, request, { snapshot: before!, gate: emptyGate, device: 'bay', deviceAlive: true }, 0))

    report(`${name}: points`, model.points.length, '')
    report(`${name}: model`, times.model[0], 'ms')
    report(`${name}: first estimate`, times.estimate[0], 'ms')
    for (const step of ['apply', 'freeze', 'estimate', 'alarms', 'frame', 'check'])
        report(`${name}: ${step}`, median(times[step].slice(1)), 'ms')
    report(`${name}: frame`, bytes / 1000, 'kB')
}

run('region', loadShippedRegion())
const given = process.argv.slice(2)
const files = given.length > 0 ? given : [resolve(import.meta.dirname, '../../shared/cases/case2869pegase.m')]
for (const file of files.filter((f) => existsSync(f)))
    run(basename(file, '.m'), synthesiseRegion(parseMatpower(readFileSync(file, 'utf8')).network))
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`
console.log(JSON.stringify({ machine, date: new Date().toISOString().slice(0, 10), rows }))
