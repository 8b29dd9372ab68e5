/** What the plant learns of its days: models in use and waiting, how they were judged, and a step back by one click. */
import type { MeasuredDay } from '@gridverse/study'
import { Button } from '@mantine/core'
import type { DaysAnswer, ForecastFan, LearningCurve, ModelEntry, ModelKind, ModelsAnswer, NotLearnt } from '../learning-types.ts'
import { dayAxis, rangeWithZero } from './frame.ts'
import { part, type Shell, useShell } from './shell.ts'

export function LearningTab() {
    const { t, useGet, Loading, Failed } = useShell()
    const models = useGet<ModelsAnswer>('/studies/vpp/models', { everyMs: 3000 })
    const days = useGet<DaysAnswer>('/studies/vpp/days', { everyMs: 30_000 })
    if (models.state === 'loading') return <Loading />
    if (models.state === 'failed') return <Failed failure={models.failure} retry={models.reload} />
    return (
        <div className="vpp-learning" data-testid="vpp-learning">
            <Learn answer={models.data} days={days.state === 'ready' ? days.data.days : []} reload={models.reload} />
            <Models answer={models.data} reload={models.reload} />
            <div className="desk-charts">
                {models.data.curves.map((curve) => (
                    <Curve key={curve.kind} curve={curve} />
                ))}
                {models.data.fans.map((fan) => (
                    <Forecast key={fan.quantity} fan={fan} />
                ))}
            </div>
            {models.data.drift.length > 0 && (
                <section>
                    <h3>{t('vpp.learn.drift')}</h3>
                    <Drifts answer={models.data} />
                </section>
            )}
            {days.state === 'failed' ? (
                <Failed failure={days.failure} retry={days.reload} />
            ) : (
                days.state === 'ready' && <Days days={days.data.days} />
            )}
        </div>
    )
}

/** How many days there are to learn from, and the learning asked for now. */
function Learn({ answer, days, reload }: { answer: ModelsAnswer; days: readonly MeasuredDay[]; reload: () => void }) {
    const shell = useShell()
    const { t, number, dateTime, post, mayAct, useAction, FailureLine } = shell
    const { learning, report } = answer
    const learn = useAction(async () => {
        await post('/studies/vpp/learn')
        reload()
    })
    return (
        <section>
            <p>
                {days.length === 0
                    ? t('vpp.learn.noDays')
                    : t('vpp.learn.days', { count: number(days.length, 0), from: days[0]!.day, to: days.at(-1)!.day })}
            </p>
            {learning.state === 'running' ? (
                <div className="vpp-progress" role="status">
                    <progress max={1} value={learning.progress} aria-label={t('vpp.learn.running')} />
                    <span>{number(100 * learning.progress, 0)} %</span>
                    <span className="dim">{learning.message}</span>
                </div>
            ) : (
                <p className="vpp-report-foot">
                    {mayAct && (
                        <Button onClick={() => void learn.run()} loading={learn.busy} disabled={days.length === 0} data-testid="learn-now">
                            {t('vpp.learn.now')}
                        </Button>
                    )}
                    {learning.state === 'failed' && <span className="beyond-1">▲ {learning.message}</span>}
                    {learning.endedMs !== undefined && (
                        <span className="dim">{t('vpp.learn.ended', { at: dateTime(learning.endedMs) })}</span>
                    )}
                </p>
            )}
            <FailureLine failure={learn.failure} />
            {report && report.left.length > 0 && (
                <ul className="study-limits">
                    {report.left.map(({ kind, ...why }) => (
                        <li key={kind}>
                            {modelName(shell, kind)}: {notLearntText(shell, why)}
                        </li>
                    ))}
                </ul>
            )}
        </section>
    )
}

function notLearntText({ tOr, number }: Shell, { code, args = {}, reason }: NotLearnt): string {
    const shown = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, number(value, 0)]))
    return code === undefined ? reason : tOr(`vpp.learn.left.${code}`, reason, shown)
}

/** Why a model stands where it does: what was kept before there were codes, and what a person wrote, as it was written. */
function whyText({ events, comparison: c }: ModelEntry, { t, tOr, number }: Shell): string {
    const last = events.at(-1)
    if (!last?.code) return last?.reason ?? ''
    if (last.code !== 'compared' || !c) return tOr(`vpp.learn.because.${last.code}`, last.reason, { id: last.other ?? '' })
    return t('vpp.learn.because.compared', {
        loss: c.loss === 'energy score' ? t('vpp.learn.energyScore') : c.loss,
        candidate: number(c.candidate, 2),
        incumbent: number(c.incumbent, 2),
        days: number(c.days, 0),
        gain: number(100 * c.gain, 1),
        p: number(c.pValue, 3),
    })
}

export const modelName = ({ tOr }: Shell, kind: ModelKind) => tOr(`vpp.model.${kind}`, kind)

