/** `gridverse factors CASE`: distribution factors for the reference bus, as JSON or as the strongest of them. */
import { createFactorSolver, type FactorSolver, type Network } from '@gridverse/grid'
import { readCase } from '../case-file.ts'
import { exit } from '../failure.ts'
import { createProgress } from '../progress.ts'
import { renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface FactorsOptions {
    readonly json?: boolean
    readonly summary?: boolean
}

const shownPairs = 20

export async function runFactors(file: string, options: FactorsOptions, terminal: Terminal): Promise<number> {
    const { network } = await readCase(file, terminal)
    const factors = createFactorSolver(network)
    if (factors.status !== 'solved') {
        const { status, worstBranch, worstTransformer3 } = factors
        const message =
            worstTransformer3 !== undefined
                ? `a winding of transformer ${worstTransformer3} has no reactance, so that its DC flow is not determined`
                : worstBranch === undefined
                  ? 'the reactances of some ring cancel, so that no DC flow is determined'
                  : `branch ${worstBranch} (${network.branch[worstBranch]!.id}) has no reactance, so that its DC flow is not determined`
        if (options.json) terminal.out(`${JSON.stringify({ status, worstBranch, worstTransformer3, message, ptdf: [], lodf: [] })}\n`)
        else terminal.out(`${network.name}: ${paint(terminal, 'red', status)}: ${message}\n`)
        return exit.noSolution
    }
    if (options.json) writeJson(network, factors, terminal)
    else terminal.out(describe(network, factors, terminal, options.summary === true))
    return exit.done
}

/** Row by row, since the text of a large case is longer than a string can be; NaN is null. */
function writeJson(network: Network, factors: FactorSolver, terminal: Terminal): void {
    const ptdf = new Float64Array(network.bus.length)
    const lodf = new Float64Array(network.branch.length)
    const progress = createProgress(terminal, 2 * lodf.length, 'rows')
    let done = 0
    const write = (name: string, row: Float64Array, compute: (l: number) => void) => {
        terminal.out(`"${name}":[`)
        for (let l = 0; l < lodf.length; l++) {
            compute(l)
            progress.show(++done)
            terminal.out(`${l === 0 ? '' : ','}\n${JSON.stringify(Array.from(row, (x) => (x === 0 ? 0 : x)))}`)
        }
        terminal.out(']')
    }
    terminal.out(`{"referenceBuses":${JSON.stringify(factors.referenceBus)},\n`)
    write('ptdf', ptdf, (l) => factors.computePtdf(l, ptdf))
    terminal.out(',\n')
    write('lodf', lodf, (l) => factors.computeRow(l, ptdf, lodf))
    progress.end()
    terminal.out('}\n')
}

function describe(network: Network, factors: FactorSolver, terminal: Terminal, summary: boolean): string {
    const bridges = factors.bridge.reduce((count, b) => count + b, 0)
    const references = factors.referenceBus
    const head = `${network.name || 'case'}: reference bus${references.length === 1 ? '' : 'es'} ${references.join(', ')} · ${network.branch.length} branches, ${bridges} of them bridges without outage factors\n`
    if (summary) return head
    const pairs: { out: number; on: number; factor: number }[] = []
    const column = new Float64Array(network.branch.length)
    const progress = createProgress(terminal, column.length, 'outages')
    for (let k = 0; k < column.length; k++) {
        progress.show(k)
        if (!factors.computeOutage(k, column)) continue
        let on = -1
        for (let l = 0; l < column.length; l++) if (l !== k && (on < 0 || Math.abs(column[l]!) > Math.abs(column[on]!))) on = l
        if (on >= 0) pairs.push({ out: k, on, factor: column[on]! })
    }
    progress.end()
    pairs.sort((a, b) => Math.abs(b.factor) - Math.abs(a.factor) || a.out - b.out)
    const ends = (k: number) => `${network.branch[k]!.fromBus}–${network.branch[k]!.toBus}`
    return (
        head +
        renderTable(terminal, 'Strongest outage factors (all of them with --json)', pairs.slice(0, shownPairs), [
            { title: 'branch out', value: (row) => row.out },
            { title: 'between', value: (row) => ends(row.out) },
            { title: 'loads branch', value: (row) => row.on },
            { title: 'between', value: (row) => ends(row.on) },
            { title: 'MW per MW', value: (row) => row.factor, decimals: 4 },
        ])
    )
}
