/** The day as it is run: approved, applied, what was predicted against what came, why they differ, and what it comes to. */
import type { Ledger, Settlement } from '@gridverse/plan'
import { Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FleetTiles, VppDayCard } from '../fleet-types.ts'
import { type DayGrid, dayAxis, digitsOf, rangeWithZero, steps } from './frame.ts'
import { LedgerTables } from './ledger.tsx'
import { LostDevices } from './lost.tsx'
import { usePlans } from './plans.ts'
import { Replans } from './replans.tsx'
import { SentToField } from './sent.tsx'
import { useShell } from './shell.ts'
import { Waterfall } from './waterfall.tsx'

export function DayTab({ id }: { id: string }) {
    const { t, useGet, Loading, Failed } = useShell()
    const day = useGet<VppDayCard>('/vpp/day', { everyMs: 2000 })
    if (day.state === 'loading') return <Loading />
    if (day.state === 'failed') return <Failed failure={day.failure} retry={day.reload} />
    const card = day.data
    return (
        <div className="vpp-day" data-testid="vpp-day" data-state={card.state}>
            <DayHead card={card} reload={day.reload} />
            {card.periods.length > 0 && <PredictedAgainstRealised card={card} />}
            {card.state === 'running' && <LostDevices card={card} />}
            {card.replans.length > 0 && <Replans card={card} />}
            <SentToField only={id} />
            {card.ledger ? <LedgerTables ledger={card.ledger as Ledger} currency={card.currency} card={card} /> : null}
            {card.settlement ? (
                <Statement settlement={card.settlement as Settlement} title={t(card.ledger ? 'vpp.day.settled' : 'vpp.day.statement')} />
            ) : null}
        </div>
    )
}

