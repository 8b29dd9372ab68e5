/** `gridverse powerflow CASE`: the power flow as one JSON value or as tables. */
import { type BranchRow, type BusRow, type Network, type PowerFlow, type PowerFlowOptions, solvePowerFlow } from '@gridverse/grid'
import { readCase } from '../case-file.ts'
import { exit } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface PowerflowOptions extends PowerFlowOptions {
    readonly json?: boolean
    readonly summary?: boolean
}

export async function runPowerflow(file: string, options: PowerflowOptions, terminal: Terminal): Promise<number> {
    const { network } = await readCase(file, terminal)
    const { json, summary, ...solve } = options
    const flow = solvePowerFlow(network, solve)
    if (json) terminal.out(`${JSON.stringify(toJson(flow))}\n`)
    else terminal.out(flow.status === 'converged' ? describe(network, flow, terminal, summary === true) : explain(network, flow, terminal))
    return flow.status === 'converged' ? exit.done : exit.noSolution
}

function toJson(flow: PowerFlow) {
    const { status, iterations, mismatchPu, worstBus, lossesMw } = flow
    return {
        status,
        iterations,
        mismatchPu,
        ...(worstBus === undefined ? {} : { worstBus }),
        buses: flow.bus.map(({ id, vmPu, vaDeg, energised }) => ({ id, vmPu, vaDeg, ...(energised ? {} : { energised }) })),
        branches: flow.branch.map(({ id: _, ...row }) => row),
        generators: flow.generator.map(({ id: _, ...row }) => row),
        lossesMw,
    }
}

function explain(network: Network, flow: PowerFlow, terminal: Terminal): string {
    const where = flow.worstBus === undefined ? '' : ` at bus ${flow.worstBus}`
    const left = Number.isFinite(flow.mismatchPu) ? `, mismatch ${flow.mismatchPu.toExponential(1)} p.u.${where}` : where
    const hint =
        flow.status === 'singular'
            ? 'nothing holds a voltage there: look for a missing slack bus, an island without a generator, or a branch without impedance'
            : 'the load may exceed what the network can carry, or the start is too far away: try --start flat, --start case or --method fast-decoupled'
    return `${network.name}: ${paint(terminal, 'red', flow.status)} after ${flow.iterations} iterations${left}\n${hint}\n`
}

function describe(network: Network, flow: PowerFlow, terminal: Terminal, summary: boolean): string {
    const lines = [summarise(network, flow, terminal)]
    if (!summary) lines.push(...tables(network, flow, terminal))
    return lines.join('')
}

/** How far a voltage stands outside its band (positive) or inside it (negative), p.u.; on a band of no width it is at home. */
function excess(bus: Network['bus'][number], vmPu: number): number {
    const outside = Math.max(bus.vMinPu - vmPu, vmPu - bus.vMaxPu)
    return bus.vMinPu === bus.vMaxPu && outside < 1e-9 ? -Infinity : outside
}
const loadingTone = (row: BranchRow) =>
    (row.loadingPercent ?? 0) > 100 ? ('red' as const) : (row.loadingPercent ?? 0) > 80 ? ('yellow' as const) : undefined

