/** Every component in rows; only the rows in sight are in the page, so thousands scroll as tens do. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import { formatNumber, toCsv, unitText } from '../model/format.ts'
import { type Placed, placed } from '../model/security.ts'
import { go, link, pick, points, region, values } from '../model/state.ts'
import { arrange, columnsOf, type Order, rowsOf, type TableKind, type TableRow, tableKinds } from '../model/table.ts'
import { trace } from '../model/tracing.ts'
import { kindName, quantityName } from '../parts/component-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty } from '../parts/pages.tsx'
import { save } from '../parts/save.ts'
import { useBeat, useCell, useLang, useSize, useSlice } from '../parts/use.ts'
import { readPoint, Value } from '../parts/value.tsx'
import { t } from '../text/index.ts'

const rowPx = 30
const spare = 8

export function TablesView() {
    const lang = useLang()
    const index = useCell(region)!
    const cards = useCell(points)
    const part = useSlice(link, (l) => l.part)
    const kind: TableKind = (tableKinds as readonly string[]).includes(part) ? (part as TableKind) : 'bus'
    const counts = useMemo(() => {
        const count: Record<string, number> = {}
        for (const c of index.components) count[c.slice(0, c.indexOf('/'))] = (count[c.slice(0, c.indexOf('/'))] ?? 0) + 1
        return count
    }, [index])
    const kinds = tableKinds.filter((k) => (counts[k] ?? 0) > 0)
    const rows = useMemo(() => rowsOf(index, cards, kind, lang), [index, cards, kind, lang])
    return (
        <div className="tables-view">
            <SegmentedControl
                data={kinds.map((k) => ({ value: k, label: `${kindName(`${k}Plural`)} ${counts[k]}` }))}
                value={kind}
                onChange={(next) => go({ part: next })}
                data-testid="table-kinds"
            />
            <Table key={kind} kind={kind} rows={rows} />
        </div>
    )
}

/** Upstream or downstream of what is picked, by sign as well as by shade. */
function TraceSign({ side }: { side: 'up' | 'down' | undefined }) {
    if (!side) return null
    return (
        <span className="trace-sign" role="img" aria-label={t(`trace.${side}`)} title={t(`trace.${side}`)}>
            {side === 'up' ? '↑' : '↓'}
        </span>
    )
}

/** Lost by the placed outage, or overloaded after it. */
function OutageSign({ placed, component }: { placed: Placed; component: string }) {
    const lang = useLang()
    const percent = placed.over.get(component)
    if (component === placed.lost) return <span className="outage-sign"> ✕ {t('security.lostSign')}</span>
    return percent === undefined ? null : <span className="outage-sign is-over"> ▲ {formatNumber(percent, 0, lang)} %</span>
}

