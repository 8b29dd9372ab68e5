/** `gridverse powerflow CASE`: the power flow as one JSON value or as tables. */
import {
    type BranchRow,
    type BusRow,
    type Diagnosis,
    diagnoseInSteps,
    type Network,
    type PowerFlow,
    type PowerFlowOptions,
    solvePowerFlow,
} from '@gridverse/grid'
import { readCase } from '../case-file.ts'
import { exit } from '../failure.ts'
import { readParticipation } from '../participation.ts'
import { breathe, createInterrupt, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface PowerflowOptions extends Omit<PowerFlowOptions, 'participation'> {
    /** a file of weights, or these themselves: G1=2,G3=1 */
    readonly participation?: string
    readonly json?: boolean
    readonly summary?: boolean
    /** all that is found about why there is no solution; `false`: do not look */
    readonly explain?: boolean
}

export async function runPowerflow(file: string, options: PowerflowOptions, terminal: Terminal): Promise<number> {
    const { network } = await readCase(file, terminal)
    const { json, summary, explain, participation, ...rest } = options
    const weights = participation === undefined ? undefined : await readParticipation(network, participation, terminal)
    const solve: PowerFlowOptions = weights ? { ...rest, slack: 'distributed', participation: weights } : rest
    const flow = solvePowerFlow(network, solve)
    const wanted = flow.status !== 'converged' && explain !== false && solve.method !== 'dc'
    const { diagnosis, stoppedAt } = wanted ? await diagnose(network, solve, terminal) : {}
    const stopped = stoppedAt !== undefined
    if (json)
        terminal.out(`${JSON.stringify({ ...toJson(flow, diagnosis, explain === true), ...(stopped ? { interrupted: true } : {}) })}\n`)
    else if (flow.status === 'converged') terminal.out(describe(network, flow, terminal, summary === true))
    else terminal.out(explainFailure(network, flow, diagnosis, terminal, explain === true))
    if (stopped) {
        terminal.err(`Stopped before trying ${stoppedAt}; there may be more to find.\n`)
        return interruptedExit
    }
    return flow.status === 'converged' ? exit.done : exit.noSolution
}

/** between two lines of progress where nobody looks on, ms */
const quietMs = 5000

/** Why there is no solution; after Ctrl-C what is found so far, and what would have been tried next. */
async function diagnose(
    network: Network,
    options: PowerFlowOptions,
    terminal: Terminal,
): Promise<{ diagnosis: Diagnosis; stoppedAt?: string }> {
    const interrupt = createInterrupt()
    let last = performance.now()
    try {
        const steps = diagnoseInSteps(network, options)
        for (;;) {
            const step = steps.next()
            if (step.done) return { diagnosis: step.value }
            const { trying, found } = step.value
            const now = performance.now()
            if (terminal.interactive) terminal.err(`\r\u001b[Klooking for the cause · trying ${trying} …`)
            else if (now - last > quietMs) {
                terminal.err(`looking for the cause: trying ${trying}\n`)
                last = now
            }
            await breathe()
            if (interrupt.asked) return { diagnosis: found, stoppedAt: trying }
        }
    } finally {
        interrupt.dispose()
        if (terminal.interactive) terminal.err('\r\u001b[K')
    }
}

function toJson(flow: PowerFlow, diagnosis: Diagnosis | undefined, all: boolean) {
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
        ...(flow.coupler ? { couplers: flow.coupler.map(({ id: _, ...row }) => row) } : {}),
        ...(flow.dcLink ? { dcLinks: flow.dcLink.map(({ id: _, ...row }) => row) } : {}),
        ...(flow.transformer3 ? { transformers3: flow.transformer3.map(({ id: _, ...row }) => row) } : {}),
        ...(flow.control ? { controls: flow.control } : {}),
        ...(flow.slack ? { slack: flow.slack } : {}),
        ...(flow.unsettled ? { unsettled: flow.unsettled } : {}),
        ...(diagnosis ? diagnosisToJson(diagnosis, all) : {}),
    }
}