function summarise(network: Network, flow: PowerFlow, terminal: Terminal): string {
    const parts = [
        `${network.name || 'case'}: ${paint(terminal, 'green', 'converged')} in ${flow.iterations} iteration${flow.iterations === 1 ? '' : 's'}`,
        `mismatch ${flow.mismatchPu.toExponential(1)} p.u.`,
        `losses ${formatNumber(flow.lossesMw, 3)} MW`,
    ]
    const live = flow.bus.map((row, i) => ({ row, bus: network.bus[i]! })).filter(({ row }) => row.energised)
    const worst = live.reduce<(typeof live)[number] | undefined>(
        (most, each) => (most && excess(most.bus, most.row.vmPu) >= excess(each.bus, each.row.vmPu) ? most : each),
        undefined,
    )
    if (worst) {
        const outside = excess(worst.bus, worst.row.vmPu) > 1e-9
        const text = `worst voltage ${formatNumber(worst.row.vmPu, 4)} p.u. at bus ${worst.bus.id} (${outside ? 'outside' : 'within'} ${worst.bus.vMinPu}…${worst.bus.vMaxPu})`
        parts.push(outside ? paint(terminal, 'red', text) : text)
    }
    const loaded = flow.branch.filter((row) => row.inService && row.loadingPercent !== null)
    const heaviest = loaded.reduce<BranchRow | undefined>(
        (most, row) => (most && most.loadingPercent! >= row.loadingPercent! ? most : row),
        undefined,
    )
    if (heaviest) {
        const text = `worst loading ${formatNumber(heaviest.loadingPercent!, 1)} % on branch ${heaviest.index} (${heaviest.fromBus}–${heaviest.toBus})`
        const tone = loadingTone(heaviest)
        parts.push(tone ? paint(terminal, tone, text) : text)
    }
    const dead = flow.bus.filter((row) => !row.energised).length
    if (dead) parts.push(paint(terminal, 'yellow', `${dead} bus${dead === 1 ? '' : 'es'} without supply`))
    return `${parts.join(' · ')}\n`
}

function tables(network: Network, flow: PowerFlow, terminal: Terminal): string[] {
    const drawn = new Map<number, { pMw: number; qMvar: number }>()
    for (const row of network.load) {
        if (!row.inService) continue
        const sum = drawn.get(row.bus) ?? { pMw: 0, qMvar: 0 }
        drawn.set(row.bus, { pMw: sum.pMw + row.pMw, qMvar: sum.qMvar + row.qMvar })
    }
    const records = new Map(network.bus.map((bus) => [bus.id, bus]))
    const bus = (row: BusRow) => records.get(row.id)!
    return [
        renderTable(terminal, 'Buses', flow.bus, [
            { title: 'bus', value: (row) => row.id },
            { title: 'name', value: (row) => bus(row).name },
            {
                title: 'V p.u.',
                value: (row) => row.vmPu,
                decimals: 5,
                tone: (row) => (row.energised && excess(bus(row), row.vmPu) > 1e-9 ? 'red' : row.energised ? undefined : 'dim'),
            },
            { title: 'V kV', value: (row) => (bus(row).baseKv > 0 ? row.vmPu * bus(row).baseKv : null), decimals: 2 },
            { title: 'angle °', value: (row) => row.vaDeg, decimals: 4 },
            { title: 'load MW', value: (row) => drawn.get(row.id)?.pMw, decimals: 2 },
            { title: 'load Mvar', value: (row) => drawn.get(row.id)?.qMvar, decimals: 2 },
        ]),
        renderTable(terminal, 'Branches', flow.branch, [
            { title: 'branch', value: (row) => row.index },
            { title: 'from', value: (row) => row.fromBus },
            { title: 'to', value: (row) => row.toBus },
            { title: 'P from MW', value: (row) => row.pFromMw, decimals: 3 },
            { title: 'Q from Mvar', value: (row) => row.qFromMvar, decimals: 3 },
            { title: 'P to MW', value: (row) => row.pToMw, decimals: 3 },
            { title: 'Q to Mvar', value: (row) => row.qToMvar, decimals: 3 },
            { title: 'loading %', value: (row) => (row.inService ? row.loadingPercent : null), decimals: 1, tone: loadingTone },
            { title: 'state', value: (row) => (row.inService ? '' : 'open') },
        ]),
        renderTable(terminal, 'Generators', flow.generator, [
            { title: 'generator', value: (row) => row.index },
            { title: 'bus', value: (row) => row.bus },
            { title: 'P MW', value: (row) => row.pMw, decimals: 3 },
            { title: 'Q Mvar', value: (row) => row.qMvar, decimals: 3 },
            {
                title: 'Q limit',
                value: (row) => (row.atLimit === 'qMin' ? 'at its least' : row.atLimit === 'qMax' ? 'at its most' : ''),
                tone: () => 'yellow',
            },
        ]),
    ]
}
