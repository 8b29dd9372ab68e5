/** Ways to set a SunSpec device: what is written for a setpoint, to take it back, and what its registers say of it. */
import type { FoundModel } from './discovery.ts'
import { readPoint, resolutionOf, writePoint } from './registers.ts'

/** Registers to write, at an address. */
export interface Write {
    readonly address: number
    readonly registers: Uint16Array
}

export interface Control {
    readonly model: FoundModel
    /** Setpoint in kW, and 1 while it is in force; of the model's registers as they are now. */
    read(now: Uint16Array): readonly [kW: number, following: number]
    /** What to write, in order, for a setpoint that ends after `reversionS`; `fallbackKw` as the device's own reversion value. */
    set(now: Uint16Array, kW: number, reversionS: number, fallbackKw: number | undefined): readonly Write[]
    release(now: Uint16Array): readonly Write[]
    /** What the device shall do once a setpoint has ended, kW (undefined: decide by itself). Absent: it keeps no such value. */
    fallback?(now: Uint16Array, kW: number | undefined): readonly Write[]
    /** Smallest step of the setpoint, kW. */
    stepKw(now: Uint16Array): number
}

/**
 * The registers from the first to the last of some points, with new values, to be written at once. What lies between goes back
 * as it was read: "not implemented" written to a point is no order (SunSpec Device Information Model Specification).
 */
function change({ model, address }: FoundModel, now: Uint16Array, values: Readonly<Record<string, number>>): Write {
    const registers = now.slice()
    let from = Number.POSITIVE_INFINITY
    let to = 0
    for (const [name, value] of Object.entries(values)) {
        const { offset, size } = model.points.get(name)!
        writePoint(model, registers, name, value)
        from = Math.min(from, offset)
        to = Math.max(to, offset + size)
    }
    return { address: address + from, registers: registers.subarray(from, to) }
}

const readerOf =
    ({ model }: FoundModel, now: Uint16Array) =>
    (name: string): number =>
        readPoint(model, now, name)

/** An order is ours while its timer runs; once that is over, what is in force is the device's own. */
const timed = (enabled: boolean, seconds: number, leftS: number): number => Number(enabled && !(seconds > 0 && leftS === 0))

/** Model 704, set active power: storage gives or takes what it is told, in W. */
export const setPower704 = (model: FoundModel, wMax: number): Control => ({
    model,
    read(now) {
        const at = readerOf(model, now)
        return [
            at('WSetMod') === 0 ? (at('WSetPct') * wMax) / 100_000 : at('WSet') / 1000,
            timed(at('WSetEna') === 1, at('WSetRvrtTms'), at('WSetRvrtRem')),
        ]
    },
    set: (now, kW, reversionS, fallbackKw) => [
        change(model, now, {
            WSetEna: 1,
            WSetMod: 1,
            WSet: kW * 1000,
            WSetRvrt: (fallbackKw ?? 0) * 1000,
            WSetEnaRvrt: fallbackKw === undefined ? 0 : 1,
            WSetRvrtTms: reversionS,
        }),
    ],
    release: (now) => [change(model, now, { WSetEna: 0 })],
    fallback: (now, kW) => [
        change(model, now, { WSetRvrt: (kW ?? 0) * 1000 }),
        change(model, now, { WSetEnaRvrt: Number(kW !== undefined) }),
    ],
    stepKw: (now) => resolutionOf(model.model, now, 'WSet') / 1000,
})

/** Model 704, limit of active power: a generator gives at most so many percent of its greatest power. */
export const limitPower704 = (model: FoundModel, wMax: number): Control => ({
    model,
    read(now) {
        const at = readerOf(model, now)
        return [(at('WMaxLimPct') * wMax) / 100_000, timed(at('WMaxLimPctEna') === 1, at('WMaxLimPctRvrtTms'), at('WMaxLimPctRvrtRem'))]
    },
    set: (now, kW, reversionS, fallbackKw) => [
        change(model, now, {
            WMaxLimPctEna: 1,
            WMaxLimPct: (100_000 * kW) / wMax,
            WMaxLimPctRvrt: fallbackKw === undefined ? 100 : (100_000 * fallbackKw) / wMax,
            WMaxLimPctEnaRvrt: fallbackKw === undefined ? 0 : 1,
            WMaxLimPctRvrtTms: reversionS,
        }),
    ],
    release: (now) => [change(model, now, { WMaxLimPctEna: 0 })],
    fallback: (now, kW) => [
        change(model, now, {
            WMaxLimPctRvrt: kW === undefined ? 100 : (100_000 * kW) / wMax,
            WMaxLimPctEnaRvrt: Number(kW !== undefined),
        }),
    ],
    stepKw: (now) => (resolutionOf(model.model, now, 'WMaxLimPct') * wMax) / 100_000,
})

/** Model 123, the same on older inverters. It keeps no reversion value: when the time is over, there is no limit. */
export const limitPower123 = (model: FoundModel, wMax: number): Control => ({
    model,
    read(now) {
        const at = readerOf(model, now)
        return [(at('WMaxLimPct') * wMax) / 100_000, Number(at('WMaxLim_Ena') === 1)]
    },
    set: (now, kW, reversionS) => [
        change(model, now, { WMaxLimPct: (100_000 * kW) / wMax, WMaxLimPct_RvrtTms: reversionS, WMaxLim_Ena: 1 }),
    ],
    release: (now) => [change(model, now, { WMaxLim_Ena: 0 })],
    stepKw: (now) => (resolutionOf(model.model, now, 'WMaxLimPct') * wMax) / 100_000,
})

/**
 * Model 124 has limits, no setpoint: of discharging (OutWRte) and of charging (InWRte). A negative limit of one is a least
 * value of the other, so p % out and −p % in leave p % and nothing else. Percent of WChaMax, as inverters of this kind do it.
 */
export function setRates124(model: FoundModel): Control {
    const wChaMax = readPoint(model.model, model.registers, 'WChaMax')
    return {
        model,
        read(now) {
            const at = readerOf(model, now)
            return [(at('OutWRte') * wChaMax) / 100_000, Number(at('StorCtl_Mod') === 3)]
        },
        set(now, kW, reversionS) {
            const rate = (100_000 * kW) / wChaMax
            return [
                change(model, now, { OutWRte: rate, InWRte: -rate, InOutWRte_RvrtTms: reversionS }),
                change(model, now, { StorCtl_Mod: 3 }),
            ]
        },
        release: (now) => [change(model, now, { StorCtl_Mod: 0 })],
        stepKw: (now) => (resolutionOf(model.model, now, 'OutWRte') * wChaMax) / 100_000,
    }
}
