/** The approved plan's day in the world: a slider over its periods, played or stepped, beside what is now. */
import { useEffect, useState } from 'react'
import { fleetMap, fleetNow, planFailure } from '../model/fleet-map.ts'
import { formatNumber, formatTime } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { splitComponent } from '../model/region.ts'
import { go, hrefOf, link, region } from '../model/state.ts'
import { Icon } from '../parts/icon.tsx'
import { FailureLine } from '../parts/pages.tsx'
import { useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

/** a period is shown for so long while the day plays, ms */
const stepMs = 1300
const show = (period: number) => go({ part: `plan/${period}` }, true)

export function PlanHours() {
    const open = useSlice(link, (l) => /^plan(\/|$)/.test(l.part))
    const live = useSlice(link, (l) => worldKind(l.world).kind === 'live')
    const fleet = useSlice(fleetNow, (f) => f !== undefined && f.columns.id.length > 0)
    if (!live || !fleet) return null
    if (open) return <Hours />
    return (
        <button type="button" className="plan-open" onClick={() => go({ part: 'plan' })} title={t('plan.about')} data-testid="plan-open">
            <Icon name="play" size={14} /> {t('plan.open')}
        </button>
    )
}

function Hours() {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const shown = useCell(fleetMap)
    const failure = useCell(planFailure)
    const [plays, setPlays] = useState(false)
    const plan = shown?.plan
    const period = plan?.period
    const periods = plan?.periods ?? 0
    useEffect(() => {
        if (!plays || period === undefined) return
        const timer = setTimeout(() => show((period + 1) % periods), stepMs)
        return () => clearTimeout(timer)
    }, [plays, period, periods])
    const close = () => go({ part: '' }, true)
    const short = (tMs: number) => formatTime(tMs, zone, lang).slice(0, 5)
    const text =
        plan &&
        t('plan.hour', {
            from: short(plan.startMs),
            to: short(plan.startMs + 1000 * plan.periodS),
            n: plan.period + 1,
            of: plan.periods,
        })
    return (
        <section className="plan-hours" aria-label={t('plan.open')} data-testid="plan-hours" data-period={period}>
            <header>
                <b>{t('plan.title')}</b>
                <button type="button" className="quiet" onClick={close} data-testid="plan-close">
                    {t('plan.backToNow')}
                </button>
            </header>
            {failure && (
                <div className="plan-none">
                    {failure.code === 'day-state' ? t('plan.none') : <FailureLine failure={failure} />}{' '}
                    <a href={hrefOf({ view: 'vpp', part: 'plan', camera: '' })}>{t('plan.toDesk')}</a>
                </div>
            )}
            {plan && (
                <>
                    <div className="plan-slider">
                        <button
                            type="button"
                            className="quiet"
                            onClick={() => setPlays(!plays)}
                            aria-label={t(plays ? 'scrub.pause' : 'scrub.play')}
                            title={t(plays ? 'scrub.pause' : 'scrub.play')}
                            data-testid="plan-play"
                        >
                            <Icon name={plays ? 'pause' : 'play'} />
                        </button>
                        <input
                            type="range"
                            min={0}
                            max={periods - 1}
                            value={period}
                            onChange={(e) => show(Number(e.target.value))}
                            aria-label={t('plan.slider')}
                            aria-valuetext={text}
                            data-testid="plan-slider"
                        />
                    </div>
                    <p className="plan-hour" data-testid="plan-hour">
                        {text}
                    </p>
                    <Figures />
                </>
            )}
        </section>
    )
}

/** The period beside now: the fleet's sums, then the picked device or group. */
function Figures() {
    const lang = useLang()
    const plan = useCell(fleetMap)
    const now = useCell(fleetNow)
    const picked = useSlice(link, (l) => l.pick)
    const { kind, id } = splitComponent(picked)
    const tiles = ['generation', 'storage', 'load', 'exchange'] as const
    const rows = tiles.map((name) => [t(`plan.${name}`), plan?.tiles?.[`${name}Kw`], now?.tiles?.[`${name}Kw`], 'kW', 0] as const)
    const of = (fleet: typeof plan) => {
        if (kind === 'group') return fleet?.groups.find((g) => g.id === id)
        const k = kind === 'resource' ? fleet?.indexOf.get(id) : undefined
        return k === undefined ? undefined : { pKw: fleet!.columns.pKw[k], socPercent: fleet!.columns.socPercent[k] }
    }
    const [planned, is] = [of(plan), of(now)]
    const own = planned && [
        [`${id} · ${t('device.power')}`, planned.pKw, is?.pKw, 'kW', 1] as const,
        ...((planned.socPercent ?? is?.socPercent ?? null) === null
            ? []
            : [[`${id} · ${t('xr.soc')}`, planned.socPercent, is?.socPercent, '%', 0] as const]),
    ]
    return (
        <table data-testid="plan-figures">
            <thead>
                <tr>
                    <th scope="col">{t('plan.what')}</th>
                    <th scope="col">{t('plan.inPlan')}</th>
                    <th scope="col">{t('plan.isNow')}</th>
                </tr>
            </thead>
            <tbody>
                {[...rows, ...(own ?? [])].map(([name, then, value, unit, digits]) => (
                    <tr key={name}>
                        <th scope="row">{name}</th>
                        <td>
                            {formatNumber(then, digits, lang)} {unit}
                        </td>
                        <td>
                            {formatNumber(value, digits, lang)} {unit}
                        </td>
                    </tr>
                ))}
            </tbody>
        </table>
    )
}
