/** Whether what is given is what is taken: the residual of every step, on each carrier, under the bound it must keep. */
import type { DayReport } from '../report.ts'
import type { UnitsReport } from '../unit-report.ts'
import { clockOf, courseTable, dayAxis, scientific } from './frame.ts'
import { useShell } from './shell.ts'
import { StepTable } from './step-table.tsx'

/** below this a residual is the rounding of the numbers themselves, and is drawn at the foot */
const least = 1e-18

export function BalanceStrip({ day, operation: { balance, bound } }: { day: DayReport; operation: UnitsReport }) {
    const shell = useShell()
    const { t, Plot, Legend } = shell
    const kept = balance.every((b) => b.kept)
    const table = courseTable(
        day,
        t('vpp.hour'),
        balance.flatMap((b): [string, readonly number[]][] => [
            [`${t(`vpp.carrier.${b.carrier}`)} [kW]`, b.kw],
            [`${t(`vpp.carrier.${b.carrier}`)} [${t('vpp.balance.pu')}]`, b.pu],
        ]),
    )
    const level = (pu: number) => Math.log10(Math.max(least, pu))
    const shown = (pu: number) => (pu < least ? '0' : scientific(pu))
    return (
        <section className="vpp-balance-steps" data-testid="plan-balance" data-kept={kept}>
            <h3>{t('vpp.balance')}</h3>
            <p>
                <b className={kept ? 'vpp-verdict' : 'vpp-verdict beyond-1'}>
                    {kept ? `✓ ${t('vpp.balance.kept')}` : `▲ ${t('vpp.balance.missed')}`}
                </b>{' '}
                {balance.map((b) => `${t(`vpp.carrier.${b.carrier}`)} ${shown(b.largestPu)}`).join(' · ')} {t('vpp.balance.pu')}
                {'; '}
                {t('vpp.balance.about', { bound: scientific(bound) })}
            </p>
            <Plot
                {...dayAxis(day, shell)}
                title={t('vpp.balance.chart')}
                yRange={[-18.5, Math.max(-4, ...balance.map((b) => level(b.largestPu) + 1))]}
                yLabel={t('vpp.balance.pu')}
                yText={(v) => (Number.isInteger(v) ? scientific(10 ** v) : '')}
                height={170}
                testId="chart-balance"
                table={table}
            >
                {(area) => (
                    <>
                        <line className="plot-limit" x1={area.left} x2={area.right} y1={area.y(level(bound))} y2={area.y(level(bound))} />
                        <text className="plot-tick" x={area.right} y={area.y(level(bound)) - 4} textAnchor="end">
                            {t('vpp.balance.bound', { bound: scientific(bound) })}
                        </text>
                        {balance.map(({ carrier, pu, kw }, k) =>
                            pu.map((v, p) => (
                                <circle
                                    key={`${carrier}${p}`}
                                    className={`dot-${carrier}`}
                                    cx={area.x(p + 0.25 + 0.25 * k)}
                                    cy={area.y(level(v))}
                                    r={2.6}
                                >
                                    <title>{`${clockOf(day, p)} · ${t(`vpp.carrier.${carrier}`)}: ${scientific(v)} ${t('vpp.balance.pu')}, ${scientific(kw[p]!)} kW`}</title>
                                </circle>
                            )),
                        )}
                    </>
                )}
            </Plot>
            <Legend items={balance.map(({ carrier }) => ({ name: t(`vpp.carrier.${carrier}`), className: `dot-${carrier}` }))} />
            <StepTable name={t('vpp.balance.table')} table={table()} text={scientific} testId="balance-table" />
        </section>
    )
}
