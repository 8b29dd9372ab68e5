/** The frame charts share: a drawing area with round ticks, units at the axes, and what lies inside. */
import { type ReactNode, useRef } from 'react'
import { toCsv } from '../model/format.ts'
import { save } from '../parts/save.ts'
import { useLang, useSize } from '../parts/use.ts'
import { t } from '../text/index.ts'
import { drawingAsPng } from './picture.ts'
import { linear, niceTicks } from './scale.ts'

export interface PlotArea {
    readonly x: (value: number) => number
    readonly y: (value: number) => number
    readonly left: number
    readonly right: number
    readonly top: number
    readonly bottom: number
}

interface PlotProps {
    readonly title: string
    readonly xRange: readonly [number, number]
    readonly yRange: readonly [number, number]
    readonly xLabel: string
    readonly yLabel: string
    readonly xText: (value: number) => string
    readonly yText: (value: number) => string
    readonly height?: number
    readonly xTicks?: readonly number[]
    readonly testId?: string
    /** what is drawn, as a table, for the export */
    readonly table?: () => { readonly header: readonly string[]; readonly rows: readonly (readonly (string | number | null)[])[] }
    readonly children: (area: PlotArea) => ReactNode
}

const pad = { left: 54, right: 22, top: 10, bottom: 34 }

export function Plot({ title, xRange, yRange, xLabel, yLabel, xText, yText, height = 220, xTicks, testId, table, children }: PlotProps) {
    useLang()
    const drawing = useRef<SVGSVGElement>(null)
    const [ref, { width }] = useSize<HTMLDivElement>()
    const area: PlotArea = {
        left: pad.left,
        right: Math.max(pad.left + 10, width - pad.right),
        top: pad.top,
        bottom: height - pad.bottom,
        x: linear(xRange[0], xRange[1], pad.left, Math.max(pad.left + 10, width - pad.right)),
        y: linear(yRange[0], yRange[1], height - pad.bottom, pad.top),
    }
    const across = xTicks ?? niceTicks(xRange[0], xRange[1], Math.max(2, Math.floor(width / 90)))
    return (
        <figure className="plot" data-testid={testId}>
            <figcaption>
                {title}
                {table && (
                    <span className="plot-tools">
                        <button
                            type="button"
                            className="link"
                            aria-label={t('chart.csv', { title })}
                            onClick={() => save(`${title}.csv`, toCsv(table().header, table().rows), 'text/csv')}
                        >
                            CSV
                        </button>
                        <button
                            type="button"
                            className="link"
                            aria-label={t('chart.png', { title })}
                            onClick={() => {
                                if (drawing.current)
                                    void drawingAsPng(drawing.current).then((file) => save(`${title}.png`, file, 'image/png'))
                            }}
                        >
                            PNG
                        </button>
                    </span>
                )}
            </figcaption>
            <div ref={ref} style={{ height }}>
                {width > 0 && (
                    <svg ref={drawing} width={width} height={height} role="img" aria-label={title}>
                        {niceTicks(yRange[0], yRange[1], 4).map((v) => (
                            <g key={v}>
                                <line
                                    className={v === 0 ? 'plot-zero' : 'plot-line'}
                                    x1={area.left}
                                    x2={area.right}
                                    y1={area.y(v)}
                                    y2={area.y(v)}
                                />
                                <text className="plot-tick" x={area.left - 6} y={area.y(v) + 4} textAnchor="end">
                                    {yText(v)}
                                </text>
                            </g>
                        ))}
                        {across.map((v) => (
                            <text key={v} className="plot-tick" x={area.x(v)} y={area.bottom + 15} textAnchor="middle">
                                {xText(v)}
                            </text>
                        ))}
                        <text className="plot-unit" x={2} y={height - 4}>
                            {yLabel}
                        </text>
                        <text className="plot-unit" x={area.right} y={height - 4} textAnchor="end">
                            {xLabel}
                        </text>
                        {children(area)}
                    </svg>
                )}
            </div>
        </figure>
    )
}

export interface LegendItem {
    readonly name: string
    readonly className: string
}
export function Legend({ items }: { items: readonly LegendItem[] }) {
    return (
        <ul className="plot-legend">
            {items.map((item) => (
                <li key={item.name}>
                    <svg width="14" height="10" aria-hidden="true">
                        <rect width="14" height="10" className={item.className} />
                    </svg>
                    {item.name}
                </li>
            ))}
        </ul>
    )
}
