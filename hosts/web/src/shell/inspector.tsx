/** The twin panel of whatever is picked; the same in every view. */

import type { PointCard } from '@gridverse/twin'
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { partFor } from '../diagram/part.ts'
import { digitsFor, formatAge, formatNumber, formatTime, unitText } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { neighboursOf, quantityOfPoint, type RegionIndex, siteName, siteOf, splitComponent } from '../model/region.ts'
import { alarms, commandPoint, go, holds, link, nowMs, pick, points, refreshCards, region, session, tagAsked } from '../model/state.ts'
import { trace, tracing } from '../model/tracing.ts'
import { alarmText } from '../parts/alarm-text.ts'
import { ComponentLink, kindOf, quantityName, useComponentName } from '../parts/component-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { AlarmMark } from '../parts/marks.tsx'
import { useBeat, useCell, useLang, useSlice } from '../parts/use.ts'
import { readPoint, Value } from '../parts/value.tsx'
import { t } from '../text/index.ts'
import { Sparkline } from './sparkline.tsx'

/** The quantity whose trend is shown first. */
const leading = ['loadingPercent', 'vmPu', 'pMw', 'pFromMw', 'pToMw', 'frequencyHz', 'qMvar', 'windMps', 'closed']

/** A component's own points, then those of the switches that stand before it. */
function pointsFor(index: RegionIndex, component: string, ofComponent: ReadonlyMap<string, readonly PointCard[]>) {
    const own = ofComponent.get(component) ?? []
    const switches = (index.switchesOf.get(component) ?? []).flatMap((s) => ofComponent.get(`switch/${s.id}`) ?? [])
    return { own, switches }
}

export function limitText(card: PointCard, lang: 'en' | 'zh'): string {
    const { limits } = card
    if (!limits) return ''
    const digits = Math.min(digitsFor(card.unit), 2)
    const n = (v: number) => formatNumber(v, digits, lang)
    if (limits.low !== undefined && limits.high !== undefined) return `${n(limits.low)} … ${n(limits.high)}`
    if (limits.high !== undefined) return `≤ ${n(limits.high)}`
    return limits.low !== undefined ? `≥ ${n(limits.low)}` : ''
}

function Row({ card, trend, showTrend }: { card: PointCard; trend: boolean; showTrend: () => void }) {
    useBeat()
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const { valueMs, estimated, quality } = readPoint(card.index)
    const { kind } = worldKind(link.get().world)
    const ageS = (nowMs() - valueMs) / 1000
    const unsaid = quality === 'good' && !card.device && kind === 'live'
    useEffect(() => {
        if (unsaid) void refreshCards()
    }, [unsaid])
    const source = card.device ?? (quality === 'good' ? '' : t('inspector.estimator'))
    const digits = digitsFor(card.unit)
    return (
        <li className={`point-row${trend ? ' is-trend' : ''}`}>
            <button type="button" className="point-name" onClick={showTrend} title={card.id} aria-pressed={trend}>
                {quantityName(card.quantity)}
            </button>
            <span className="point-value">
                <Value card={card} />
            </span>
            <span className="point-about">
                <span title={formatTime(valueMs, zone, lang)}>
                    {Number.isNaN(valueMs) ? t('inspector.never') : t('inspector.age', { age: formatAge(ageS, lang) })}
                </span>
                <span className="point-source" title={t('inspector.source')}>
                    {source}
                </span>
                {quality !== 'good' && <span>{t(`quality.${quality}`)}</span>}
                {card.kind === 'analog' && Number.isFinite(estimated) && quality !== 'estimated' && (
                    <span title={t('inspector.estimated')}>
                        ≈ {formatNumber(estimated, digits, lang)} {unitText(card.unit)}
                    </span>
                )}
                {card.limits && <span title={t('inspector.limits')}>[{limitText(card, lang)}]</span>}
            </span>
            {card.commandable && <CommandButton card={card} />}
            <Tags card={card} open={trend} />
        </li>
    )
}

/** The tags on a point, and what hangs or takes them off; offered on the point that is looked at. */
function Tags({ card, open }: { card: PointCard; open: boolean }) {
    useBeat()
    const held = useCell(holds).get(card.id)
    const live = useSlice(link, (l) => worldKind(l.world).kind === 'live')
    const may = useSlice(session, (s) => s.state === 'signed-in' && s.person.role !== 'viewer')
    const { quality } = readPoint(card.index)
    const acts = live && may && open
    if (!held && !acts && quality !== 'substituted') return null
    const act = (name: 'hold' | 'release' | 'substitute', text = t(`tag.${name}`)) => (
        <button
            type="button"
            className="link"
            onClick={() => tagAsked.set({ point: card.id, act: name })}
            data-testid={`${name}-${card.id}`}
        >
            {text}
        </button>
    )
    return (
        <span className="point-tags">
            {held && (
                <b className="held" data-testid={`held-${card.id}`}>
                    <Icon name="lock" size={13} /> {t('tag.heldBy', { person: held.by, reason: held.reason })}
                </b>
            )}
            {live && may && held && act('release')}
            {acts && card.commandable && !held && act('hold')}
            {live && may && (open || quality === 'substituted') && act('substitute')}
        </span>
    )
}

