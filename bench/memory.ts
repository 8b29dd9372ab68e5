/**
 * Memory that solvers hold once they have solved, garbage collected: bytes a bus, and for lanes a bus and lane.
 *
 *   node --conditions=source --import tsx bench/memory.ts [case …]
 *
 * *kernel* is Newton's own: admittances, factor, work arrays, voltages and patterns in WebAssembly's memory; *all* counts
 * the process: inputs, results, indices and objects too. A table goes to stderr, one JSON value to stdout.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createLanes, createPowerFlow, laneCount, type Network, parseMatpower } from '@gridverse/grid'
import { type Row, report, shared } from './peers/report.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** bytes in use: objects, and arrays outside the heap */
function held() {
    for (let k = 0; k < 5; k++) collect()
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    return { all: heapUsed + external, wasm: external - arrayBuffers }
}

/** Kept until the end, so that nothing held before is given back within a measurement. */
const kept: unknown[] = []

function measure(make: () => { solve(): unknown }) {
    const before = held()
    const solver = make()
    solver.solve()
    kept.push(solver)
    const after = held()
    return { all: after.all - before.all, wasm: after.wasm - before.wasm }
}

function rowsOf(network: Network): Row[] {
    const n = network.bus.length
    // compiles everything once
    for (const make of [() => createPowerFlow(network), () => createLanes(network)]) measure(make)
    const single = measure(() => createPowerFlow(network))
    const plain = measure(() => createPowerFlow(network, { webAssembly: false }))
    const lanes = measure(() => createLanes(network))
    const row = (name: string, value: number, unit: string): Row => ({ name: `memory/${network.name}/${name}`, value, unit })
    return [
        row('single kernel', single.wasm / n, 'B/bus'),
        row('single all', single.all / n, 'B/bus'),
        row('single all, TypeScript', plain.all / n, 'B/bus'),
        row('lanes kernels', lanes.wasm / n / laneCount, 'B/bus and lane'),
        row('lanes all', lanes.all / n / laneCount, 'B/bus and lane'),
    ]
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const rows: Row[] = []
for (const name of wanted.length > 0 ? wanted : ['case118', 'case1354pegase', 'case9241pegase', 'case13659pegase']) {
    const file = join(shared, 'cases', `${name}.m`)
    if (existsSync(file)) rows.push(...rowsOf(parseMatpower(readFileSync(file, 'utf8')).network))
}
report('bytes', rows)
