/** Meters that may be placed, and what each measures. */
import type { MeasurementKind, MeasurementPlace } from './estimate-measurement.ts'
import type { Network } from './network.ts'

export const meterKinds = ['injection', 'flow', 'voltage', 'phasor'] as const
/** P and Q into a bus, P and Q into a branch at a side, the magnitude or the phasor of a voltage. */
export type MeterKind = (typeof meterKinds)[number]

export interface Meter {
    readonly kind: MeterKind
    /** id of the bus it stands at */
    readonly bus: number
    /** of a flow: index of the branch, and the side of the meter */
    readonly branch?: number
    readonly side?: 'from' | 'to'
    /** what people read: "flow of branch L3 (30–40), from side" */
    readonly name: string
    readonly measures: readonly MeasurementKind[]
}

/** Every permitted meter that the layout does not have. */
export function candidatesOf(network: Network, layout: readonly MeasurementPlace[], kinds: readonly MeterKind[]): Meter[] {
    const key = (kind: string, at: number) => `${kind} ${at}`
    const have = new Set(layout.filter(({ sigma }) => sigma < Infinity).map(({ kind, bus, branch }) => key(kind, (bus ?? branch)!)))
    const names = new Map(network.bus.map(({ id, name }) => [id, name ? `${id} ${name}` : `${id}`]))
    const meters: Meter[] = []
    for (const kind of kinds) {
        const atBus = kind === 'injection' ? (['p', 'q'] as const) : kind === 'voltage' ? (['vm'] as const) : (['vm', 'va'] as const)
        const what = kind === 'injection' ? 'P and Q injection' : kind === 'voltage' ? 'voltage' : 'voltage phasor'
        if (kind !== 'flow')
            for (const { id } of network.bus) meters.push({ kind, bus: id, name: `${what} at bus ${names.get(id)}`, measures: atBus })
        else
            network.branch.forEach((row, branch) => {
                for (const side of ['from', 'to'] as const)
                    meters.push({
                        kind,
                        bus: side === 'from' ? row.fromBus : row.toBus,
                        branch,
                        side,
                        name: `flow of branch ${row.id} (${row.fromBus}–${row.toBus}), ${side} side`,
                        measures: side === 'from' ? ['pFrom', 'qFrom'] : ['pTo', 'qTo'],
                    })
            })
    }
    return meters.filter((meter) => !meter.measures.every((measure) => have.has(key(measure, meter.branch ?? meter.bus))))
}

export const placesOf = (meter: Meter): MeasurementPlace[] =>
    meter.measures.map((kind) =>
        meter.branch === undefined ? { kind, bus: meter.bus, sigma: 1 } : { kind, branch: meter.branch, sigma: 1 },
    )
