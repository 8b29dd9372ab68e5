/** `gridverse vpp claims`: what is claimed of virtual power plants, tried on one of them and over the ranges it reaches. */
import { writeFile } from 'node:fs/promises'
import {
    type Claim,
    type ClaimId,
    type ClaimRegion,
    claimIds,
    NoSchedule,
    type ParameterName,
    parameterNames,
    type VolumeLimit,
} from '@gridverse/plan'
import { type ClaimsReport, claimRows, reportClaims } from '@gridverse/vpp'
import { exit, Misuse } from '../failure.ts'
import { checkOutFile } from '../out-file.ts'
import { formatNumber, renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { readVpp, type SolveOptions, tellNoSchedule, withSolver } from './vpp.ts'

export interface VppClaimsOptions extends SolveOptions {
    /** weights of risk compared, ascending */
    readonly betas: readonly number[]
    readonly only?: readonly string[]
    /** `name=value`: the plant changed before anything is tried */
    readonly set?: readonly string[]
    /** every parameter over its own range */
    readonly reach?: boolean
    /** `name=value,value`: values tried by parameter */
    readonly sweep?: readonly string[]
    /** every figure as a row */
    readonly csv?: string
}

const claimNames: Readonly<Record<ClaimId, string>> = {
    'a-buyer': 'buys in dark periods of high load',
    'a-seller': 'sells in sunny periods',
    b1: 'with little sun, turbines give no less than with much',
    b2: 'with little sun, batteries give no less by day',
    b3: 'with little sun, no less load is reduced',
    'b3-coordinated': 'with little sun, coordination needs no more load reduced than frozen devices',
    c: 'traded volumes are equal in every scenario',
    d1: 'ignoring uncertainty looks cheaper the day before',
    d2: '… yet costs more in all',
    d3: '… because the day itself costs more',
    e: 'more weight on risk: CVaR falls, expected cost rises',
    '2d': 'sun and wind together are used more and leave less open than apart',
    '2e': 'generation costs less together than each by itself',
    '2f': "the system's thermal plants give less, and nothing while sun or wind is spilt",
    '2k': 'coordination keeps the uncertainty of the sun from the exchange, and hosts more of it',
    '2n': 'less sun than forecast: intraday and total cost rise',
    '3d': 'no more is curtailed than with the plan for the forecast',
}

export async function runVppClaims(file: string, options: VppClaimsOptions, terminal: Terminal): Promise<number> {
    const only = options.only?.map(claimOf)
    const set = settings('--set', options.set)
    const sweep = settings('--sweep', options.sweep)
    for (const [name, values] of Object.entries(set)) if (values.length !== 1) throw new Misuse(`--set ${name}: it must be one number.`)
    if (options.csv) checkOutFile(options.csv, [file])
    const vpp = await readVpp(file, terminal)
    return withSolver(terminal, 1, async ({ solver, signal, tell, stopped }) => {
        let report: ClaimsReport
        try {
            report = await reportClaims(
                vpp,
                {
                    betas: options.betas,
                    change: Object.fromEntries(Object.entries(set).map(([name, [value]]) => [name, value!])),
                    ...(only ? { only } : {}),
                    // without a wish nothing but the plant itself is tried
                    ...(options.reach && options.sweep === undefined ? {} : { sweeps: sweep }),
                },
                solver,
                {
                    signal,
                    ...(options.gap === undefined ? {} : { gap: options.gap }),
                    ...(options.timeLimit === undefined ? {} : { timeLimitS: options.timeLimit }),
                    onProgress: (share, what) => tell(`${formatNumber(100 * share, 0)} % · ${what}`),
                },
            )
        } catch (error) {
            if (!(error instanceof NoSchedule)) throw error
            return tellNoSchedule(vpp, error, options, terminal, stopped())
        }
        const { header, rows } = claimRows(report)
        if (options.csv) await writeFile(options.csv, `${[header, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`)
        if (options.json) terminal.out(`${JSON.stringify(report)}\n`)
        else terminal.out(describe(report, terminal))
        return exit.done
    })
}

function claimOf(id: string): ClaimId {
    const found = claimIds.find((known) => known === id)
    if (!found) throw new Misuse(`--only: "${id}" is none of ${claimIds.join(', ')}.`)
    return found
}

/** `name=1,2` as numbers by parameter. */
function settings(option: string, words: readonly string[] = []): Partial<Record<ParameterName, number[]>> {
    return Object.fromEntries(
        words.map((word) => {
            const [name = '', list = ''] = word.split('=')
            if (!parameterNames.some((known) => known === name))
                throw new Misuse(`${option}: "${name}" is none of ${parameterNames.join(', ')}.`)
            const values = list.split(',').map(Number)
            if (list.trim() === '' || values.some((x) => !(x >= 0 && x <= 100)))
                throw new Misuse(`${option} ${name}: it must be numbers from 0 to 100 with commas between them.`)
            return [name, values]
        }),
    )
}

const cell = (value: string | number | null) =>
    value === null ? '' : typeof value === 'number' ? String(value) : /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value

function describe({ plant, claims, regions, volumeLimit }: ClaimsReport, terminal: Terminal): string {
    const figures = ({ figures, words = {} }: Pick<Claim, 'figures' | 'words'>) =>
        [
            ...Object.entries(figures).map(([name, x]) => `${name}: ${formatNumber(x, 2)}`),
            ...Object.entries(words).map(([name, word]) => `${name}: ${word}`),
        ].join(' · ')
    return [
        renderTable(terminal, `${plant}: what is claimed, and what was found`, claims, [
            { title: 'claim', value: (c) => c.id },
            { title: 'says', value: (c) => claimNames[c.id] },
            {
                title: 'holds',
                value: (c) => (c.empty ? 'nothing to try' : c.holds ? 'yes' : 'no'),
                tone: (c) => (c.holds ? undefined : 'yellow'),
            },
            { title: 'for', value: (c) => (c.theorem ? 'every plant' : 'this plant') },
            { title: 'figures', value: figures },
        ]),
        regions.length === 0
            ? ''
            : renderTable(terminal, 'How far they reach (the plant as it is: own)', regions, [
                  { title: 'claim', value: (r) => r.claim },
                  { title: 'parameter', value: (r) => `${r.parameter}${r.unit ? ` ${r.unit}` : ''}` },
                  { title: 'own', value: (r) => r.own, decimals: 2 },
                  { title: 'holds', value: holdsIn },
                  { title: 'ends', value: endsAt, tone: (r) => (endsAt(r) === 'nowhere tried' ? undefined : 'yellow') },
                  {
                      title: 'tried',
                      value: (r) => r.points.map((p) => `${p.value}${p.holds === undefined ? '?' : p.holds ? '+' : '-'}`).join(' '),
                  },
              ]),
        volumeLimit ? describeLimit(volumeLimit, terminal) : '',
    ].join('')
}

const holdsIn = ({ from, to }: ClaimRegion) => (from === undefined ? 'not for this plant' : `${from} … ${to}`)
function endsAt({ from, to, endsBelow, endsAbove }: ClaimRegion): string {
    const ends = [
        ...(endsBelow === undefined ? [] : [`between ${endsBelow} and ${from}`]),
        ...(endsAbove === undefined ? [] : [`between ${to} and ${endsAbove}`]),
    ]
    return ends.length > 0 ? ends.join(', ') : from === undefined ? '' : 'nowhere tried'
}

const describeLimit = ({ points }: VolumeLimit, terminal: Terminal) =>
    renderTable(terminal, 'Equal traded volumes: the largest spread of the sun that flexibility covers', points, [
        { title: 'times the flexibility', value: (p) => p.flexibility, decimals: 2 },
        { title: 'flexibility kW', value: (p) => p.flexibilityKw, decimals: 0 },
        { title: 'times the spread', value: (p) => p.spread, decimals: 2 },
        { title: 'spread kW', value: (p) => p.spreadKw, decimals: 0 },
        { title: 'not covered at', value: (p) => (p.notCovered === undefined ? 'all tried are covered' : formatNumber(p.notCovered, 2)) },
    ])
