/**
 * Optimal power flow: iterations, CPU time and what is left of the optimality conditions by an independent check; for the
 * shipped region and, where their files are at hand, cases of 14 to 10,000 buses.
 *
 *   node --conditions=source --import tsx bench/opf.ts [case file …]
 *
 * CPU milliseconds from records to prices, medians of eleven runs below 500 buses, of one beyond. A table goes to stderr,
 * one JSON value to stdout.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, resolve } from 'node:path'
import { checkKkt, checkOpf, loadShippedRegion, type Network, parseMatpower, solveOpf } from '@gridverse/grid'

const rows: { name: string; value: number; unit: string }[] = []
const report = (name: string, value: number, unit: string) => {
    rows.push({ name, value, unit })
    console.error(`${name.padEnd(48)} ${value.toPrecision(10).padStart(16)} ${unit}`)
}

function run(name: string, network: Network): void {
    if (checkOpf(network).length) return
    const small = network.bus.length < 500
    const times: number[] = []
    let opf = solveOpf(network)
    for (let round = 0; round < (small ? 15 : 1); round++) {
        const begin = process.cpuUsage()
        opf = solveOpf(network)
        const { user, system } = process.cpuUsage(begin)
        if (!small || round >= 4) times.push((user + system) / 1000)
    }
    const { stationarity, violationPu, complementarity } = checkKkt(network, opf)
    report(`${name}: ${opf.status}, objective`, opf.objective, 'money/h')
    report(`${name}: iterations`, opf.iterations, '')
    report(`${name}: records to prices`, times.sort((a, b) => a - b)[times.length >> 1], 'ms')
    report(`${name}: optimality left`, Math.max(stationarity, violationPu, complementarity), '')
}

const shared = resolve(import.meta.dirname, '../../shared/cases')
const usual = [
    'case14',
    'pglib_opf_case14_ieee',
    'case118',
    'pglib_opf_case118_ieee',
    'case_ACTIVSg200',
    'case_ACTIVSg500',
    'case_RTS_GMLC',
    'case300',
    'case1354pegase',
    'case_ACTIVSg2000',
    'case2869pegase',
    'case9241pegase',
    'case_ACTIVSg10k',
]
const files = process.argv.length > 2 ? process.argv.slice(2) : usual.map((name) => resolve(shared, `${name}.m`))
if (process.argv.length === 2) run('region', loadShippedRegion().network)
for (const file of files) {
    if (!existsSync(file)) {
        console.error(`${file} is not there: left out.`)
        continue
    }
    run(basename(file, '.m'), parseMatpower(readFileSync(file, 'utf8')).network)
}
console.log(JSON.stringify({ machine: cpus()[0]?.model ?? 'unknown', node: process.version, date: new Date().toISOString(), rows }))
