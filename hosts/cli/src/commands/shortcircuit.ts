/** `gridverse shortcircuit CASE --bus ID`: currents of one fault after IEC 60909, as one JSON value or as tables. */
import { type Network, parseShortCircuitData, type ShortCircuit, type ShortCircuitData, solveShortCircuit } from '@gridverse/grid'
import { readCase, readText } from '../case-file.ts'
import { BadInput, exit } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface ShortCircuitCommandOptions {
    readonly bus: number
    readonly fault: '3ph' | '2ph' | '1ph'
    readonly current: 'max' | 'min'
    readonly data?: string
    readonly json?: boolean
    readonly summary?: boolean
}

export async function runShortCircuit(file: string, options: ShortCircuitCommandOptions, terminal: Terminal): Promise<number> {
    const { network } = await readCase(file, terminal)
    const { bus, fault, current, json, summary } = options
    const data = options.data === undefined ? {} : await readData(options.data, network, terminal)
    if (!network.bus.some((row) => row.id === bus))
        throw new BadInput(file, [{ code: 'missing-bus', path: '--bus', message: `the case has no bus ${bus}` }])
    const found = solveShortCircuit(network, { bus, fault, current, data })
    if (json) terminal.out(`${JSON.stringify(toJson(found))}\n`)
    else terminal.out(describe(network, found, terminal, summary === true))
    return found.status === 'solved' ? exit.done : exit.noSolution
}

async function readData(file: string, network: Network, terminal: Terminal): Promise<ShortCircuitData> {
    const { data, issues } = parseShortCircuitData(await readText(file, terminal), network)
    if (issues.length) throw new BadInput(file, issues)
    return data
}

function toJson({ branch, source, ...rest }: ShortCircuit) {
    return { ...rest, branches: branch, sources: source }
}

const kinds = { '3ph': 'three-phase', '2ph': 'line-line', '1ph': 'line-earth' } as const

function describe(network: Network, s: ShortCircuit, terminal: Terminal, summary: boolean): string {
    const title = `${network.name || 'case'}: ${kinds[s.fault]} short circuit at bus ${s.bus}, ${s.current === 'max' ? 'greatest' : 'least'} currents`
    const notes = s.notes.map((note) => `${paint(terminal, 'yellow', 'note')}: ${note}\n`).join('')
    if (s.status === 'isolated') {
        const why = s.fault === '1ph' && Number.isFinite(s.r1Ohm) ? 'no path to earth leads there' : 'no source feeds the bus'
        return `${title}: ${paint(terminal, 'red', 'no current')}, ${why}\n${notes}`
    }
    const power = Number.isFinite(s.skMva) ? [`Sk″ ${formatNumber(s.skMva, 1)} MVA`] : []
    const figures = Number.isFinite(s.ikKa)
        ? [
              `Ik″ ${formatNumber(s.ikKa, 3)} kA`,
              `ip ${formatNumber(s.ipKa, 3)} kA`,
              `Ib ${formatNumber(s.ibKa, 3)} kA`,
              `Ith ${formatNumber(s.ithKa, 3)} kA`,
              ...power,
              `Z1 ${formatNumber(s.r1Ohm, 4)} + j${formatNumber(s.x1Ohm, 4)} Ω`,
          ]
        : [`Ik″ ${formatNumber(s.ikPu, 4)} p.u.`, `ip/Ik″ ${formatNumber(s.kappa * Math.SQRT2, 3)}`, ...power]
    const head = `${title}\n${figures.join(' · ')}\n${notes}`
    if (summary || s.fault !== '3ph' || !Number.isFinite(s.ikKa)) return head
    const carrying = s.branch.filter((row) => Math.max(row.iFromKa, row.iToKa) > 5e-4)
    return [
        head,
        renderTable(terminal, 'Sources', s.source, [
            { title: 'source', value: (row) => `${row.kind} ${row.id}` },
            { title: 'bus', value: (row) => row.bus },
            { title: 'Ik″ kA', value: (row) => row.iKa, decimals: 3 },
            { title: 'left at breaking', value: (row) => row.decay, decimals: 3 },
        ]),
        ...(carrying.length
            ? [
                  renderTable(terminal, 'Branches', carrying, [
                      { title: 'branch', value: (row) => row.index },
                      { title: 'from', value: (row) => row.fromBus },
                      { title: 'to', value: (row) => row.toBus },
                      { title: 'Ik″ from kA', value: (row) => row.iFromKa, decimals: 3 },
                      { title: 'Ik″ to kA', value: (row) => row.iToKa, decimals: 3 },
                  ]),
              ]
            : []),
    ].join('')
}
