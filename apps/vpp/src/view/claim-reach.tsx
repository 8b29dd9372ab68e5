/** How far a claim reaches: where it was tried, where it held, and where between it ends. */
import type { ClaimId, ClaimRegion, VolumeLimit } from '@gridverse/plan'
import { figureName } from './figures.ts'
import { digitsOf, rangeAround, rangeWithZero } from './frame.ts'
import { type Shell, useShell } from './shell.ts'

/** Which two figures of a claim tell it along a parameter: the first two but where others say more. */
const telling: Partial<Record<ClaimId, readonly [number, number]>> = { e: [1, 3], '2e': [0, 2] }

export const parameterName = ({ t }: Pick<Shell, 't'>, name: ClaimRegion['parameter']) => t(`vpp.parameter.${name}`)

/** `holds from 0.5 to 2; ends between 2 and 2.5` */
export function reachOf({ t, number }: Shell, { from, to, endsBelow, endsAbove }: ClaimRegion): string {
    const n = (x: number | undefined) => number(x, x !== undefined && Math.abs(x) < 10 ? 2 : 1)
    if (from === undefined) return t('vpp.reach.notHere')
    const ends = [
        ...(endsBelow === undefined ? [] : [t('vpp.reach.ends', { a: n(endsBelow), b: n(from) })]),
        ...(endsAbove === undefined ? [] : [t('vpp.reach.ends', { a: n(to), b: n(endsAbove) })]),
    ]
    return `${t('vpp.reach.holds', { from: n(from), to: n(to) })} ${ends.length > 0 ? ends.join(' ') : t('vpp.reach.noEnd')}`
}

export function RegionChart({ region }: { region: ClaimRegion }) {
    const shell = useShell()
    const { t, number, Plot, Legend } = shell
    const { points, own, from, to, claim } = region
    const names = Object.keys(points.find((p) => p.holds !== undefined)?.figures ?? {})
    const shown = (telling[claim] ?? [0, 1]).map((k) => names[k]).filter((name) => name !== undefined)
    const values = points.flatMap((p) => shown.map((name) => p.figures[name]).filter((v) => v !== undefined))
    const x = rangeAround(points.map((p) => p.value))
    const y = rangeWithZero(values)
    const name = parameterName(shell, region.parameter)
    const foot = 14
    return (
        <>
            <Plot
                title={`${name}: ${reachOf(shell, region)}`}
                xRange={x}
                // room for what held
                yRange={[y[0] - 0.14 * (y[1] - y[0]), y[1]]}
                xLabel={`${name}${region.unit ? ` [${region.unit}]` : ''}`}
                yLabel=""
                xText={(v) => number(v, Math.min(3, digitsOf(x)))}
                yText={(v) => number(v, Number.isInteger(v) ? 0 : Math.max(1, digitsOf(y)))}
                height={190}
                testId={`reach-${claim}-${region.parameter}`}
                table={() => ({
                    header: [name, t('vpp.holds'), ...names.map((n) => figureName(shell, n))],
                    rows: points.map((p) => [
                        p.value,
                        p.holds === undefined ? (p.problem ?? '') : t(p.holds ? 'vpp.yes' : 'vpp.no'),
                        ...names.map((n) => p.figures[n] ?? null),
                    ]),
                })}
            >
                {(area) => (
                    <>
                        {from !== undefined && to !== undefined && (
                            <rect
                                className="plot-counted"
                                x={area.x(from) - 5}
                                width={area.x(to) - area.x(from) + 10}
                                y={area.top}
                                height={area.bottom - area.top}
                            />
                        )}
                        <line className="line-before" x1={area.x(own)} x2={area.x(own)} y1={area.top} y2={area.bottom}>
                            <title>{t('vpp.reach.own')}</title>
                        </line>
                        {shown.map((figure, k) => {
                            const at = points.flatMap((p) => (p.figures[figure] === undefined ? [] : [{ ...p, v: p.figures[figure] }]))
                            return (
                                <g key={figure}>
                                    <polyline
                                        className={`pen-${k}`}
                                        points={at.map((p) => `${area.x(p.value)},${area.y(p.v)}`).join(' ')}
                                    />
                                    {at.map((p) => (
                                        <circle key={p.value} className={`key-${k}`} cx={area.x(p.value)} cy={area.y(p.v)} r={3}>
                                            <title>{`${figureName(shell, figure)}: ${number(p.v, 2)} (${number(p.value, 3)})`}</title>
                                        </circle>
                                    ))}
                                </g>
                            )
                        })}
                        {points.map((p) => (
                            <text
                                key={p.value}
                                className={p.holds === false ? 'reach-mark is-not' : 'reach-mark'}
                                x={area.x(p.value)}
                                y={area.bottom - foot + 9}
                                textAnchor="middle"
                            >
                                {p.holds === undefined ? '?' : p.holds ? '✓' : '×'}
                                <title>
                                    {`${number(p.value, 3)}: ${p.holds === undefined ? (p.problem ?? '') : t(p.holds ? 'vpp.reach.held' : 'vpp.reach.failed')}`}
                                </title>
                            </text>
                        ))}
                    </>
                )}
            </Plot>
            <Legend
                items={[
                    ...shown.map((figure, k) => ({ name: figureName(shell, figure), className: `key-${k}` })),
                    { name: t('vpp.reach.own'), className: 'key-before' },
                ]}
            />
        </>
    )
}

