/** Every resource of the fleet: found by filter, read by rows, enrolled, looked at, removed. */
import { type ResourceKind, resourceKinds } from '@gridverse/assets'
import { Select, TextInput } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { FleetColumns, ResourcePage, ResourceSort } from '../fleet-types.ts'
import { BuildTab } from './build.tsx'
import { CoverageTab } from './coverage.tsx'
import { EnrolTab } from './enrol.tsx'
import { kindName, ratingKw, resourceName, useFleet, useThen } from './fleet.ts'
import { Charge } from './groups.tsx'
import { MarketTab } from './market.tsx'
import { ResourcePanel } from './resource-panel.tsx'
import { part, useShell } from './shell.ts'

const rowPx = 30
const pageRows = 200

export function DevicesTab({ id }: { id: string }) {
    const { t, href, mayAct } = useShell()
    const [section = '', ...rest] = id.split('/')
    const name = rest.join('/')
    const pages = [
        ['', 'vpp.devices.all'],
        ['enrol', 'vpp.devices.enrol'],
        ['coverage', 'vpp.devices.coverage'],
        ['build', 'vpp.devices.build'],
        ['market', 'vpp.devices.market'],
    ] as const
    return (
        <div className="vpp-devices">
            <nav className="vpp-sections" aria-label={t('vpp.tab.devices')}>
                {pages
                    .filter(([to]) => (to !== 'enrol' && to !== 'build') || mayAct)
                    .map(([to, key]) => (
                        <a
                            key={to}
                            href={href(to ? `devices/${to}` : 'devices')}
                            aria-current={
                                to === section || (to === '' && !pages.some(([own]) => own !== '' && own === section)) ? 'page' : undefined
                            }
                            data-testid={`devices-${to || 'all'}`}
                        >
                            {t(key)}
                        </a>
                    ))}
            </nav>
            {section === 'enrol' ? (
                <EnrolTab />
            ) : section === 'coverage' ? (
                <CoverageTab />
            ) : section === 'build' && mayAct ? (
                <BuildTab step={name} />
            ) : section === 'market' ? (
                <MarketTab />
            ) : (
                <Register group={section === 'group' ? name : ''} open={section === 'resource' ? name : ''} />
            )}
        </div>
    )
}

interface Query {
    readonly text: string
    readonly kind: string | null
    readonly group: string | null
    readonly sort: ResourceSort
    readonly order: 'asc' | 'desc'
}

function Register({ group, open }: { group: string; open: string }) {
    const shell = useShell()
    const { t, number, go, instantMs } = shell
    const fleet = useFleet()
    const [query, setQuery] = useState<Query>({ text: '', kind: null, group: group || null, sort: 'register', order: 'desc' })
    const [revision, setRevision] = useState(0)
    const groups = fleet.state === 'ready' ? fleet.data.groups.map((g) => g.id) : []
    const [total, setTotal] = useState<number>()
    return (
        <div className={open ? 'vpp-register has-panel' : 'vpp-register'}>
            <div>
                <div className="table-tools">
                    <TextInput
                        placeholder={t('vpp.devices.filter')}
                        aria-label={t('vpp.devices.filter')}
                        value={query.text}
                        onChange={(e) => setQuery({ ...query, text: e.currentTarget.value })}
                        data-testid="devices-filter"
                    />
                    <Select
                        aria-label={t('vpp.col.kind')}
                        placeholder={t('vpp.devices.everyKind')}
                        data={resourceKinds.map((kind) => ({ value: kind, label: kindName(shell, kind) }))}
                        value={query.kind}
                        onChange={(kind) => setQuery({ ...query, kind })}
                        clearable
                    />
                    <Select
                        aria-label={t('vpp.col.group')}
                        placeholder={t('vpp.devices.everyGroup')}
                        data={query.group && !groups.includes(query.group) ? [query.group, ...groups] : groups}
                        value={query.group}
                        onChange={(g) => setQuery({ ...query, group: g })}
                        searchable
                        clearable
                    />
                    <span className="dim" data-testid="devices-count">
                        {total === undefined ? '' : t('vpp.devices.count', { count: number(total, 0) })}
                    </span>
                </div>
                <Rows
                    key={JSON.stringify([query, revision, instantMs === undefined])}
                    query={query}
                    open={open}
                    onTotal={setTotal}
                    onSort={(sort) => setQuery({ ...query, sort, order: query.sort === sort && query.order === 'desc' ? 'asc' : 'desc' })}
                />
            </div>
            {open && (
                <ResourcePanel
                    id={open}
                    close={() => go('devices')}
                    removed={() => {
                        setRevision(revision + 1)
                        go('devices')
                    }}
                />
            )}
        </div>
    )
}

