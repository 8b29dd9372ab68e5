/** What each unit of a schedule is told, step by step, and whether every balance is kept. */
import { rulePlan, type Solution, unitCourses, type Vpp } from '@gridverse/plan'
import { reportUnits, type UnitReport, type UnitsReport } from '@gridverse/vpp'
import { Misuse } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** Units as JSON tells them: the plan's days one by one are in the whole schedule (`--solution`). */
export function unitsToJson(vpp: Vpp, solution: Solution) {
    const { units, balance, bound } = reportUnits(vpp, vpp.scenarios, solution)
    return { units: units.map(({ days: _, ...unit }) => unit), balance: { bound, carriers: balance } }
}

/** Refuses a unit the plant has not, before anything is solved. */
export function checkUnit(vpp: Vpp, wanted: string | undefined): void {
    if (wanted === undefined || wanted === 'all') return
    const units = unitCourses(vpp, rulePlan(vpp).dispatch)
    if (units.some((u) => u.name === wanted || u.id === wanted)) return
    throw new Misuse(`--unit ${wanted}: there is none of that name. There are ${[...new Set(units.map((u) => `"${u.name}"`))].join(', ')}.`)
}

const tells = ({ name, kind, carrier }: UnitReport) => `${name} (${kind}${carrier === 'electricity' ? '' : `, ${carrier}`})`

/** One line a unit, or every step of those whose name or id is `wanted`; then the balances. */
export function describeUnits(vpp: Vpp, solution: Solution, terminal: Terminal, wanted: string | undefined, allSteps: boolean): string {
    const report = reportUnits(vpp, vpp.scenarios, solution)
    const clock = (t: number) => {
        const minutes = Math.round(t * vpp.dtH * 60)
        return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
    }
    const times = Array.from({ length: vpp.periods }, (_, t) => t)
    const energy = (power: readonly number[]) => vpp.dtH * power.reduce((sum, p) => sum + p, 0)
    if (wanted === undefined)
        return (
            renderTable(terminal, 'Setpoints (positive: gives; by rules before, by this plan after)', report.units, [
                { title: 'unit', value: tells },
                { title: 'before kWh', value: (u) => energy(u.before), decimals: 1 },
                { title: 'after kWh', value: (u) => energy(u.after.mean), decimals: 1 },
                { title: 'least kW', value: (u) => Math.min(...u.after.low), decimals: 1 },
                { title: 'most kW', value: (u) => Math.max(...u.after.high), decimals: 1 },
            ]) + describeBalance(report, clock, terminal, allSteps)
        )
    const chosen = report.units.filter((u) => wanted === 'all' || u.name === wanted || u.id === wanted)
    return (
        chosen
            .map((u) =>
                renderTable(terminal, `Setpoints of ${tells(u)}, kW`, times, [
                    { title: 'from', value: clock },
                    { title: 'before', value: (t) => u.before[t]!, decimals: 1 },
                    { title: 'after', value: (t) => u.after.mean[t]!, decimals: 1 },
                    { title: 'least', value: (t) => u.after.low[t]!, decimals: 1 },
                    { title: 'most', value: (t) => u.after.high[t]!, decimals: 1 },
                    { title: 'change', value: (t) => u.after.mean[t]! - u.before[t]!, decimals: 1 },
                ]),
            )
            .join('') + describeBalance(report, clock, terminal, allSteps)
    )
}

function describeBalance({ balance, bound }: UnitsReport, clock: (t: number) => string, terminal: Terminal, allSteps: boolean): string {
    const kept = balance.every((b) => b.kept)
    const largest = balance.map((b) => `${b.carrier} ${b.largestPu.toExponential(1)}`).join(', ')
    const line = `\nBalance ${kept ? 'kept' : 'MISSED'} in every step: largest residual ${largest} pu of load (allowed ${formatNumber(1e6 * bound, 0)}e-6), recomputed without the optimiser\n`
    if (!allSteps) return line
    return (
        line +
        renderTable(
            terminal,
            'Residuals, pu of load',
            Array.from({ length: balance[0]?.pu.length ?? 0 }, (_, t) => t),
            [
                { title: 'from', value: clock },
                ...balance.map((b) => ({ title: b.carrier, value: (t: number) => b.pu[t]!.toExponential(1) })),
            ],
        )
    )
}