function diagnosisToJson({ findings, nearest }: Diagnosis, all: boolean) {
    const told = findings.map(({ code, certainty, message, bus, branch }) => ({ code, certainty, message, buses: bus, branches: branch }))
    if (!nearest) return { findings: told }
    const { status, lambda, weakBus, reactiveLimitBus, shortfall, shortfallMva, curve, bus } = nearest
    // JSON has no NaN
    const factor = Number.isNaN(lambda) ? null : lambda
    return {
        findings: told,
        nearest: {
            ...{ status, lambda: factor, weakBuses: weakBus, reactiveLimitBuses: reactiveLimitBus, shortfallMva, shortfall },
            ...(all ? { curve, buses: bus } : {}),
        },
    }
}

function explainFailure(network: Network, flow: PowerFlow, diagnosis: Diagnosis | undefined, terminal: Terminal, all: boolean): string {
    const where = flow.worstBus === undefined ? '' : ` at bus ${flow.worstBus}`
    const left = Number.isFinite(flow.mismatchPu) ? `, mismatch ${flow.mismatchPu.toExponential(1)} p.u.${where}` : where
    const hint =
        flow.status === 'singular'
            ? 'nothing holds a voltage there: look for a missing slack bus, an island without a generator, or a branch without impedance'
            : 'the load may exceed what the network can carry, or the start is too far away: try --start flat, --start case or --method fast-decoupled'
    const head = `${network.name}: ${paint(terminal, 'red', flow.status)} after ${flow.iterations} iterations${left}\n`
    if (!diagnosis) return `${head}${hint}\n`
    return `${head}${listFindings(diagnosis, terminal, all)}${describeNearest(diagnosis, terminal, all)}`
}

/** findings shown unless all are asked for */
const shownFindings = 6

function listFindings({ findings }: Diagnosis, terminal: Terminal, all: boolean): string {
    if (findings.length === 0) return 'no cause was found in the data\n'
    const shown = all ? findings : findings.slice(0, shownFindings)
    const tone = { proven: 'red', likely: 'yellow', possible: 'dim' } as const
    const lines = shown.map((each) => `  ${paint(terminal, tone[each.certainty], each.certainty.padEnd(8))}  ${each.message}\n`)
    const more = findings.length - shown.length
    return `\n${paint(terminal, 'bold', 'Why')}\n${lines.join('')}${more > 0 ? `  and ${more} more, with --explain\n` : ''}`
}

function describeNearest({ nearest }: Diagnosis, terminal: Terminal, all: boolean): string {
    if (!nearest) return ''
    const limit =
        nearest.status === 'unsolvable'
            ? 'no part of the load has a solution'
            : `${formatNumber(100 * nearest.lambda, 2)} % of load and generation${nearest.status === 'open' ? ' at least' : ''}${nearest.status === 'reactive-limit' ? ', where generators reach a reactive limit' : ''}`
    const short =
        nearest.shortfallMva > 0
            ? `  by step control ${formatNumber(nearest.shortfallMva, 1)} MVA are short, most at bus ${nearest.shortfall[0]?.bus ?? '–'}\n`
            : ''
    const head = `\n${paint(terminal, 'bold', 'Nearest state that solves')}\n  ${limit}\n${short}`
    const weak = renderTable(terminal, 'Weakest buses there', all ? nearest.weakBus : nearest.weakBus.slice(0, 5), [
        { title: 'bus', value: (row) => row.bus },
        { title: 'V p.u.', value: (row) => row.vmPu, decimals: 4 },
        { title: 'falls', value: (row) => row.share, decimals: 2 },
    ])
    if (!all) return head + (nearest.weakBus.length > 0 ? weak : '')
    return [
        head,
        nearest.weakBus.length > 0 ? weak : '',
        nearest.curve.length > 0
            ? renderTable(terminal, `PV curve of bus ${nearest.weakBus[0]!.bus}`, nearest.curve, [
                  { title: 'load %', value: (row) => 100 * row.lambda, decimals: 3 },
                  { title: 'V p.u.', value: (row) => row.vmPu, decimals: 4 },
              ])
            : '',
        nearest.shortfall.length > 0
            ? renderTable(terminal, 'Short by step control', nearest.shortfall, [
                  { title: 'bus', value: (row) => row.bus },
                  { title: 'P MW', value: (row) => row.pMw, decimals: 1 },
                  { title: 'Q Mvar', value: (row) => row.qMvar, decimals: 1 },
              ])
            : '',
    ].join('')
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
    for (const { bus, sharedMw, remainingMw } of flow.slack ?? []) {
        const beyond =
            Math.abs(remainingMw) > 0.01 ? `, ${formatNumber(remainingMw, 2)} MW beyond what they can give left to bus ${bus}` : ''
        parts.push(`generators share ${formatNumber(sharedMw, 2)} MW${beyond}`)
    }
    if (flow.unsettled) parts.push(paint(terminal, 'yellow', `reactive limits unsettled at buses ${flow.unsettled.join(', ')}`))
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
        ...tablesOfMore(flow, terminal),
    ]
}