interface RowsProps {
    readonly query: Query
    readonly open: string
    readonly onTotal: (total: number) => void
    readonly onSort: (sort: ResourceSort) => void
}

/** The rows in sight and a page beyond, of however many there are. */
function Rows({ query, open, onTotal, onSort }: RowsProps) {
    const shell = useShell()
    const { t, number, go, Failed, Loading, Empty } = shell
    const [top, setTop] = useState(0)
    const kept = useRef(new Map<number, ResourcePage>())
    const filter = [
        query.text && `text=${part(query.text)}`,
        query.kind && `kind=${part(query.kind)}`,
        query.group && `group=${part(query.group)}`,
        query.sort !== 'register' && `sort=${query.sort}&order=${query.order}`,
    ].filter(Boolean)
    const pathOf = (page: number) => `/vpp/resources?${[...filter, `offset=${page * pageRows}`, `limit=${pageRows}`].join('&')}`
    const first = Math.max(0, Math.floor(top / rowPx) - 8)
    const page = Math.floor(first / pageRows)
    // a list sorted by what moves is asked for again
    const again = query.sort === 'register' ? undefined : 6000
    const here = useThen<ResourcePage>(pathOf(page), again)
    const next = useThen<ResourcePage>(
        here.state === 'ready' && here.data.total > (page + 1) * pageRows ? pathOf(page + 1) : undefined,
        again,
    )
    const live = useLiveColumns()
    const total = here.state === 'ready' ? here.data.total : undefined
    useEffect(() => {
        if (total !== undefined) onTotal(total)
    }, [total, onTotal])
    if (here.state === 'failed') return <Failed failure={here.failure} retry={here.reload} />
    for (const got of [here, next]) if (got.state === 'ready') kept.current.set(Math.floor(got.data.offset / pageRows), got.data)
    const known = kept.current.get(page) ?? [...kept.current.values()][0]
    if (!known) return <Loading />
    if (known.total === 0) return <Empty title={t('vpp.devices.none')}>{t('vpp.devices.noneAbout')}</Empty>
    const last = Math.min(known.total, first + 60)
    const at = (k: number) => kept.current.get(Math.floor(k / pageRows))?.resources[k % pageRows]
    const rows = Array.from({ length: last - first }, (_, n) => first + n)
    const sortable = (sort: ResourceSort, column: string) => {
        const mine = query.sort === sort
        return (
            <th className="is-number" aria-sort={mine ? (query.order === 'desc' ? 'descending' : 'ascending') : 'none'}>
                <button
                    type="button"
                    className="link"
                    onClick={() => onSort(sort)}
                    aria-label={t('vpp.sort', { column })}
                    data-testid={`sort-${sort}`}
                >
                    {column} {mine ? (query.order === 'desc' ? '▾' : '▴') : ''}
                </button>
            </th>
        )
    }
    const openRow = (k: number) => {
        const r = at(k)
        if (r) go(`devices/resource/${r.id}`)
    }
    return (
        <section
            className="table-scroll"
            onScroll={(e) => setTop(e.currentTarget.scrollTop)}
            aria-label={t('vpp.tab.devices')}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling table must be reachable by key
            tabIndex={0}
            onKeyDown={(e) => {
                const by = { ArrowDown: 1, ArrowUp: -1 }[e.key]
                if (!by) return
                e.preventDefault()
                const now = rows.find((k) => at(k)?.id === open) ?? first - 1
                const to = Math.min(Math.max(now + by, 0), known.total - 1)
                openRow(to)
                const box = e.currentTarget
                if (to * rowPx < box.scrollTop || to * rowPx > box.scrollTop + box.clientHeight - 3 * rowPx)
                    box.scrollTop = to * rowPx - 120
            }}
        >
            <table className="grid" data-testid="devices-table" aria-rowcount={known.total}>
                <thead>
                    <tr>
                        <th>{t('vpp.col.id')}</th>
                        <th>{t('vpp.col.name')}</th>
                        <th>{t('vpp.col.kind')}</th>
                        <th>{t('vpp.col.group')}</th>
                        <th>{t('vpp.col.connection')}</th>
                        <th className="is-number">{t('vpp.col.rating')}</th>
                        <th>{t('vpp.col.link')}</th>
                        {sortable('ageS', t('vpp.col.age'))}
                        {sortable('syncErrorKw', t('vpp.col.sync'))}
                        {sortable('pKw', t('vpp.col.power'))}
                        <th className="is-number">{t('vpp.col.ordered')}</th>
                        {sortable('socPercent', t('vpp.col.soc'))}
                        {sortable('syncErrorPercent', t('vpp.col.syncPercent'))}
                    </tr>
                </thead>
                <tbody>
                    {first > 0 && <tr style={{ height: first * rowPx }} />}
                    {rows.map((k) => {
                        const r = at(k)
                        if (!r)
                            return (
                                <tr key={k} style={{ height: rowPx }}>
                                    <td colSpan={13} className="dim">
                                        …
                                    </td>
                                </tr>
                            )
                        const now = live?.of(r.id)
                        return (
                            <tr
                                key={r.id}
                                className={r.id === open ? 'is-picked' : ''}
                                style={{ height: rowPx }}
                                onClick={() => openRow(k)}
                                data-testid={`device-${r.id}`}
                            >
                                <td className="id">{r.id}</td>
                                <th scope="row">{resourceName(shell, r)}</th>
                                <td>{kindName(shell, r.kind as ResourceKind)}</td>
                                <td>{r.group}</td>
                                <td className="dim">{r.connection || '–'}</td>
                                <td className="is-number">{number(ratingKw(r), 1)}</td>
                                <td className={now && now.link !== 'online' ? 'beyond-1' : ''}>
                                    {now ? `${now.link === 'online' ? '' : '▲ '}${t(`vpp.link.${now.link}`)}` : '–'}
                                </td>
                                <td className="is-number">{number(now?.ageS, 1)}</td>
                                <td className="is-number">{number(now?.syncKw, 3)}</td>
                                <td className="is-number">
                                    {now?.under ? <span className="beyond-1">▲ </span> : ''}
                                    {number(now?.pKw, 2)}
                                </td>
                                <td className="is-number">{number(now?.orderedKw, 2)}</td>
                                <td>{now?.soc === null || now?.soc === undefined ? '' : <Charge percent={now.soc} />}</td>
                                <td className="is-number">{number(now?.syncPercent, 2)}</td>
                            </tr>
                        )
                    })}
                    {last < known.total && <tr style={{ height: (known.total - last) * rowPx }} />}
                </tbody>
            </table>
        </section>
    )
}

const links = ['online', 'silent', 'offline', 'never'] as const

/** What every resource does now, by id; a large fleet is asked less often. */
function useLiveColumns() {
    const [everyMs, setEveryMs] = useState(3000)
    const states = useThen<FleetColumns>('/vpp/fleet/states', everyMs)
    const data = states.state === 'ready' ? states.data : undefined
    const slow = (data?.id.length ?? 0) > 2000 ? 12_000 : 3000
    if (data && slow !== everyMs) setEveryMs(slow)
    return useMemo(() => {
        if (!data) return undefined
        const at = new Map(data.id.map((id, k) => [id, k]))
        return {
            of(id: string) {
                const k = at.get(id)
                if (k === undefined) return undefined
                return {
                    link: links[data.link[k]!]!,
                    pKw: data.pKw[k],
                    orderedKw: data.orderedKw[k],
                    soc: data.socPercent[k],
                    under: data.underDelivered[k] === 1,
                    ageS: data.ageS[k],
                    syncKw: data.syncErrorKw[k],
                    syncPercent: data.syncErrorPercent[k],
                }
            },
        }
    }, [data])
}