/** Where the day stands and what a person may do about it. */
function DayHead({ card, reload }: { card: VppDayCard; reload: () => void }) {
    const { t, dateTime, post, mayAct, useAction, href, HoldButton, FailureLine } = useShell()
    const [reason, setReason] = useState('')
    const act = useAction(async (what: 'apply' | 'stop') => {
        await post(`/vpp/day/${what}`, what === 'stop' ? { reason } : {})
        reload()
    })
    const facts = [
        card.approvedBy && t('vpp.day.approved', { by: card.approvedBy, at: dateTime(card.approvedMs) }),
        card.appliedBy && t('vpp.day.applied', { by: card.appliedBy }),
        card.startMs !== undefined && t('vpp.day.starts', { at: dateTime(card.startMs) }),
    ].filter(Boolean)
    return (
        <section className="vpp-day-head">
            <h3>
                {t(`vpp.day.is.${card.state}`)} {card.study && <a href={href(`plan/${card.study}`)}>{t('vpp.day.plan')}</a>}
            </h3>
            {facts.length > 0 && <p className="dim">{facts.join(' · ')}</p>}
            {card.message && <p className="beyond-1">▲ {card.message}</p>}
            {mayAct && (card.state === 'none' || card.state === 'stopped' || card.state === 'ended') && <Approve done={reload} />}
            {mayAct && (card.state === 'approved' || card.state === 'stopped') && (
                <HoldButton onHeld={() => void act.run('apply')} disabled={act.busy} testId="day-apply">
                    {t('vpp.day.apply')}
                </HoldButton>
            )}
            {mayAct && card.state === 'running' && (
                <div className="row">
                    <TextInput label={t('vpp.order.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
                    <HoldButton onHeld={() => void act.run('stop')} disabled={act.busy} testId="day-stop">
                        {t('vpp.day.stop')}
                    </HoldButton>
                </div>
            )}
            <FailureLine failure={act.failure} />
        </section>
    )
}

/** A finished plan is approved; what is no plan of the fleet is refused with the reason. */
function Approve({ done }: { done: () => void }) {
    const { t, href, post, supervises, useAction, HoldButton, FailureLine } = useShell()
    const plans = usePlans()
    const [chosen, setChosen] = useState<string | null>(null)
    const finished = plans.state === 'ready' ? plans.data.filter((c) => c.state === 'done') : []
    const study = chosen ?? finished[0]?.id
    const approve = useAction(async () => {
        await post('/vpp/day/approve', { study })
        done()
    })
    if (finished.length === 0)
        return (
            <p>
                {t('vpp.day.noPlan')} <a href={href('plan/new')}>{t('vpp.new')}</a>
            </p>
        )
    if (!supervises) return <p className="dim">{t('vpp.day.supervisors')}</p>
    return (
        <div className="row">
            <Select
                label={t('vpp.day.which')}
                data={finished.map((c) => ({ value: c.id, label: c.title }))}
                value={study ?? null}
                onChange={setChosen}
                allowDeselect={false}
            />
            <HoldButton onHeld={() => void approve.run()} disabled={approve.busy} testId="day-approve">
                {t('vpp.day.approve')}
            </HoldButton>
            <FailureLine failure={approve.failure} />
        </div>
    )
}

const courses = ['exchangeKw', 'generationKw', 'loadKw', 'storageKw'] as const satisfies readonly (keyof FleetTiles)[]

function PredictedAgainstRealised({ card }: { card: VppDayCard }) {
    const { t, number } = useShell()
    const { periods } = card
    const grid: DayGrid = { periods: periods.length, dtH: (card.periodS ?? 3600) / 3600 }
    const over = periods.filter((p) => p.realised)
    const cost = (of: (p: (typeof periods)[number]) => number | null | undefined) => over.reduce((sum, p) => sum + (of(p) ?? 0), 0)
    const [believed, came] = [cost((p) => p.predicted.cost), cost((p) => p.realised?.cost)]
    return (
        <section>
            <h3>{t('vpp.day.compare')}</h3>
            <ul className="tiles">
                <li>
                    <small>{t('vpp.day.over')}</small>
                    <b>
                        {over.length} / {periods.length}
                    </b>
                </li>
                <li>
                    <small>{t('vpp.day.predictedCost')}</small>
                    <b>{`${number(believed, 2)} ${card.currency}`}</b>
                </li>
                <li>
                    <small>{t('vpp.day.realisedCost')}</small>
                    <b>{`${number(came, 2)} ${card.currency}`}</b>
                </li>
                <li>
                    <small>{t('vpp.day.orders')}</small>
                    <b>
                        {number(
                            periods.reduce((sum, p) => sum + p.orders, 0),
                            0,
                        )}
                    </b>
                </li>
                <li>
                    <small>{t('vpp.day.lost')}</small>
                    <b>
                        {number(
                            periods.reduce((sum, p) => sum + p.lost, 0),
                            0,
                        )}
                    </b>
                </li>
            </ul>
            <div className="desk-charts">
                {courses.map((name) => (
                    <Compare
                        key={name}
                        grid={grid}
                        startMs={card.startMs}
                        title={t(`vpp.day.${name}`)}
                        unit="kW"
                        predicted={periods.map((p) => p.predicted[name])}
                        realised={periods.map((p) => p.realised?.[name] ?? null)}
                    />
                ))}
                <Compare
                    grid={grid}
                    startMs={card.startMs}
                    title={t('vpp.day.cost')}
                    unit={card.currency}
                    predicted={periods.map((p) => p.predicted.cost ?? 0)}
                    realised={periods.map((p) => p.realised?.cost ?? null)}
                />
            </div>
        </section>
    )
}

interface CompareProps {
    readonly grid: DayGrid
    readonly startMs: number | undefined
    readonly title: string
    readonly unit: string
    readonly predicted: readonly number[]
    /** null where the period is not over */
    readonly realised: readonly (number | null)[]
}

/** What was predicted as a line, what came as bars. */
function Compare({ grid, startMs, title, unit, predicted, realised }: CompareProps) {
    const shell = useShell()
    const { Plot, Legend, t, number } = shell
    const axis = dayAxis(grid, shell, startMs)
    const range = rangeWithZero([...predicted, ...realised.map((v) => v ?? 0)])
    return (
        <div>
            <Plot
                {...axis}
                title={title}
                yRange={range}
                yLabel={unit}
                yText={(v) => number(v, digitsOf(range))}
                height={180}
                table={() => ({
                    header: [t('vpp.hour'), `${t('vpp.day.predicted')} [${unit}]`, `${t('vpp.day.realised')} [${unit}]`],
                    rows: predicted.map((p, k) => [axis.xText(k), p, realised[k] ?? null]),
                })}
            >
                {(area) => (
                    <>
                        {realised.map(
                            (v, p) =>
                                v !== null && (
                                    <rect
                                        key={p}
                                        className="part-realised"
                                        x={area.x(p)}
                                        width={Math.max(1, area.x(p + 1) - area.x(p) - 1)}
                                        y={Math.min(area.y(v), area.y(0))}
                                        height={Math.abs(area.y(v) - area.y(0))}
                                    >
                                        <title>{`${axis.xText(p)} · ${number(predicted[p], 1)} → ${number(v, 1)} ${unit}`}</title>
                                    </rect>
                                ),
                        )}
                        <path className="plot-price" d={steps(predicted, area.x, area.y)} />
                    </>
                )}
            </Plot>
            <Legend
                items={[
                    { name: t('vpp.day.predicted'), className: 'plot-price-key' },
                    { name: t('vpp.day.realised'), className: 'part-realised' },
                ]}
            />
        </div>
    )
}

function Statement({ settlement, title }: { settlement: Settlement; title: string }) {
    const { t } = useShell()
    return (
        <Waterfall
            title={title}
            currency={settlement.currency}
            items={Object.entries(settlement.components).map(([id, coins]) => ({
                id,
                name: t(`vpp.component.${id}` as 'vpp.component.other'),
                amount: coins / settlement.minor,
            }))}
            sumName={t('vpp.cost.operatingCost')}
            testId="day-settlement"
        />
    )
}
