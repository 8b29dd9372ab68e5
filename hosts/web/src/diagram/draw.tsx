/** A layout as SVG, drawn once with IEC 60617 symbols. What moves is marked by `data-…` and kept up by `bind.ts`. */
import { voltageColour } from '@gridverse/scene'
import { memo } from 'react'
import { componentName, type RegionIndex } from '../model/region.ts'
import type { Lang } from '../text/index.ts'
import type { Diagram, Item, Shape } from './items.ts'

type Theme = 'light' | 'dark'
export const hex = (colour: number): string => `#${colour.toString(16).padStart(6, '0')}`
const strokeOf = (kv: number, theme: Theme) => hex(voltageColour(kv, 'quiet', theme))

/** Symbols hang from (0, 0) downwards on a unit of `s`; the caller turns them over. */
function Glyph({ shape, s }: { shape: Shape; s: number }) {
    const circle = <circle cx="0" cy={s} r={s} />
    switch (shape) {
        case 'load':
            return <path className="solid" d={`M0 0v${s * 0.6}M${-s * 0.6} ${s * 0.6}h${s * 1.2}L0 ${s * 1.7}z`} />
        case 'generator':
            return (
                <>
                    {circle}
                    <path
                        d={`M${-s * 0.5} ${s}c${s * 0.25} ${-s * 0.6} ${s * 0.35} ${-s * 0.3} ${s * 0.5} 0s${s * 0.25} ${s * 0.6} ${s * 0.5} 0`}
                    />
                </>
            )
        case 'hydro':
            return (
                <>
                    {circle}
                    <path
                        d={`M${-s * 0.55} ${s * 0.8}q${s * 0.27} ${-s * 0.4} ${s * 0.55} 0t${s * 0.55} 0M${-s * 0.55} ${s * 1.3}q${s * 0.27} ${-s * 0.4} ${s * 0.55} 0t${s * 0.55} 0`}
                    />
                </>
            )
        case 'wind':
            return (
                <>
                    {circle}
                    <path d={`M0 ${s}v${s * 0.75}M0 ${s}L0 ${s * 0.3}M0 ${s}L${s * 0.6} ${s * 1.35}M0 ${s}L${-s * 0.6} ${s * 1.35}`} />
                </>
            )
        case 'pv':
            return (
                <path
                    d={`M${-s} 0h${s * 2}v${s * 2}h${-s * 2}zM${-s} 0L0 ${s * 0.9}L${s} 0M${-s * 0.5} ${s * 1.7}l${s * 0.35} ${-s * 0.4}M${s * 0.1} ${s * 1.7}l${s * 0.35} ${-s * 0.4}`}
                />
            )
        case 'storage':
            return (
                <path
                    d={`M${-s} 0h${s * 2}v${s * 2}h${-s * 2}zM${-s * 0.75} ${s * 0.75}h${s * 1.5}M${-s * 0.35} ${s * 1.05}h${s * 0.7}M${-s * 0.75} ${s * 1.4}h${s * 1.5}`}
                />
            )
        case 'shunt':
            return (
                <path
                    d={`M0 0v${s * 0.6}M${-s * 0.7} ${s * 0.6}h${s * 1.4}M${-s * 0.7} ${s}h${s * 1.4}M0 ${s}v${s * 0.4}M${-s * 0.5} ${s * 1.4}h${s}M${-s * 0.3} ${s * 1.65}h${s * 0.6}`}
                />
            )
        case 'line':
            return <path d={`M${-s * 0.8} ${-s * 0.3}h${s * 1.6}`} strokeWidth="3" />
        case 'feeder':
            return (
                <path
                    d={`M0 0v${s * 0.8}M${-s} ${s * 0.8}h${s * 2}M${-s} ${s * 0.8}v${s * 0.7}M0 ${s * 0.8}v${s * 0.7}M${s} ${s * 0.8}v${s * 0.7}`}
                />
            )
    }
}

