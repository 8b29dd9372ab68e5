/** Any plot of a claim: courses over the steps of a day, or what was found as one thing varies. */
import type { ClaimPlot } from '@gridverse/plan'
import { figureName } from './figures.ts'
import { courseTable, type DayGrid, dayAxis, digitsOf, rangeAround, rangeWithZero, steps } from './frame.ts'
import { type PlotArea, type Shell, useShell } from './shell.ts'
import { runsOf } from './sums.ts'

/** A series' pen: those that differ by a number alone share one. */
const penOf = (plot: ClaimPlot) => {
    const bases = [...new Set(plot.series.map((s) => s.name.replace(/ at [\d.]+$/, '')))]
    return (name: string) => bases.indexOf(name.replace(/ at [\d.]+$/, '')) % 6
}

export function ClaimChart({ plot, day }: { plot: ClaimPlot; day: DayGrid }) {
    const shell = useShell()
    const { t, number, Plot, Legend } = shell
    const byStep = plot.x.name === 'period'
    const pen = penOf(plot)
    const values = plot.series.flatMap((s) => s.values.filter((v) => v !== null))
    const levels = (plot.limits ?? []).map((l) => l.at)
    const y = byStep ? rangeWithZero([...values, ...levels]) : rangeAround([...values, ...levels])
    const x = rangeAround([...plot.x.values, ...(plot.marks ?? []).map((m) => m.at)])
    const named = (name: string) => figureName(shell, name)
    const xName = `${named(plot.x.name)}${plot.x.unit ? ` [${plot.x.unit}]` : ''}`
    const columns = plot.series.map((s): [string, readonly (number | null)[]] => [`${named(s.name)} [${plot.unit}]`, s.values])
    // what differs by a number alone is named once
    const groups = new Map(plot.series.map((s) => [pen(s.name), s.name]))
    const legend = [...groups].map(([k, name]) => ({
        name: / at [\d.]+$/.test(name) ? t('vpp.claims.eachDay') : named(name),
        className: `key-${k}`,
    }))
    return (
        <>
            <Plot
                {...(byStep
                    ? dayAxis(day, shell)
                    : {
                          xRange: x,
                          xLabel: xName,
                          xText: (v: number) => number(v, Math.min(3, digitsOf(x))),
                      })}
                title={t(`vpp.plot.${plot.id}` as 'vpp.plot.buyer')}
                yRange={y}
                yLabel={plot.unit}
                yText={(v) => number(v, Number.isInteger(v) ? 0 : Math.max(1, digitsOf(y)))}
                testId={`claim-plot-${plot.id}`}
                table={
                    byStep
                        ? courseTable(day, t('vpp.hour'), columns)
                        : () => ({
                              header: [xName, ...columns.map(([name]) => name)],
                              rows: plot.x.values.map((at, k) => [at, ...columns.map(([, of]) => of[k] ?? null)]),
                          })
                }
            >
                {(area) => (
                    <>
                        {plot.counted && <Counted counted={plot.counted} area={area} name={t('vpp.claims.counted')} />}
                        {(plot.limits ?? []).map((limit) => (
                            <Level
                                key={limit.name}
                                at={limit.at}
                                name={`${named(limit.name)} ${number(limit.at, digitsOf(y))}`}
                                area={area}
                            />
                        ))}
                        {(plot.marks ?? []).map((mark, k) => (
                            <g key={mark.name}>
                                <line className="plot-limit" x1={area.x(mark.at)} x2={area.x(mark.at)} y1={area.top} y2={area.bottom} />
                                <text className="plot-tick" x={area.x(mark.at) + 4} y={area.top + 10 + 13 * k}>
                                    {`${named(mark.name)} ${number(mark.at, 2)}`}
                                </text>
                            </g>
                        ))}
                        {plot.series.map((s) =>
                            byStep ? (
                                <path
                                    key={s.name}
                                    className={`pen-${pen(s.name)}`}
                                    d={steps(
                                        s.values.map((v) => v ?? 0),
                                        area.x,
                                        area.y,
                                    )}
                                >
                                    <title>{named(s.name)}</title>
                                </path>
                            ) : (
                                <Points
                                    key={s.name}
                                    shell={shell}
                                    plot={plot}
                                    values={s.values}
                                    name={named(s.name)}
                                    pen={pen(s.name)}
                                    area={area}
                                />
                            ),
                        )}
                    </>
                )}
            </Plot>
            <Legend items={legend} />
        </>
    )
}

function Points({
    shell: { number },
    plot,
    values,
    name,
    pen,
    area,
}: {
    shell: Shell
    plot: ClaimPlot
    values: readonly (number | null)[]
    name: string
    pen: number
    area: PlotArea
}) {
    const at = values.flatMap((v, k) => (v === null ? [] : [{ x: plot.x.values[k]!, v }]))
    return (
        <>
            <polyline className={`pen-${pen}`} points={at.map((p) => `${area.x(p.x)},${area.y(p.v)}`).join(' ')} />
            {at.map((p) => (
                <circle key={p.x} className={`key-${pen}`} cx={area.x(p.x)} cy={area.y(p.v)} r={3.2}>
                    <title>{`${name}: ${number(p.v, 2)} ${plot.unit} (${number(p.x, 2)} ${plot.x.unit})`}</title>
                </circle>
            ))}
        </>
    )
}

/** The steps a claim speaks of, shaded. */
function Counted({ counted, area, name }: { counted: readonly boolean[]; area: PlotArea; name: string }) {
    return runsOf(counted).map(({ from, to, answer }) =>
        answer ? (
            <rect
                key={from}
                className="plot-counted"
                x={area.x(from)}
                width={area.x(to) - area.x(from)}
                y={area.top}
                height={area.bottom - area.top}
            >
                <title>{name}</title>
            </rect>
        ) : null,
    )
}

export function Level({ at, name, area }: { at: number; name: string; area: PlotArea }) {
    return (
        <g>
            <line className="plot-limit" x1={area.left} x2={area.right} y1={area.y(at)} y2={area.y(at)} />
            <text className="plot-tick" x={area.right} y={area.y(at) - 4} textAnchor="end">
                {name}
            </text>
        </g>
    )
}