/** The largest spread of the sun that leaves traded volumes equal, by what flexibility there is. */
export function VolumeLimitChart({ limit: { points, own } }: { limit: VolumeLimit }) {
    const shell = useShell()
    const { t, number, Plot } = shell
    const x = rangeWithZero([...points.map((p) => p.flexibilityKw), own.flexibilityKw])
    const y = rangeWithZero([...points.map((p) => p.spreadKw), own.spreadKw].map((v) => 1.15 * v))
    const sorted = points.slice().sort((a, b) => a.flexibilityKw - b.flexibilityKw)
    return (
        <Plot
            title={t('vpp.volumeLimit')}
            xRange={x}
            yRange={y}
            xLabel={t('vpp.volumeLimit.flexibility')}
            yLabel="kW"
            xText={(v) => number(v, 0)}
            yText={(v) => number(v, digitsOf(y))}
            height={250}
            testId="volume-limit"
            table={() => ({
                header: [
                    t('vpp.volumeLimit.flexibility'),
                    t('vpp.volumeLimit.spread'),
                    t('vpp.parameter.flexibility'),
                    t('vpp.parameter.spread'),
                    t('vpp.volumeLimit.notCovered'),
                ],
                rows: points.map((p) => [p.flexibilityKw, p.spreadKw, p.flexibility, p.spread, p.notCovered ?? null]),
            })}
        >
            {(area) => {
                const line = sorted.map((p) => `${area.x(p.flexibilityKw)},${area.y(p.spreadKw)}`)
                const ends = [sorted.at(-1)!, sorted[0]!].map((p) => `${area.x(p.flexibilityKw)},${area.bottom}`)
                const [mx, my] = [area.x(own.flexibilityKw), area.y(own.spreadKw)]
                return (
                    <>
                        <polygon className="plot-counted" points={[...line, ...ends].join(' ')} />
                        <polyline className="pen-0" points={line.join(' ')} />
                        {sorted.map((p) => (
                            <circle key={p.flexibility} className="key-0" cx={area.x(p.flexibilityKw)} cy={area.y(p.spreadKw)} r={4}>
                                <title>
                                    {`${number(p.flexibilityKw, 0)} kW: ${number(p.spreadKw, 0)} kW (${number(p.spread, 2)}${p.notCovered === undefined ? '' : ` … ${number(p.notCovered, 2)}`})`}
                                </title>
                            </circle>
                        ))}
                        <text className="plot-tick" x={area.right - 8} y={area.bottom - 10} textAnchor="end">
                            {t('vpp.volumeLimit.equal')}
                        </text>
                        <text className="plot-tick" x={area.left + 8} y={area.top + 12}>
                            {t('vpp.volumeLimit.differ')}
                        </text>
                        <path className="dot" d={`M${mx - 7},${my}L${mx},${my - 7}L${mx + 7},${my}L${mx},${my + 7}Z`}>
                            <title>{t('vpp.reach.own')}</title>
                        </path>
                        <text className="plot-tick" x={mx + 11} y={my + 4}>
                            {`${t('vpp.reach.own')} ${number(own.spreadKw, 0)} kW ${own.covered ? '✓' : '×'}`}
                        </text>
                    </>
                )
            }}
        </Plot>
    )
}