function Table({ kind, rows }: { kind: TableKind; rows: readonly TableRow[] }) {
    useLang()
    const tick = useBeat()
    const picked = useSlice(link, (l) => l.pick)
    const traced = useCell(trace)
    const struck = useCell(placed)
    const [query, setQuery] = useState('')
    const [order, setOrder] = useState<Order>()
    const [top, setTop] = useState(0)
    const [holder, size] = useSize<HTMLElement>()
    const columns = columnsOf[kind]
    // sorting by a value follows the values, once every few beats
    const turn = order && order.column >= 0 ? Math.floor(tick / 8) : 0
    // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks for a fresh order
    const arranged = useMemo(() => arrange(rows, query, order, (i) => readPoint(i).value), [rows, query, order, turn])
    // what a placed outage takes and overloads is read first, unless another order was asked for
    const shown = useMemo(() => {
        if (!struck || order) return arranged
        const rank = (component: string) => (component === struck.lost ? 0 : struck.over.has(component) ? 1 : 2)
        return [...arranged].sort((a, b) => rank(a.component) - rank(b.component))
    }, [arranged, struck, order])
    const first = Math.max(0, Math.floor(top / rowPx) - spare)
    const last = Math.min(shown.length, Math.ceil((top + size.height) / rowPx) + spare)
    const units = columns.map((_, c) => rows.find((r) => r.cards[c])?.cards[c]?.unit ?? '')
    const sortBy = (column: number) =>
        setOrder((now) =>
            now?.column !== column
                ? { column, descending: column >= 0 }
                : now.descending === column >= 0
                  ? { column, descending: column < 0 }
                  : undefined,
        )
    const body = useRef<HTMLTableSectionElement>(null)
    const exportCsv = () => {
        const header = [
            'id',
            t('table.name'),
            ...columns.flatMap((q, c) => [`${quantityName(q)}${units[c] ? ` [${units[c]}]` : ''}`, t('table.quality')]),
        ]
        const lines = shown.map((r) => [
            r.id,
            r.name,
            ...r.cards.flatMap((card) => (card ? [readPoint(card.index).value, readPoint(card.index).quality] : [null, null])),
        ])
        const at = new Date(Number.isFinite(values.tMs) ? values.tMs : Date.now()).toISOString().replaceAll(':', '')
        save(`${kind}-${at}.csv`, `\ufeff${toCsv(header, lines)}`, 'text/csv')
    }
    const head = (column: number, name: string, unit = '') => (
        <th
            key={column}
            scope="col"
            className={column >= 0 ? 'is-number' : ''}
            aria-sort={order?.column === column ? (order.descending ? 'descending' : 'ascending') : 'none'}
        >
            <button type="button" onClick={() => sortBy(column)}>
                {name}
                {unit && <small> {unitText(unit)}</small>}
                <span className="sort-sign">{order?.column === column ? (order.descending ? '▼' : '▲') : ''}</span>
            </button>
        </th>
    )
    const moveTo = (at: number) => {
        const row = shown[Math.min(Math.max(at, 0), shown.length - 1)]
        if (!row) return
        pick(row.component)
        const box = holder.current
        const y = shown.indexOf(row) * rowPx
        if (box && (y < box.scrollTop || y > box.scrollTop + size.height - 2 * rowPx)) box.scrollTop = y - size.height / 2
    }
    return (
        <>
            <div className="table-tools">
                <TextInput
                    placeholder={t('table.filter')}
                    aria-label={t('table.filter')}
                    value={query}
                    onChange={(e) => setQuery(e.currentTarget.value)}
                    leftSection={<Icon name="search" size={14} />}
                    data-testid="table-filter"
                />
                <span className="dim">{t('table.count', { shown: shown.length, all: rows.length })}</span>
                <Button
                    variant="default"
                    size="compact-xs"
                    leftSection={<Icon name="download" size={14} />}
                    onClick={exportCsv}
                    data-testid="table-csv"
                >
                    CSV
                </Button>
            </div>
            <section
                className="table-scroll"
                ref={holder}
                onScroll={(e) => setTop(e.currentTarget.scrollTop)}
                aria-label={t('view.tables')}
                // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling table must be reachable by key
                tabIndex={0}
                onKeyDown={(e) => {
                    const at = shown.findIndex((r) => r.component === picked)
                    if (e.key === 'ArrowDown') moveTo(at + 1)
                    else if (e.key === 'ArrowUp') moveTo(at - 1)
                    else return
                    e.preventDefault()
                }}
            >
                <table className="grid" data-testid={`table-${kind}`} aria-rowcount={shown.length}>
                    <thead>
                        <tr>
                            {head(-1, t('table.id'))}
                            {head(-2, t('table.name'))}
                            {columns.map((q, c) => head(c, quantityName(q), units[c]))}
                        </tr>
                    </thead>
                    <tbody ref={body}>
                        {first > 0 && <tr style={{ height: first * rowPx }} />}
                        {shown.slice(first, last).map((row) => (
                            <tr
                                key={row.component}
                                className={
                                    row.component === picked
                                        ? 'is-picked'
                                        : traced && !traced.side.has(row.component) && !traced.path.has(row.component)
                                          ? 'is-off-path'
                                          : ''
                                }
                                data-outage={row.component === struck?.lost ? 'lost' : struck?.over.has(row.component) ? 'over' : undefined}
                                data-trace={traced?.side.get(row.component)}
                                onClick={() => pick(row.component)}
                                data-testid={`row-${row.component}`}
                            >
                                <td className="id">{row.id}</td>
                                <th scope="row">
                                    {row.name}
                                    {struck && <OutageSign placed={struck} component={row.component} />}
                                    <TraceSign side={traced?.side.get(row.component)} />
                                </th>
                                {row.cards.map((card, c) => (
                                    <td key={columns[c]} className="is-number">
                                        {card && <Value card={card} unit={false} />}
                                    </td>
                                ))}
                            </tr>
                        ))}
                        {last < shown.length && <tr style={{ height: (shown.length - last) * rowPx }} />}
                    </tbody>
                </table>
                {shown.length === 0 && <Empty title={t('table.nothing', { query })}>{t('table.nothingAbout')}</Empty>}
            </section>
        </>
    )
}