/** Opens the command sheet (live), or puts the change into the what-if on screen. */
function CommandButton({ card }: { card: PointCard }) {
    const world = useSlice(link, (l) => l.world)
    const role = useSlice(session, (s) => (s.state === 'signed-in' ? s.person.role : 'viewer'))
    const { kind } = worldKind(world)
    const why = kind === 'replay' ? t('command.notInReplay') : kind === 'live' && role === 'viewer' ? t('command.viewerMay') : undefined
    return (
        <Button
            variant="default"
            size="compact-xs"
            className="point-command"
            disabled={kind === 'replay'}
            title={why ?? card.id}
            onClick={() => commandPoint.set({ point: card.id })}
            data-testid={`command-${card.id}`}
        >
            {card.kind === 'status' ? t('command.operate') : t('command.set')}
        </Button>
    )
}

export function Inspector({ component }: { component: string }) {
    const lang = useLang()
    const index = useCell(region)!
    const { ofComponent } = useCell(points)
    const all = useCell(alarms)
    const name = useComponentName(component)
    const [trendOf, setTrendOf] = useState<{ component: string; id: string }>()
    const { own, switches } = pointsFor(index, component, ofComponent)
    const { id } = splitComponent(component)
    const site = siteOf(index, component)
    const shown =
        own.find((c) => trendOf?.component === component && c.id === trendOf.id) ??
        // only what is measured has a history
        leading.map((q) => own.find((c) => c.quantity === q && c.device)).find(Boolean) ??
        leading.map((q) => own.find((c) => c.quantity === q)).find(Boolean) ??
        own[0]
    const related = [...all.values()].filter(
        (a) => a.source === component || a.source.startsWith(`${component}/`) || switches.some((s) => a.source.startsWith(s.component)),
    )
    const near = neighboursOf(index, component)
    const exists = own.length > 0 || near.length > 0 || index.components.has(component)
    const facts = factsOf(index, component, lang)
    // who closes it by key goes on in the view, not at the top of the page
    useEffect(
        () => () =>
            void setTimeout(() => {
                if (document.activeElement === document.body) document.getElementById('view')?.focus({ preventScroll: true })
            }),
        [],
    )
    return (
        <aside className="inspector" data-testid="inspector" data-component={component} aria-label={t('inspector.name')}>
            <header>
                <div>
                    <small>
                        {kindOf(component)} {id}
                    </small>
                    <h2>{name}</h2>
                    {site && site !== id && (
                        <button type="button" className="link" onClick={() => pick(`site/${site}`)}>
                            {siteName(index, site, lang)}
                        </button>
                    )}
                </div>
                <button
                    type="button"
                    className="quiet close"
                    onClick={() => pick('')}
                    aria-label={t('action.close')}
                    data-testid="inspector-close"
                >
                    <Icon name="close" />
                </button>
            </header>
            <div className="inspector-body">
                {!exists && <p className="dim">{t('inspector.unknown', { component })}</p>}
                {related.map((a) => (
                    <button key={a.id} type="button" className="inspector-alarm" onClick={() => go({ view: 'alarms' })}>
                        <AlarmMark priority={a.priority} state={a.state} />
                        {alarmText(a)}
                    </button>
                ))}
                {shown && (
                    <figure className="inspector-trend">
                        <figcaption>
                            <span>
                                {quantityName(shown.quantity)} · {t('inspector.halfHour')}
                            </span>
                            <button
                                type="button"
                                className="link"
                                onClick={() => go({ view: 'trends', pens: [...new Set([...link.get().pens, shown.id])] })}
                                data-testid="inspector-to-trends"
                            >
                                {t('inspector.toTrends')}
                            </button>
                        </figcaption>
                        <Sparkline card={shown} key={shown.id} />
                    </figure>
                )}
                {own.length > 0 && (
                    <ul className="points">
                        {own.map((card) => (
                            <Row
                                key={card.id}
                                card={card}
                                trend={card === shown}
                                showTrend={() => setTrendOf({ component, id: card.id })}
                            />
                        ))}
                    </ul>
                )}
                {switches.length > 0 && (
                    <section>
                        <h3>{t('inspector.switches')}</h3>
                        <ul className="points">
                            {switches.map((card) => (
                                <li key={card.id} className="point-row">
                                    <button type="button" className="point-name" onClick={() => pick(card.component)}>
                                        {splitComponent(card.component).id}
                                    </button>
                                    <span className="point-value">
                                        <Value card={card} />
                                    </span>
                                    {card.commandable && <CommandButton card={card} />}
                                    <Tags card={card} open />
                                </li>
                            ))}
                        </ul>
                    </section>
                )}
                <Traced />
                {facts.length > 0 && (
                    <section>
                        <h3>{t('inspector.record')}</h3>
                        <dl className="facts">
                            {facts.map(([label, text]) => (
                                <div key={label}>
                                    <dt>{label}</dt>
                                    <dd>{text}</dd>
                                </div>
                            ))}
                        </dl>
                    </section>
                )}
                {near.length > 0 && (
                    <section>
                        <h3>{t('inspector.neighbours')}</h3>
                        <ul className="neighbours">
                            {near.slice(0, 30).map((n) => (
                                <li key={n}>
                                    <ComponentLink component={n} kind />
                                    <NeighbourFlow component={n} ofComponent={ofComponent} />
                                </li>
                            ))}
                        </ul>
                    </section>
                )}
            </div>
            <footer>
                <TraceButton />
                <Button
                    variant="default"
                    size="compact-xs"
                    leftSection={<Icon name="world" size={14} />}
                    onClick={() => go({ view: 'world' })}
                >
                    {t('view.world')}
                </Button>
                <Button
                    variant="default"
                    size="compact-xs"
                    leftSection={<Icon name="diagram" size={14} />}
                    onClick={() => go({ view: 'diagram', part: partFor(index, component) })}
                >
                    {t('view.diagram')}
                </Button>
                <Button
                    variant="default"
                    size="compact-xs"
                    leftSection={<Icon name="events" size={14} />}
                    onClick={() => go({ view: 'events', part: component })}
                >
                    {t('view.events')}
                </Button>
            </footer>
        </aside>
    )
}