function Models({ answer: { models }, reload }: { answer: ModelsAnswer; reload: () => void }) {
    const shell = useShell()
    const { t, number, post, supervises, useAction, FailureLine, Empty } = shell
    const promote = useAction(async (id: string) => {
        await post(`/studies/vpp/models/${part(id)}/promote`)
        reload()
    })
    const back = useAction(async (kind: ModelKind) => {
        await post('/studies/vpp/models/roll-back', { kind })
        reload()
    })
    if (models.length === 0) return <Empty title={t('vpp.learn.none')}>{t('vpp.learn.noneAbout')}</Empty>
    const hasEarlier = (kind: ModelKind) => models.some((m) => m.card.kind === kind && m.state === 'retired')
    return (
        <section>
            <h3>{t('vpp.learn.models')}</h3>
            <FailureLine failure={promote.failure ?? back.failure} />
            <div className="vpp-scroll">
                <table className="plain" data-testid="vpp-models">
                    <thead>
                        <tr>
                            <th>{t('vpp.learn.model')}</th>
                            <th>{t('vpp.learn.state')}</th>
                            <th>{t('vpp.learn.trained')}</th>
                            <th className="is-number">{t('vpp.learn.skill')}</th>
                            <th className="is-number">{t('vpp.learn.covers')}</th>
                            <th className="is-number">{t('vpp.learn.gain')}</th>
                            <th>{t('vpp.learn.why')}</th>
                            <th />
                        </tr>
                    </thead>
                    <tbody>
                        {models.map((m) => (
                            <tr key={m.card.id} className={m.state === 'promoted' ? 'is-own' : ''} data-state={m.state}>
                                <td title={`${m.card.method}: ${m.card.features.join(', ')}`}>
                                    {modelName(shell, m.card.kind)} <small>v{m.card.version}</small>
                                </td>
                                <td>{t(`vpp.learn.is.${m.state}`)}</td>
                                <td>{t('vpp.learn.on', { days: m.card.trainedOn.days, to: m.card.trainedOn.to })}</td>
                                <td className="is-number">{m.card.scores ? `${number(100 * m.card.scores.skill, 1)} %` : '–'}</td>
                                <td className="is-number">{m.card.scores ? `${number(100 * m.card.scores.coverage90, 0)} %` : '–'}</td>
                                <td className="is-number">{gainOf(m, shell)}</td>
                                <td className="dim">{whyText(m, shell)}</td>
                                <td>
                                    {supervises && m.state === 'candidate' && (
                                        <Button
                                            variant="default"
                                            size="compact-xs"
                                            loading={promote.busy}
                                            onClick={() => void promote.run(m.card.id)}
                                        >
                                            {t('vpp.learn.promote')}
                                        </Button>
                                    )}
                                    {supervises && m.state === 'promoted' && hasEarlier(m.card.kind) && (
                                        <Button
                                            variant="default"
                                            size="compact-xs"
                                            loading={back.busy}
                                            onClick={() => void back.run(m.card.kind)}
                                        >
                                            {t('vpp.learn.back')}
                                        </Button>
                                    )}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            <p className="dim small">{t('vpp.learn.legend')}</p>
        </section>
    )
}

const gainOf = ({ comparison }: ModelEntry, { number }: Shell) =>
    comparison ? `${number(100 * comparison.gain, 1)} % (p ${number(comparison.pValue, 3)})` : '–'

/** Loss against days learnt from, with what it has to beat. */
function Curve({ curve }: { curve: LearningCurve }) {
    const shell = useShell()
    const { Plot, t, number } = shell
    const { points, baseline, loss, heldOutDays } = curve
    const most = Math.max(1, ...points.map((p) => p.days))
    return (
        <Plot
            title={t('vpp.learn.curve', { model: modelName(shell, curve.kind), days: heldOutDays })}
            xRange={[0, most * 1.05]}
            yRange={rangeWithZero([baseline, ...points.map((p) => p.loss)])}
            xLabel={t('vpp.learn.daysAxis')}
            yLabel={loss}
            xText={(v) => number(v, 0)}
            yText={(v) => number(v, Math.max(...points.map((p) => p.loss)) < 5 ? 2 : 0)}
            testId={`curve-${curve.kind}`}
            table={() => ({ header: [t('vpp.learn.daysAxis'), loss], rows: points.map((p) => [p.days, p.loss]) })}
        >
            {(area) => (
                <>
                    <line className="mark-var" x1={area.left} x2={area.right} y1={area.y(baseline)} y2={area.y(baseline)} />
                    <text className="plot-tick" x={area.right} y={area.y(baseline) - 4} textAnchor="end">
                        {t('vpp.learn.baseline')}
                    </text>
                    <polyline className="line-frontier" points={points.map((p) => `${area.x(p.days)},${area.y(p.loss)}`).join(' ')} />
                    {points.map((p) => (
                        <circle key={p.days} className="dot" cx={area.x(p.days)} cy={area.y(p.loss)} r={4}>
                            <title>{`${p.days}: ${number(p.loss, 2)}`}</title>
                        </circle>
                    ))}
                </>
            )}
        </Plot>
    )
}

/** Tomorrow as the promoted models see it: the mean within its quantiles. */
function Forecast({ fan }: { fan: ForecastFan }) {
    const shell = useShell()
    const { Plot, t, number } = shell
    const day = { periods: fan.mean.length, dtH: fan.dtH }
    const bands = Math.floor(fan.levels.length / 2)
    const [least, most] = [fan.quantiles[0] ?? fan.mean, fan.quantiles.at(-1) ?? fan.mean]
    const cool = Math.min(...least) > 0 && fan.quantity === 'price'
    const range = rangeWithZero([...least, ...most])
    const className = fan.quantity === 'load' || fan.quantity === 'pv' || fan.quantity === 'wind' ? fan.quantity : 'other'
    return (
        <Plot
            {...dayAxis(day, shell)}
            title={t('vpp.learn.forecast', { what: t(`vpp.forecast.${fan.quantity}`), day: fan.day })}
            yRange={range}
            yLabel={fan.unit}
            yText={(v) => number(v, cool || range[1] < 5 ? 2 : 0)}
            testId={`forecast-${fan.quantity}`}
            table={() => ({
                header: [t('vpp.hour'), t('vpp.fan.mean'), ...fan.levels.map((l) => `${100 * l} %`)],
                rows: fan.mean.map((m, p) => [p, m, ...fan.quantiles.map((q) => q[p] ?? null)]),
            })}
        >
            {(area) => {
                const at = (p: number) => area.x(p + 0.5)
                const points = (values: readonly number[]) => values.map((v, p) => `${at(p)},${area.y(v)}`)
                return (
                    <>
                        {Array.from({ length: bands }, (_, k) => (
                            <polygon
                                key={k}
                                className={`part-${className} fan is-quantile`}
                                points={[
                                    ...points(fan.quantiles[fan.quantiles.length - 1 - k]!),
                                    ...points(fan.quantiles[k]!).reverse(),
                                ].join(' ')}
                            />
                        ))}
                        <polyline className={`line-${className}`} points={points(fan.mean).join(' ')} />
                    </>
                )
            }}
        </Plot>
    )
}

function Drifts({ answer: { drift } }: { answer: ModelsAnswer }) {
    const { t, tOr, number } = useShell()
    return (
        <div className="vpp-scroll">
            <table className="plain">
                <thead>
                    <tr>
                        <th>{t('vpp.learn.quantity')}</th>
                        <th className="is-number">{t('vpp.learn.psi')}</th>
                        <th>{t('vpp.learn.verdict')}</th>
                    </tr>
                </thead>
                <tbody>
                    {drift.map((d) => (
                        <tr key={d.quantity}>
                            <td>{tOr(`vpp.forecast.${d.quantity}`, d.quantity)}</td>
                            <td className="is-number">{number(d.index, 3)}</td>
                            <td className={d.verdict === 'drifted' ? 'beyond-1' : ''}>
                                {d.verdict === 'stable' ? '' : '▲ '}
                                {t(`vpp.learn.drift.${d.verdict}`)}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    )
}

/** The sample store: each day with what was planned, attainable and realised. */
function Days({ days }: { days: readonly MeasuredDay[] }) {
    const { t, number } = useShell()
    if (days.length === 0) return null
    const share = (d: MeasuredDay) => {
        const all = Object.values(d.courses).flat()
        return all.length === 0 ? 0 : all.filter((v) => v !== null).length / all.length
    }
    return (
        <section>
            <h3>{t('vpp.learn.store')}</h3>
            <div className="vpp-scroll vpp-store">
                <table className="plain" data-testid="vpp-days">
                    <thead>
                        <tr>
                            <th>{t('vpp.learn.day')}</th>
                            <th className="is-number">{t('vpp.learn.courses')}</th>
                            <th className="is-number">{t('vpp.learn.measured')}</th>
                            <th className="is-number">{t('vpp.expected')}</th>
                            <th className="is-number">{t('vpp.learn.attainable')}</th>
                            <th className="is-number">{t('vpp.learn.realised')}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {days
                            .slice(-400)
                            .reverse()
                            .map((d) => (
                                <tr key={d.day}>
                                    <td>{d.day}</td>
                                    <td className="is-number">{Object.keys(d.courses).length}</td>
                                    <td className="is-number">{number(100 * share(d), 1)} %</td>
                                    <td className="is-number">{number(d.cost?.expected, 2)}</td>
                                    <td className="is-number">{number(d.cost?.attainable, 2)}</td>
                                    <td className="is-number">{number(d.cost?.realised, 2)}</td>
                                </tr>
                            ))}
                    </tbody>
                </table>
            </div>
        </section>
    )
}
