/** `gridverse opf CASE`: the cheapest operation within all limits and its prices, as one JSON value or as tables. */
import {
    type ContingencyRow,
    checkOpf,
    describeConflictSet,
    describeConstraint,
    type FlowLimitKind,
    type Network,
    type Opf,
    type OpfBusRow,
    type OpfOptions,
    type PostRating,
    type SecureOpf,
    solveOpf,
    solveSecureOpf,
} from '@gridverse/grid'
import { readCase } from '../case-file.ts'
import { BadInput, exit, Misuse } from '../failure.ts'
import { chooseOutages, describeOutageRows, type OutageChoice } from '../outage-list.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface OpfCommandOptions extends OutageChoice {
    readonly dc?: boolean
    readonly secure?: boolean
    readonly rating?: PostRating
    readonly flowLimit?: FlowLimitKind
    readonly start?: 'flat' | 'case'
    readonly maxIterations?: number
    readonly json?: boolean
    readonly summary?: boolean
}

export async function runOpf(file: string, options: OpfCommandOptions, terminal: Terminal): Promise<number> {
    const { dc, secure, list, branches, generators, buses, pairs, rating, json, summary, start, maxIterations } = options
    if (secure && !dc) throw new Misuse('--secure needs --dc: outages are secured in DC')
    const asked = [list, branches, generators, buses, pairs, rating]
    if (dc && options.flowLimit !== undefined) throw new Misuse('--flow-limit belongs to AC: in DC ratings limit active power')
    if (!secure && asked.some((option) => option !== undefined)) throw new Misuse('outages and their rating belong to --secure')
    if (file === '-' && list === '-') throw new Misuse('the case and the list cannot both come from the standard input')
    const { network } = await readCase(file, terminal)
    const method = dc ? 'dc' : 'ac'
    const issues = checkOpf(network, method)
    if (issues.length) throw new BadInput(file, issues)
    const chosen = secure ? await chooseOutages(network, options, terminal) : undefined
    const outages = chosen ? { list: chosen } : {}
    const progress = createIterationProgress(terminal)
    const common = { ...(maxIterations === undefined ? {} : { maxIterations }), onIteration: progress.show }
    const opf = secure
        ? solveSecureOpf(network, { ...common, ...outages, ...(rating ? { rating } : {}) })
        : solveOpf(network, {
              method,
              ...common,
              ...(start ? { start } : {}),
              ...(options.flowLimit ? { flowLimit: options.flowLimit } : {}),
          })
    progress.end()
    if (json) terminal.out(`${JSON.stringify(toJson(opf))}\n`)
    else
        terminal.out(
            opf.status === 'optimal'
                ? describe(network, opf, terminal, summary === true)
                : explain(network, opf, terminal, summary === true),
        )
    return opf.status === 'optimal' ? exit.done : exit.noSolution
}

const isSecure = (opf: Opf): opf is SecureOpf => 'contingencies' in opf

/** One line rewritten where a person looks on, else a line every five seconds; none in the first second. */
function createIterationProgress(terminal: Terminal) {
    const every = terminal.interactive ? 200 : 5000
    let last = performance.now() + 1000 - every
    let shown = false
    const show: NonNullable<OpfOptions['onIteration']> = ({ iteration, feasibility, stationarity, complementarity }) => {
        const now = performance.now()
        if (now - last < every) return
        last = now
        shown = true
        const left = Math.max(feasibility, stationarity, complementarity)
        const text = `iteration ${iteration} · ${left.toExponential(1)} left`
        terminal.err(terminal.interactive ? `\r\u001b[K${text}` : `${text}\n`)
    }
    return {
        show,
        end() {
            if (shown && terminal.interactive) terminal.err('\r\u001b[K')
        },
    }
}

function toJson(opf: Opf) {
    const { status, method, objective, iterations, bus, generator, branch, binding, lossesMw, failure } = opf
    return {
        status,
        method,
        objective,
        iterations,
        buses: bus.map(({ energised, ...row }) => ({ ...row, ...(energised ? {} : { energised }) })),
        generators: generator.map(({ id: _, ...row }) => row),
        branches: branch.map(({ id: _, ...row }) => row),
        ...(opf.dcLink ? { dcLinks: opf.dcLink } : {}),
        binding,
        lossesMw,
        ...(isSecure(opf) ? { rounds: opf.rounds, constraints: opf.constraints, contingencies: opf.contingencies } : {}),
        ...(failure ? { failure } : {}),
    }
}