/** A switching device: breaker a square, disconnector a bar, load-switch a circle; the blade is turned by its state. */
function Device({ item }: { item: Extract<Item, { kind: 'switch' }> }) {
    const s = item.small ? 4 : 7
    return (
        <g
            className={`device is-${item.device}${item.small ? ' is-small' : ''}`}
            transform={`translate(${item.x} ${item.y}) rotate(${item.angleDeg})`}
            data-pick={`switch/${item.id}`}
            data-switch={`switch/${item.id}/closed`}
            data-testid={`switch-${item.id}`}
            data-state="unknown"
        >
            <rect className="hit" x={-s - 4} y={-s - 4} width={2 * s + 8} height={2 * s + 8} />
            {item.device === 'load-switch' ? (
                <circle className="body" r={s} />
            ) : (
                <rect className="body" x={-s} y={-s} width={2 * s} height={2 * s} />
            )}
            <path className="blade" d={`M${-s} 0H${s}`} />
            <text className="unknown" y={s * 0.6} fontSize={s * 1.7} transform={`rotate(${-item.angleDeg})`}>
                ?
            </text>
        </g>
    )
}

function Thing({ item, region, theme, lang }: { item: Item; region: RegionIndex; theme: Theme; lang: Lang }) {
    switch (item.kind) {
        case 'bar':
            return (
                <g className="bar" data-pick={item.component} data-bus={`${item.component}/vmPu`}>
                    <line
                        x1={item.x}
                        y1={item.y}
                        x2={item.upright ? item.x : item.x + item.length}
                        y2={item.upright ? item.y + item.length : item.y}
                        stroke={strokeOf(item.baseKv, theme)}
                    />
                    <rect
                        className="hit"
                        x={item.x - 5}
                        y={item.y - 6}
                        width={item.upright ? 10 : item.length + 10}
                        height={item.upright ? item.length + 12 : 12}
                    />
                </g>
            )
        case 'wire': {
            const d = item.path.map(([x, y], n) => `${n ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
            return (
                <g
                    className={`wire${item.tie ? ' is-tie' : ''}${item.trunk ? ' is-trunk' : ''}`}
                    data-pick={item.component}
                    data-wire={item.component}
                >
                    <path d={d} stroke={strokeOf(item.baseKv, theme)} />
                    <path className="hit" d={d} />
                </g>
            )
        }
        case 'switch':
            return <Device item={item} />
        case 'symbol':
            return (
                <g
                    className={`symbol is-${item.shape}`}
                    data-pick={item.component}
                    transform={`translate(${item.x} ${item.y})${item.down ? '' : ' scale(1 -1)'}`}
                    stroke={strokeOf(item.baseKv, theme)}
                >
                    <rect className="hit" x={-item.size - 3} y={-2} width={2 * item.size + 6} height={2 * item.size + 6} />
                    <Glyph shape={item.shape} s={item.size} />
                </g>
            )
        case 'transformer':
            return (
                <g className="transformer" data-pick={item.component} transform={`translate(${item.x} ${item.y}) rotate(${item.angleDeg})`}>
                    <circle cx={-item.size * 0.62} r={item.size} stroke={strokeOf(item.kvA, theme)} />
                    <circle className="clear" cx={item.size * 0.62} r={item.size} stroke={strokeOf(item.kvB, theme)} />
                </g>
            )
        case 'flow':
            return (
                <g transform={`translate(${item.x} ${item.y}) rotate(${item.angleDeg})`}>
                    <path className="flow" d="M-5 -5L6 0L-5 5z" data-flow={item.point} data-loading={`${item.component}/loadingPercent`} />
                </g>
            )
        case 'name':
            return (
                <text className={`name is-${item.level}`} x={item.x} y={item.y} textAnchor={item.anchor} data-pick={item.component}>
                    {item.level === 'id'
                        ? item.component.slice(item.component.indexOf('/') + 1)
                        : componentName(region, item.component, lang)}
                </text>
            )
        case 'value':
            return (
                <text
                    className="figure-text"
                    x={item.x}
                    y={item.y}
                    textAnchor={item.anchor}
                    data-point={item.point}
                    data-pick={item.point.slice(0, item.point.lastIndexOf('/'))}
                >
                    –
                </text>
            )
    }
}

/** Wires first, then bars and symbols, then words, so that nothing covers a number. */
const layerOf: Record<Item['kind'], number> = { wire: 0, bar: 1, transformer: 2, symbol: 2, switch: 3, flow: 4, name: 5, value: 5 }

export const Drawing = memo(function Drawing({
    diagram,
    region,
    theme,
    lang,
}: {
    diagram: Diagram
    region: RegionIndex
    theme: Theme
    lang: Lang
}) {
    const ordered = [...diagram.items].sort((a, b) => layerOf[a.kind] - layerOf[b.kind])
    return ordered.map((item, n) => <Thing key={n} item={item} region={region} theme={theme} lang={lang} />)
})