/** Couplers, three-winding transformers, DC links and controls, where there are any. */
function tablesOfMore(flow: PowerFlow, terminal: Terminal): string[] {
    const out: string[] = []
    if (flow.coupler?.length)
        out.push(
            renderTable(terminal, 'Couplers', flow.coupler, [
                { title: 'coupler', value: (row) => row.id },
                { title: 'from', value: (row) => row.fromBus },
                { title: 'to', value: (row) => row.toBus },
                { title: 'P MW', value: (row) => row.pMw, decimals: 3 },
                { title: 'Q Mvar', value: (row) => row.qMvar, decimals: 3 },
                { title: 'state', value: (row) => (row.closed ? '' : 'open') },
            ]),
        )
    if (flow.transformer3?.length)
        out.push(
            renderTable(
                terminal,
                'Three-winding transformers',
                flow.transformer3.flatMap((row) => row.winding.map((winding, w) => ({ id: row.id, w: w + 1, ...winding }))),
                [
                    { title: 'transformer', value: (row) => row.id },
                    { title: 'winding', value: (row) => row.w },
                    { title: 'bus', value: (row) => row.bus },
                    { title: 'P MW', value: (row) => row.pMw, decimals: 3 },
                    { title: 'Q Mvar', value: (row) => row.qMvar, decimals: 3 },
                    { title: 'loading %', value: (row) => row.loadingPercent, decimals: 1 },
                ],
            ),
        )
    if (flow.dcLink?.length)
        out.push(
            renderTable(terminal, 'DC links', flow.dcLink, [
                { title: 'link', value: (row) => row.id },
                { title: 'from', value: (row) => row.fromBus },
                { title: 'to', value: (row) => row.toBus },
                { title: 'P from MW', value: (row) => row.pFromMw, decimals: 3 },
                { title: 'Q from Mvar', value: (row) => row.qFromMvar, decimals: 3 },
                { title: 'P to MW', value: (row) => row.pToMw, decimals: 3 },
                { title: 'Q to Mvar', value: (row) => row.qToMvar, decimals: 3 },
                { title: 'losses MW', value: (row) => row.lossMw, decimals: 3 },
            ]),
        )
    if (flow.control?.length)
        out.push(
            renderTable(terminal, 'Controls', flow.control, [
                { title: 'control', value: (row) => row.id },
                { title: 'moves', value: (row) => `${row.kind} of ${row.element}` },
                { title: 'to', value: (row) => row.value, decimals: 5 },
                { title: 'holds bus', value: (row) => (row.bus === 0 ? '' : row.bus) },
                { title: 'at', value: (row) => row.measured, decimals: 5 },
                { title: 'target', value: (row) => row.target, decimals: 5 },
                { title: 'state', value: (row) => row.status, tone: (row) => (row.status === 'in-band' ? undefined : 'yellow') },
            ]),
        )
    return out
}
