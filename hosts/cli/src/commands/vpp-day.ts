/** `gridverse vpp day`: one day of a virtual power plant decided, run, entered in the ledger and settled, beside its baselines. */

import type { Vpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { type DayOfAll, type DayPolicy, dayPolicies, type Fault, runDate } from '@gridverse/vpp'
import { exit, Misuse } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'
import { describeService } from './vpp-service-table.ts'
import { readYearInstance, type VppDrawOptions } from './vpp-year.ts'

export interface VppDayOptions extends VppDrawOptions {
    readonly date: string
    /** `DEVICE@FROM-TO` or `DEVICE@FROM-TO=SHARE`, periods */
    readonly fault?: readonly string[]
    /** `FROM-TO` */
    readonly silence?: readonly string[]
}

export async function runVppDay(file: string | undefined, options: VppDayOptions, terminal: Terminal): Promise<number> {
    const { vpp, settings } = await readYearInstance(file, options, terminal)
    const faults = (options.fault ?? []).map((text) => faultOf(vpp, text))
    const silence = (options.silence ?? []).flatMap((text) => {
        const [from, to] = periodsOf(vpp, text, '--silence')
        return Array.from({ length: to - from }, (_, k) => from + k)
    })
    const solver = createHighsSolver()
    try {
        if (terminal.interactive) terminal.err('deciding and running the day …')
        const found = await runDate(vpp, settings, options.date, solver, { faults, silence })
        if (terminal.interactive) terminal.err('\r\u001b[K')
        if (options.json) terminal.out(`${JSON.stringify(toJson(found, options.date, settings.seed))}\n`)
        else terminal.out(describe(found, options.date, faults.length + silence.length > 0, terminal))
        return found.decided.decided ? exit.done : exit.noSolution
    } finally {
        await solver.close()
    }
}

function periodsOf(vpp: Vpp, text: string, option: string): [number, number] {
    const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? []
    if (from === undefined || Number(to) <= Number(from) || Number(to) > vpp.periods)
        throw new Misuse(`${option} ${text}: periods are FROM-TO, from 0, to ${vpp.periods} at most and not with it`)
    return [Number(from), Number(to)]
}

function faultOf(vpp: Vpp, text: string): Fault {
    const [, device, periods, share] = /^(.+)@(\d+-\d+)(?:=(0?\.\d+|0|1))?$/.exec(text) ?? []
    if (device === undefined || periods === undefined)
        throw new Misuse(`--fault ${text}: a fault is DEVICE@FROM-TO, or DEVICE@FROM-TO=SHARE with the share of its power it keeps`)
    const { heat, cold } = vpp
    const groups = [vpp.pv, vpp.wind, vpp.gasTurbines, vpp.batteries, vpp.curtailable, vpp.evs, vpp.airConditioners, vpp.waterHeaters]
    const names = [...groups, heat.boilers, heat.electricBoilers, heat.tanks, cold.chillers, cold.absorption, cold.ice].flatMap(
        (units: readonly { readonly name: string }[]) => units.map(({ name }) => name),
    )
    if (!names.includes(device)) throw new Misuse(`--fault ${text}: there is no device ${device}; there are ${names.join(', ')}`)
    const [from, to] = periodsOf(vpp, periods, '--fault')
    return { device, from, to, ...(share === undefined ? {} : { share: Number(share) }) }
}

function toJson({ plant, decided, days }: DayOfAll, date: string, seed: number) {
    const { rolling } = days
    const { ledger, dispatch, firstStage } = rolling
    const short = (policy: DayPolicy) => {
        const { costs, figures, violations, service } = days[policy]
        return { costs, ...figures, violations: violations.length, service }
    }
    return {
        date,
        seed,
        currency: plant.currency,
        plan: { expectedCost: decided.expectedCost, cvar: decided.cvar, firstStage: decided.plan.firstStage, decided: decided.decided },
        realised: { ...short('rolling'), violations: rolling.violations, u: firstStage.u },
        baselines: { deterministic: short('deterministic'), ruleBased: short('ruleBased') },
        steps: rolling.steps,
        ledger: { total: ledger.total, undisturbed: ledger.undisturbed, entries: ledger.entries, answers: ledger.answers },
        settlement: ledger.realised,
        dispatch,
    }
}

const names: Readonly<Record<DayPolicy, string>> = {
    rolling: 'decided under risk, anew every period',
    deterministic: 'planned for the forecast, kept',
    ruleBased: 'by rules',
}

function describe({ plant, decided, days }: DayOfAll, date: string, hurt: boolean, terminal: Terminal): string {
    const { ledger, violations, steps } = days.rolling
    const { realised: statement } = ledger
    const c = plant.currency
    const money = (coins: number) => coins / statement.minor
    const held = steps.filter(({ status }) => status !== 'optimal').length
    const head = [
        `${plant.name} on ${date}: ${formatNumber(money(statement.total), 2)} ${c}`,
        `expected ${formatNumber(decided.expectedCost, 2)} ${c}`,
        `${formatNumber(money(ledger.total), 2)} ${c} above the plan on its forecast`,
        violations.length === 0
            ? paint(terminal, 'green', 'every promise kept')
            : paint(terminal, 'red', `${violations.length} promises broken: ${violations[0]!.what}`),
        ...(held ? [paint(terminal, 'yellow', `${held} periods relaxed or on safe setpoints`)] : []),
    ]
    const sources = [...new Set(ledger.entries.map((e) => e.source))].map((source) => {
        const among = ledger.entries.filter((e) => e.source === source)
        const sum = (of: (e: (typeof among)[number]) => number) => among.reduce((total, e) => total + of(e), 0)
        return {
            source,
            less: sum((e) => Math.min(0, e.volumeWh)) / 1000,
            more: sum((e) => Math.max(0, e.volumeWh)) / 1000,
            imbalance: money(sum((e) => e.imbalance)),
            answers: money(sum((e) => e.answers)),
            amount: money(sum((e) => e.amount)),
        }
    })
    return [
        `${head.join(' · ')}\n`,
        renderTable(terminal, `Policies on the same day${hurt ? ', faults and silence in the first alone' : ''}`, dayPolicies, [
            { title: 'policy', value: (p) => names[p] },
            { title: `cost ${c}`, value: (p) => money(days[p].ledger.realised.total), decimals: 2 },
            { title: 'curtailed kWh', value: (p) => days[p].figures.curtailedKwh, decimals: 0 },
            { title: 'imbalance kWh', value: (p) => days[p].figures.imbalanceKwh, decimals: 0 },
            { title: 'CO₂ kg', value: (p) => days[p].figures.co2Kg, decimals: 0 },
        ]),
        describeService(
            'What people got',
            dayPolicies,
            (p) => names[p],
            (p) => days[p].service,
            terminal,
        ),
        renderTable(terminal, 'Deviations', sources, [
            { title: 'source', value: (s) => s.source },
            { title: 'less kWh', value: (s) => s.less, decimals: 1 },
            { title: 'more kWh', value: (s) => s.more, decimals: 1 },
            { title: `imbalance ${c}`, value: (s) => s.imbalance, decimals: 2 },
            { title: `answers ${c}`, value: (s) => s.answers, decimals: 2 },
            { title: `in all ${c}`, value: (s) => s.amount, decimals: 2 },
        ]),
        renderTable(terminal, `Statement, ${c}`, statement.lines, [
            { title: 'for', value: (l) => l.component },
            { title: 'resource', value: (l) => l.resource },
            { title: 'amount', value: (l) => money(l.amount), decimals: 2 },
        ]),
        `  total ${formatNumber(money(statement.total), 2)} ${c}\n`,
    ].join('')
}
