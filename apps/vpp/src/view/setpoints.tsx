/** What a unit is told, step by step: before, by the rules or by the plan that is applied, and after, by this plan. */
import { Select } from '@mantine/core'
import { useState } from 'react'
import type { VppDayCard } from '../fleet-types.ts'
import type { DayReport } from '../report.ts'
import type { UnitReport, UnitsReport } from '../unit-report.ts'
import { courseTable, dayAxis, rangeWithZero, steps } from './frame.ts'
import { usePlan, usePlans } from './plans.ts'
import { type Shell, useShell } from './shell.ts'
import { StepTable } from './step-table.tsx'

export const unitName = ({ t }: Shell, { name, kind, carrier }: Pick<UnitReport, 'name' | 'kind' | 'carrier'>) =>
    `${name} · ${t(`vpp.unitKind.${kind}`)}${carrier === 'electricity' ? '' : ` (${t(`vpp.carrier.${carrier}`)})`}`

export function Setpoints({ plan, day, units, unit }: { plan: string; day: DayReport; units: UnitsReport['units']; unit: string }) {
    const shell = useShell()
    const { t, number, go, Plot, Legend } = shell
    const [scenario, setScenario] = useState('mean')
    const [beside, setBeside] = useState('rules')
    const applied = useApplied(plan)
    const chosen = units.find((u) => u.id === unit) ?? units[0]
    if (!chosen) return null
    const before = beside === 'applied' ? applied?.find((u) => u.id === chosen.id && u.name === chosen.name)?.after.mean : chosen.before
    const one = scenario === 'mean' ? undefined : chosen.days?.[Number(scenario)]
    const after = one ?? chosen.after.mean
    const afterName = one ? t('vpp.setpoint.afterOne') : t('vpp.setpoint.afterMean')
    const beforeName = t(beside === 'applied' ? 'vpp.setpoint.applied' : 'vpp.setpoint.rules')
    const columns: [string, readonly number[]][] = [
        ...(before ? [[`${t('vpp.setpoint.before')}: ${beforeName} [kW]`, before] as [string, readonly number[]]] : []),
        [`${t('vpp.setpoint.after')}: ${afterName} [kW]`, after],
        ...(one
            ? []
            : ([
                  [`${t('vpp.fan.low')} [kW]`, chosen.after.low],
                  [`${t('vpp.fan.high')} [kW]`, chosen.after.high],
              ] as [string, readonly number[]][])),
        ...(before
            ? [[`${t('vpp.setpoint.change')} [kW]`, after.map((power, p) => power - before[p]!)] as [string, readonly number[]]]
            : []),
    ]
    const table = courseTable(day, t('vpp.hour'), columns)
    const band = (values: readonly number[], area: { x: (v: number) => number; y: (v: number) => number }) =>
        values.map((v, p) => `${area.x(p)},${area.y(v)} ${area.x(p + 1)},${area.y(v)}`)
    return (
        <section className="vpp-setpoints" data-testid="plan-setpoints">
            <h3>{t('vpp.setpoints')}</h3>
            <p className="dim">{t('vpp.setpoints.about')}</p>
            <div className="vpp-pick">
                <Select
                    label={t('vpp.setpoint.unit')}
                    data={units.map((u) => ({ value: u.id, label: unitName(shell, u) }))}
                    value={chosen.id}
                    onChange={(id) => id && go(`plan/${plan}/unit/${id}`)}
                    allowDeselect={false}
                    searchable
                    data-testid="setpoint-unit"
                />
                {chosen.days && day.scenarios.length > 1 && (
                    <Select
                        label={t('vpp.scenario')}
                        data={[
                            { value: 'mean', label: t('vpp.meanDay', { count: day.scenarios.length }) },
                            ...day.scenarios.map((s, k) => ({
                                value: String(k),
                                label: `${t('vpp.sunOf', { sun: number(s.sunKwh, 0) })} · ${number(100 * s.probability, 0)} %`,
                            })),
                        ]}
                        value={scenario}
                        onChange={(value) => setScenario(value ?? 'mean')}
                        allowDeselect={false}
                    />
                )}
                <Select
                    label={t('vpp.setpoint.before')}
                    data={[
                        { value: 'rules', label: t('vpp.setpoint.rules') },
                        { value: 'applied', label: t('vpp.setpoint.applied'), disabled: !applied },
                    ]}
                    value={beside}
                    onChange={(value) => setBeside(value ?? 'rules')}
                    allowDeselect={false}
                />
            </div>
            <Plot
                {...dayAxis(day, shell)}
                title={`${t('vpp.setpoints')}: ${unitName(shell, chosen)}`}
                yRange={rangeWithZero([...after, ...(before ?? []), ...(one ? [] : [...chosen.after.low, ...chosen.after.high])])}
                yLabel="kW"
                yText={(v) => number(v, 0)}
                testId="chart-setpoints"
                table={table}
            >
                {(area) => (
                    <>
                        {!one && (
                            <polygon
                                className="part-other fan"
                                points={[...band(chosen.after.high, area), ...band(chosen.after.low, area).reverse().map(turned)].join(' ')}
                            />
                        )}
                        {before && <path className="line-before" d={steps(before, area.x, area.y)} />}
                        <path className="line-other" d={steps(after, area.x, area.y)} />
                    </>
                )}
            </Plot>
            <Legend
                items={[
                    ...(before ? [{ name: `${t('vpp.setpoint.before')}: ${beforeName}`, className: 'key-before' }] : []),
                    { name: `${t('vpp.setpoint.after')}: ${afterName}`, className: 'part-other' },
                    ...(one ? [] : [{ name: t('vpp.setpoint.range'), className: 'part-other fan' }]),
                ]}
            />
            <StepTable name={t('vpp.setpoint.table')} table={table()} text={(v) => number(v, 1)} testId="setpoint-table" />
        </section>
    )
}

/** The two corners of a step, the other way round. */
const turned = (corners: string) => corners.split(' ').reverse().join(' ')

/** The units of the plan the day is run by, where it is another than the one looked at. */
function useApplied(plan: string): UnitsReport['units'] | undefined {
    const { useGet } = useShell()
    const day = useGet<VppDayCard>('/vpp/day')
    const plans = usePlans()
    const study = day.state === 'ready' && day.data.appliedBy !== undefined ? day.data.study : undefined
    const card = plans.state === 'ready' && study !== plan ? plans.data.find((c) => c.id === study) : undefined
    const answer = usePlan(card)
    return answer.state === 'ready' && answer.data.outcome?.kind === 'report' ? answer.data.outcome.report.operation?.units : undefined
}