const shownOutages = 25
const shownLimits = 20

function explain(network: Network, opf: Opf, terminal: Terminal, summary: boolean): string {
    const { reason, relaxation = [], conflict = [] } = opf.failure!
    const conflicting = describeConflictSet(opf.failure!)
    const lines = [
        `${network.name}: ${paint(terminal, 'red', opf.status)} after ${opf.iterations} iterations\n${reason}\n`,
        ...(conflicting ? [`${conflicting}\n`] : []),
    ]
    if (summary) return lines.join('')
    const few = (title: string, rows: readonly unknown[]) =>
        rows.length > shownLimits ? `${title} (${rows.length - shownLimits} more with --json)` : title
    if (relaxation.length)
        lines.push(
            renderTable(terminal, few('Least relaxation', relaxation), relaxation.slice(0, shownLimits), [
                { title: 'what gives way', value: describeConstraint },
                { title: 'limit', value: (row) => row.limit, decimals: 3 },
                { title: 'by', value: (row) => row.by, decimals: 3 },
                { title: 'unit', value: (row) => row.unit },
            ]),
        )
    if (conflict.length)
        lines.push(
            renderTable(terminal, few('Limits in the way', conflict), conflict.slice(0, shownLimits), [
                { title: 'limit of', value: describeConstraint },
                { title: 'limit', value: (row) => row.limit, decimals: 3 },
                { title: 'unit', value: (row) => row.unit },
                { title: 'MVA saved per unit', value: (row) => row.weight, decimals: 4 },
            ]),
        )
    return lines.join('')
}

function describe(network: Network, opf: Opf, terminal: Terminal, summary: boolean): string {
    const priced = opf.bus.filter((row) => row.lmpPerMwh !== null).sort((a, b) => a.lmpPerMwh! - b.lmpPerMwh!)
    const [least, most] = [priced[0], priced.at(-1)]
    const parts = [
        `${network.name || 'case'}: ${paint(terminal, 'green', 'optimal')} in ${opf.iterations} iterations`,
        `cost ${formatNumber(opf.objective, 2)} per hour`,
        `losses ${formatNumber(opf.lossesMw, 3)} MW`,
        `prices ${formatNumber(least?.lmpPerMwh ?? 0, 3)} (bus ${least?.id}) to ${formatNumber(most?.lmpPerMwh ?? 0, 3)} (bus ${most?.id}) per MWh`,
        `${opf.binding.length} limit${opf.binding.length === 1 ? '' : 's'} with a price`,
        ...(isSecure(opf) ? [describeSecurity(opf)] : []),
    ]
    const head = `${parts.join(' · ')}\n`
    return summary ? head : [head, ...tables(network, opf, terminal)].join('')
}