function TraceButton() {
    const on = useCell(tracing)
    return (
        <Button
            variant={on ? 'filled' : 'default'}
            size="compact-xs"
            aria-pressed={on}
            title={t('trace.about')}
            leftSection={<Icon name="what-if" size={14} />}
            onClick={() => tracing.set(!on)}
            data-testid="trace"
        >
            {t('trace.name')}
        </Button>
    )
}

/** Where the power of what is picked comes from and goes to, with shares. */
function Traced() {
    const lang = useLang()
    const traced = useCell(trace)
    if (!traced) return null
    const list = (title: string, ends: typeof traced.sources) => (
        <>
            <h3>{title}</h3>
            {ends.length === 0 && <p className="dim small">{t('trace.none')}</p>}
            <ul className="neighbours">
                {ends.slice(0, 12).map((end) => (
                    <li key={end.component}>
                        <ComponentLink component={end.component} kind />
                        <span className="value">{formatNumber(100 * Math.min(1, end.share), 0, lang)} %</span>
                    </li>
                ))}
            </ul>
        </>
    )
    return (
        <section data-testid="traced">
            {list(t('trace.sources'), traced.sources)}
            {list(t('trace.sinks'), traced.sinks)}
        </section>
    )
}

function NeighbourFlow({ component, ofComponent }: { component: string; ofComponent: ReadonlyMap<string, readonly PointCard[]> }) {
    const list = ofComponent.get(component) ?? []
    const card = ['pFromMw', 'pMw', 'vmPu', 'qMvar'].map((q) => list.find((c) => quantityOfPoint(c.id) === q)).find(Boolean)
    return card ? <Value card={card} /> : null
}

/** What the record says and no measurement will change. */
function factsOf(index: RegionIndex, component: string, lang: 'en' | 'zh'): [string, string][] {
    const { kind, id } = splitComponent(component)
    const mw = (v: number | null | undefined, unit: string) =>
        v === null || v === undefined || !Number.isFinite(v) ? '∞' : `${formatNumber(v, Math.abs(v) < 10 ? 2 : 0, lang)} ${unit}`
    if (kind === 'bus') {
        const bus = index.bus.get(Number(id))
        return bus
            ? [
                  [t('fact.baseKv'), `${formatNumber(bus.baseKv, 2, lang)} kV`],
                  [t('fact.band'), `${formatNumber(bus.vMinPu, 2, lang)} … ${formatNumber(bus.vMaxPu, 2, lang)} p.u.`],
              ]
            : []
    }
    if (kind === 'branch') {
        const branch = index.branch.get(id)
        return branch ? [[t('fact.rating'), branch.rateMva > 0 ? mw(branch.rateMva, 'MVA') : t('fact.none')]] : []
    }
    if (kind === 'generator' || kind === 'storage') {
        const row = index.json.network[kind].find((r) => r.id === id)
        if (!row) return []
        const range: [string, string] = [t('fact.range'), `${mw(row.pMinMw, 'MW')} … ${mw(row.pMaxMw, 'MW')}`]
        return row.energyMwh === undefined ? [range] : [range, [t('fact.energy'), mw(row.energyMwh, 'MWh')]]
    }
    if (kind === 'site') {
        const s = index.site.get(id)
        return s
            ? [
                  [t('fact.place'), `${s.latDeg.toFixed(3)}°, ${s.lonDeg.toFixed(3)}°`],
                  [t('fact.height'), `${formatNumber(s.elevationM, 0, lang)} m`],
              ]
            : []
    }
    return []
}
