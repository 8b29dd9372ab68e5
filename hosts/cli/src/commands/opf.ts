/** `gridverse opf CASE`: the cheapest operation within all limits and its prices, as one JSON value or as tables. */
import { checkOpf, describeConstraint, type Network, type Opf, solveOpf } from '@gridverse/grid'
import { readCase } from '../case-file.ts'
import { BadInput, exit } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface OpfCommandOptions {
    readonly dc?: boolean
    readonly start?: 'flat' | 'case'
    readonly maxIterations?: number
    readonly json?: boolean
    readonly summary?: boolean
}

export async function runOpf(file: string, options: OpfCommandOptions, terminal: Terminal): Promise<number> {
    const { network } = await readCase(file, terminal)
    const { dc, json, summary, ...rest } = options
    const method = dc ? 'dc' : 'ac'
    const issues = checkOpf(network, method)
    if (issues.length) throw new BadInput(file, issues)
    const opf = solveOpf(network, { method, ...rest })
    if (json) terminal.out(`${JSON.stringify(toJson(opf))}\n`)
    else terminal.out(opf.status === 'optimal' ? describe(network, opf, terminal, summary === true) : explain(network, opf, terminal))
    return opf.status === 'optimal' ? exit.done : exit.noSolution
}

function toJson({ status, method, objective, iterations, bus, generator, branch, binding, lossesMw, failure }: Opf) {
    return {
        status,
        method,
        objective,
        iterations,
        buses: bus.map(({ energised, ...row }) => ({ ...row, ...(energised ? {} : { energised }) })),
        generators: generator.map(({ id: _, ...row }) => row),
        branches: branch.map(({ id: _, ...row }) => row),
        binding,
        lossesMw,
        ...(failure ? { failure } : {}),
    }
}

function explain(network: Network, opf: Opf, terminal: Terminal): string {
    const { reason, relaxation = [], conflict = [] } = opf.failure!
    const lines = [`${network.name}: ${paint(terminal, 'red', opf.status)} after ${opf.iterations} iterations\n${reason}\n`]
    if (relaxation.length)
        lines.push(
            renderTable(terminal, 'Least relaxation', relaxation, [
                { title: 'what gives way', value: describeConstraint },
                { title: 'limit', value: (row) => row.limit, decimals: 3 },
                { title: 'by', value: (row) => row.by, decimals: 3 },
                { title: 'unit', value: (row) => row.unit },
            ]),
        )
    if (conflict.length)
        lines.push(
            renderTable(terminal, 'Limits in the way', conflict, [
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
        renderTable(terminal, 'Buses', opf.bus, [
            { title: 'bus', value: (row) => row.id },
            { title: 'name', value: (row) => names.get(row.id) },
            { title: 'V p.u.', value: (row) => row.vmPu, decimals: 5, tone: (row) => (row.energised ? undefined : 'dim') },
            { title: 'angle °', value: (row) => row.vaDeg, decimals: 4 },
            { title: 'price per MWh', value: (row) => row.lmpPerMwh, decimals: 4 },
            { title: 'price per Mvarh', value: (row) => (opf.method === 'ac' ? row.lmpPerMvarh : null), decimals: 4 },
        ]),
        renderTable(terminal, 'Generators', opf.generator, [
            { title: 'generator', value: (row) => row.index },
            { title: 'bus', value: (row) => row.bus },
            { title: 'P MW', value: (row) => row.pMw, decimals: 3 },
            { title: 'Q Mvar', value: (row) => row.qMvar, decimals: 3 },
            { title: 'cost per h', value: (row) => row.costPerH, decimals: 2 },
            { title: 'state', value: (row) => (row.inService ? '' : 'off') },
        ]),
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
