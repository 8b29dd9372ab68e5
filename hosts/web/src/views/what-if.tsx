/** What-if worlds: branch, edit, see what changes, compare side by side, promote to the gate. */

import type { CompareJson, WorldCard } from '@gridverse/twin'
import { Button, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import { get, part, post, remove, type Words } from '../model/api.ts'
import { formatDateTime, formatNumber, formatValue, toCsv } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { componentOf, quantityOfPoint } from '../model/region.ts'
import {
    cardOfPoint,
    createWhatIf,
    go,
    link,
    pick,
    refreshWorlds,
    region,
    rememberCommand,
    session,
    showWorld,
    totals,
    worlds,
} from '../model/state.ts'
import { quantityName, useComponentName } from '../parts/component-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Failed, FailureLine, Loading, PageHead } from '../parts/pages.tsx'
import { saidText } from '../parts/said-text.ts'
import { save } from '../parts/save.ts'
import { useAction, useCell, useGet, useLang, useSlice } from '../parts/use.ts'
import { statusText } from '../parts/value.tsx'
import { t } from '../text/index.ts'

/** A what-if's card as the API answers: with what a solve refused, in words. */
type Card = WorldCard & { readonly reasons?: readonly Words[] }

function worldTitle(card: WorldCard | undefined, world: string, zone: string, lang: 'en' | 'zh'): string {
    const { kind, tMs } = worldKind(world)
    if (kind === 'live') return t('world.live')
    if (kind === 'replay') return `${t('world.replay')} ${formatDateTime(tMs, zone, lang)}`
    return card?.title || world
}

export function WhatIfView() {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const world = useSlice(link, (l) => l.world)
    const list = useCell(worlds)
    const branches = list.filter((w) => w.kind === 'what-if')
    const current = branches.find((w) => w.id === world)
    const create = useAction(() => createWhatIf(world))
    const drop = useAction(async (id: string) => {
        if (link.get().world === id) showWorld('live')
        await remove(`/worlds/${part(id)}`)
        await refreshWorlds()
    })
    return (
        <div className="page what-if-view">
            <PageHead title={t('view.what-if')} about={t('whatIf.about')}>
                <Button
                    loading={create.busy}
                    onClick={() => void create.run()}
                    leftSection={<Icon name="plus" size={15} />}
                    data-testid="whatif-create"
                >
                    {t('whatIf.createFrom', { world: worldTitle(current, world, zone, lang) })}
                </Button>
            </PageHead>
            <FailureLine failure={create.failure ?? drop.failure} />
            {branches.length === 0 ? (
                <Empty title={t('whatIf.none')}>{t('whatIf.noneAbout')}</Empty>
            ) : (
                <ul className="branches">
                    {branches.map((w) => (
                        <li key={w.id} className={w.id === world ? 'is-current' : ''} data-testid={`branch-${w.id}`}>
                            <button type="button" onClick={() => showWorld(w.id)}>
                                <b>{w.title || w.id}</b>
                                <span className="dim">
                                    {t('whatIf.from', {
                                        world: w.base ? worldTitle(undefined, w.base.world, zone, lang) : '–',
                                        time: formatDateTime(w.base?.tMs, zone, lang),
                                    })}{' '}
                                    · {t('whatIf.editCount', { n: w.edits?.length ?? 0 })} · {w.createdBy}
                                </span>
                            </button>
                            <Button variant="subtle" color="gray" onClick={() => void drop.run(w.id)} disabled={drop.busy}>
                                {t('whatIf.drop')}
                            </Button>
                        </li>
                    ))}
                </ul>
            )}
            {current && <Branch key={current.id} card={current} />}
        </div>
    )
}

function Branch({ card }: { card: Card }) {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const role = useSlice(session, (s) => (s.state === 'signed-in' ? s.person.role : 'viewer'))
    const { fidelity, world } = useCell(totals)
    const [reasons, setReasons] = useState<readonly Words[]>(card.reasons ?? [])
    const take = (changed: Card) => {
        setReasons(changed.reasons ?? [])
        worlds.update((list) => list.map((w) => (w.id === changed.id ? changed : w)))
    }
    const undo = useAction(async (all: boolean) => take(await remove<Card>(`/worlds/${part(card.id)}/edits${all ? '?all=1' : ''}`)))
    const promote = useAction(async () => {
        const answer = await post<{ proposals: Parameters<typeof rememberCommand>[0][] }>(`/worlds/${part(card.id)}/promote`)
        for (const proposal of answer.proposals ?? []) rememberCommand(proposal)
        go({ view: 'decisions', world: 'live' })
    })
    const edits = card.edits ?? []
    const solved = world === card.id ? fidelity : undefined
    return (
        <>
            <section className="edits">
                <h2>
                    {t('whatIf.edits')}{' '}
                    {solved && (
                        <span className={`solve is-${solved.status}`} data-testid="whatif-status">
                            {t(`fidelity.${solved.status}`)}
                        </span>
                    )}
                </h2>
                {edits.length === 0 ? (
                    <p className="dim">{t('whatIf.howToEdit')}</p>
                ) : (
                    <ol>
                        {edits.map((e, n) => (
                            <Edit key={n} point={e.point} value={e.value} />
                        ))}
                    </ol>
                )}
                {reasons.map((r) => (
                    <p key={r.message} className="failure-line">
                        {saidText(r)}
                    </p>
                ))}
                <FailureLine failure={undo.failure ?? promote.failure} />
                <div className="row">
                    <Button variant="default" onClick={() => go({ view: 'world' })} leftSection={<Icon name="world" size={14} />}>
                        {t('whatIf.show')}
                    </Button>
                    <Button
                        variant="default"
                        disabled={!edits.length || undo.busy}
                        onClick={() => void undo.run(false)}
                        leftSection={<Icon name="undo" size={14} />}
                        data-testid="whatif-undo"
                    >
                        {t('whatIf.undo')}
                    </Button>
                    <Button variant="default" disabled={!edits.length || undo.busy} onClick={() => void undo.run(true)}>
                        {t('whatIf.undoAll')}
                    </Button>
                    <Button
                        disabled={!edits.length || role === 'viewer'}
                        loading={promote.busy}
                        onClick={() => void promote.run()}
                        title={role === 'viewer' ? t('command.viewerMay') : t('whatIf.promoteAbout')}
                        data-testid="whatif-promote"
                    >
                        {t('whatIf.promote')}
                    </Button>
                </div>
            </section>
            <Compare
                b={card.id}
                defaultA={card.base?.world === 'live' || !card.base ? 'live' : card.base.world}
                editCount={edits.length}
                zone={zone}
                lang={lang}
            />
        </>
    )
}

function Edit({ point, value }: { point: string; value: number }) {
    const lang = useLang()
    const name = useComponentName(componentOf(point))
    const card = cardOfPoint(point)
    return (
        <li>
            <button type="button" className="component-link" onClick={() => pick(componentOf(point))}>
                {name}
            </button>{' '}
            {quantityName(quantityOfPoint(point))} →{' '}
            <b>{card?.kind === 'status' ? statusText(value) : formatValue(value, card?.unit ?? '', lang)}</b>
        </li>
    )
}

const summaryRows = ['generationMw', 'loadMw', 'lossesMw', 'storageMw', 'exchangeMw', 'imbalanceMw'] as const

function Compare({
    b,
    defaultA,
    editCount,
    zone,
    lang,
}: {
    b: string
    defaultA: string
    editCount: number
    zone: string
    lang: 'en' | 'zh'
}) {
    const list = useCell(worlds)
    const [a, setA] = useState(defaultA)
    const [quantity, setQuantity] = useState<string | null>(null)
    const compared = useGet<CompareJson>(`/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`, {
        again: editCount,
        everyMs: a === 'live' ? 10_000 : 0,
    })
    const rows = compared.state === 'ready' ? compared.data.rows : []
    const quantities = useMemo(() => [...new Set(rows.map((r) => quantityOfPoint(r.point)))].sort(), [rows])
    const shown = quantity ? rows.filter((r) => quantityOfPoint(r.point) === quantity) : rows
    const titleOf = (id: string) =>
        worldTitle(
            list.find((w) => w.id === id),
            id,
            zone,
            lang,
        )
    const others = [...new Set(['live', defaultA, ...list.filter((w) => w.id !== b).map((w) => w.id)])]
    const exportAll = async () => {
        const whole = await get<CompareJson>(`/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}&maxRows=100000`)
        save(
            'compare.csv',
            `\ufeff${toCsv(
                ['point', 'unit', a, b, 'difference'],
                whole.rows.map((r) => [r.point, r.unit, r.a, r.b, r.difference]),
            )}`,
            'text/csv',
        )
    }
    return (
        <section className="compare">
            <h2>{t('compare.title')}</h2>
            <div className="row">
                <Select
                    label={t('compare.with')}
                    data={others.map((id) => ({ value: id, label: titleOf(id) }))}
                    value={a}
                    onChange={(v) => v && setA(v)}
                    allowDeselect={false}
                />
                <Select
                    label={t('compare.quantity')}
                    data={quantities.map((q) => ({ value: q, label: quantityName(q) }))}
                    value={quantity}
                    onChange={setQuantity}
                    clearable
                    placeholder={t('compare.every')}
                />
                <Button variant="default" onClick={() => void exportAll()} leftSection={<Icon name="download" size={14} />}>
                    CSV
                </Button>
            </div>
            {compared.state === 'loading' && <Loading />}
            {compared.state === 'failed' && <Failed failure={compared.failure} retry={compared.reload} />}
            {compared.state === 'ready' && (
                <>
                    <table className="grid compare-summary">
                        <thead>
                            <tr>
                                <th scope="col">{t('compare.total')}</th>
                                <th scope="col" className="is-number">
                                    {titleOf(a)} <small>MW</small>
                                </th>
                                <th scope="col" className="is-number">
                                    {titleOf(b)} <small>MW</small>
                                </th>
                                <th scope="col" className="is-number">
                                    {t('compare.difference')} <small>MW</small>
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {summaryRows.map((key) => {
                                const [va, vb] = [compared.data.summary.a[key], compared.data.summary.b[key]]
                                return (
                                    <tr key={key}>
                                        <th scope="row">{quantityName(key)}</th>
                                        <td className="is-number">{formatNumber(va, 1, lang)}</td>
                                        <td className="is-number">{formatNumber(vb, 1, lang)}</td>
                                        <td className="is-number">{formatNumber(vb - va, 1, lang)}</td>
                                    </tr>
                                )
                            })}
                        </tbody>
                    </table>
                    {rows.length === 0 ? (
                        <Empty title={t('compare.same')}>{t('compare.sameAbout')}</Empty>
                    ) : (
                        <div className="table-scroll is-inline">
                            <table className="grid" data-testid="compare-table">
                                <thead>
                                    <tr>
                                        <th scope="col">{t('compare.what')}</th>
                                        <th scope="col">{t('compare.quantity')}</th>
                                        <th scope="col" className="is-number">
                                            {titleOf(a)}
                                        </th>
                                        <th scope="col" className="is-number">
                                            {titleOf(b)}
                                        </th>
                                        <th scope="col" className="is-number">
                                            {t('compare.difference')}
                                        </th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {shown.slice(0, 300).map((r) => (
                                        <Difference key={r.point} row={r} />
                                    ))}
                                </tbody>
                            </table>
                        </div>
                    )}
                </>
            )}
        </section>
    )
}

function Difference({ row }: { row: CompareJson['rows'][number] }) {
    const lang = useLang()
    const component = componentOf(row.point)
    const name = useComponentName(component)
    const card = cardOfPoint(row.point)
    const status = card?.kind === 'status'
    const high = card?.limits?.high
    const beyond =
        card &&
        (card.quantity === 'loadingPercent' || card.quantity === 'vmPu') &&
        row.b !== null &&
        ((high !== undefined && row.b > high) || (card.limits?.low !== undefined && row.b < card.limits.low))
    const shown = (v: number | null) => (card && status ? statusText(v ?? Number.NaN) : formatValue(v, row.unit, lang))
    return (
        <tr onClick={() => pick(component)} data-testid={`compare-${row.point}`}>
            <th scope="row">
                <button type="button" className="component-link">
                    {name} <small className="component-id">{component}</small>
                </button>
            </th>
            <td>{quantityName(quantityOfPoint(row.point))}</td>
            <td className="is-number">{shown(row.a)}</td>
            <td className={`is-number${beyond ? ' beyond-1' : ''}`}>
                {beyond && <span className="beyond-sign">▲</span>}
                {shown(row.b)}
            </td>
            <td className="is-number">
                {status ? '⇄' : `${(row.difference ?? 0) > 0 ? '+' : ''}${formatValue(row.difference, row.unit, lang)}`}
            </td>
        </tr>
    )
}