function tables(network: Network, opf: Opf, terminal: Terminal): string[] {
    const names = new Map(network.bus.map((bus) => [bus.id, bus.name]))
    return [
        ...(opf.binding.length
            ? [
                  renderTable(terminal, 'Binding limits', opf.binding, [
                      { title: 'limit of', value: describeConstraint },
                      { title: 'limit', value: (row) => row.limit, decimals: 3 },
                      { title: 'unit', value: (row) => row.unit },
                      { title: 'saves per hour and unit', value: (row) => row.price, decimals: 4 },
                  ]),
              ]
            : []),
        ...(isSecure(opf) ? [describeContingencies(opf, terminal)] : []),
        renderTable(terminal, 'Buses', opf.bus, [
            { title: 'bus', value: (row) => row.id },
            { title: 'name', value: (row) => names.get(row.id) },
            { title: 'V p.u.', value: (row) => row.vmPu, decimals: 5, tone: (row) => (row.energised ? undefined : 'dim') },
            { title: 'angle °', value: (row) => row.vaDeg, decimals: 4 },
            { title: 'price per MWh', value: (row) => row.lmpPerMwh, decimals: 4 },
            ...(opf.method === 'ac'
                ? [{ title: 'price per Mvarh', value: (row: OpfBusRow) => row.lmpPerMvarh, decimals: 4 }]
                : [
                      { title: 'energy', value: (row: OpfBusRow) => row.parts?.energyPerMwh ?? null, decimals: 4 },
                      { title: 'congestion', value: (row: OpfBusRow) => row.parts?.congestionPerMwh ?? null, decimals: 4 },
                  ]),
            ...(isSecure(opf) ? [{ title: 'security', value: (row: OpfBusRow) => row.parts?.securityPerMwh ?? null, decimals: 4 }] : []),
        ]),
        renderTable(terminal, 'Generators', opf.generator, [
            { title: 'generator', value: (row) => row.index },
            { title: 'bus', value: (row) => row.bus },
            { title: 'P MW', value: (row) => row.pMw, decimals: 3 },
            { title: 'Q Mvar', value: (row) => row.qMvar, decimals: 3 },
            { title: 'cost per h', value: (row) => row.costPerH, decimals: 2 },
            { title: 'state', value: (row) => (row.inService ? '' : 'off') },
        ]),
        ...(opf.dcLink
            ? [
                  renderTable(terminal, 'DC links', opf.dcLink, [
                      { title: 'link', value: (row) => row.id },
                      { title: 'P from MW', value: (row) => row.pFromMw, decimals: 3 },
                      { title: 'Q from Mvar', value: (row) => row.qFromMvar, decimals: 3 },
                      { title: 'P to MW', value: (row) => row.pToMw, decimals: 3 },
                      { title: 'Q to Mvar', value: (row) => row.qToMvar, decimals: 3 },
                  ]),
              ]
            : []),
        renderTable(terminal, 'Branches', opf.branch, [
            { title: 'branch', value: (row) => row.index },
            { title: 'from', value: (row) => row.fromBus },
            { title: 'to', value: (row) => row.toBus },
            { title: 'P from MW', value: (row) => row.pFromMw, decimals: 3 },
            { title: 'Q from Mvar', value: (row) => row.qFromMvar, decimals: 3 },
            {
                title: 'loading %',
                value: (row) => (row.inService ? row.loadingPercent : null),
                decimals: 1,
                tone: (row) => ((row.loadingPercent ?? 0) > 99.99 ? 'yellow' : undefined),
            },
            { title: 'state', value: (row) => (row.inService ? '' : 'open') },
        ]),
    ]
}

function describeSecurity({ contingencies, rounds }: SecureOpf): string {
    const open = contingencies.filter((row) => row.status !== 'secured').length
    const after = contingencies.filter((row) => row.binding.length > 0).length
    return `${contingencies.length - open} outages secured in ${rounds} round${rounds === 1 ? '' : 's'}, ${after} of them at a limit${open ? `, ${open} not held` : ''}`
}

/** Outages that cost money or come near a limit, dearest first, and those nothing is held for. */
function describeContingencies({ contingencies }: SecureOpf, terminal: Terminal): string {
    const price = (row: ContingencyRow) => row.binding.reduce((sum, each) => sum + each.price, 0)
    const order = [...contingencies].sort(
        (a, b) => price(b) - price(a) || (b.worstLoadingPercent ?? Infinity) - (a.worstLoadingPercent ?? Infinity),
    )
    const rows = order.slice(0, shownOutages)
    const more = order.length - rows.length
    return renderTable(terminal, `Outages, dearest first${more > 0 ? ` (${more} more with --json)` : ''}`, rows, [
        { title: 'out', value: (row) => describeOutageRows(row.outage) },
        { title: 'state', value: (row) => row.status, tone: (row) => (row.status === 'secured' ? undefined : 'yellow') },
        { title: 'worst loading %', value: (row) => row.worstLoadingPercent, decimals: 1 },
        { title: 'on branch', value: (row) => row.worstBranch },
        { title: 'limits at a price', value: (row) => row.binding.length || null },
        { title: 'saves per hour and MW', value: (row) => price(row) || null, decimals: 4 },
    ])
}
