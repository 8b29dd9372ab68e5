/**
 * What a SunSpec device means as a resource: which of its registers are power, content and setpoint, and what is written to
 * set it. Devices after IEEE 1547-2018 have models 701, 702 and 704 (713 when they store), older ones 101–103 and 123 (124).
 */
import type { FoundModel } from './discovery.ts'
import { readPoint, resolutionOf, writePoint } from './registers.ts'

export type Quantity = 'pKw' | 'pSetKw' | 'following' | 'socPercent' | 'energyKwh' | 'availableKw'

/** Registers to write, at an address. */
export interface Write {
    readonly address: number
    readonly registers: Uint16Array
}

export interface Der {
    readonly maker: string
    readonly kind: 'storage' | 'generator'
    /** least and greatest setpoint, kW, into the network positive */
    readonly lowKw: number
    readonly highKw: number
    /** models to read at every poll, and how many registers of each */
    readonly polled: readonly { readonly id: number; readonly address: number; readonly count: number }[]
    /** Quantities out of the polled models' registers; NaN where the device does not tell. */
    read(registers: ReadonlyMap<number, Uint16Array>): Readonly<Record<Quantity, number>>
    /** What to write, in order, for a setpoint that ends after `reversionS`; `fallbackKw` as the device's own reversion value. */
    set(registers: ReadonlyMap<number, Uint16Array>, kW: number, reversionS: number, fallbackKw: number | undefined): readonly Write[]
    release(registers: ReadonlyMap<number, Uint16Array>): readonly Write[]
    /** Smallest step of the setpoint, kW. */
    stepKw(registers: ReadonlyMap<number, Uint16Array>): number
}

type Found = ReadonlyMap<number, FoundModel>
type Polled = ReadonlyMap<number, Uint16Array>

/** A point of the first of some models that implements it. */
function first(found: Found, places: readonly (readonly [id: number, name: string])[]): number {
    for (const [id, name] of places) {
        const m = found.get(id)
        const value = m ? readPoint(m.model, m.registers, name) : Number.NaN
        if (!Number.isNaN(value)) return value
    }
    return Number.NaN
}

/** The registers of some neighbouring points with new values, ready to be written at once. */
function change(m: FoundModel, now: Uint16Array, values: Readonly<Record<string, number>>): Write {
    const registers = now.slice()
    let from = Number.POSITIVE_INFINITY
    let to = 0
    for (const [name, value] of Object.entries(values)) {
        const { offset, size } = m.model.points.get(name)!
        writePoint(m.model, registers, name, value)
        from = Math.min(from, offset)
        to = Math.max(to, offset + size)
    }
    return { address: m.address + from, registers: registers.subarray(from, to) }
}

const percent = (part: number, whole: number): number => (100 * part) / whole

/** The device's meaning, or why it has none for us. */
export function readDer(found: Found, maker: string): Der | { readonly missing: string } {
    const modern = found.get(701)
    const measured = modern ?? found.get(103) ?? found.get(102) ?? found.get(101)
    const control704 = found.get(704)
    const control123 = found.get(123)
    const control124 = found.get(124)
    if (!measured) return { missing: `neither model 701 nor 101, 102 or 103 among ${[...found.keys()].join(', ')}` }
    const storage = found.has(713) || found.has(802) || found.has(124)
    const wMax = first(found, [
        [702, 'WMax'],
        [702, 'WMaxRtg'],
        [121, 'WMax'],
        [120, 'WRtg'],
    ])
    const charge = first(found, [
        [702, 'WChaRteMax'],
        [702, 'WChaRteMaxRtg'],
        [120, 'MaxChaRte'],
        [124, 'WChaMax'],
    ])
    const discharge = first(found, [
        [702, 'WDisChaRteMax'],
        [702, 'WDisChaRteMaxRtg'],
        [120, 'MaxDisChaRte'],
        [124, 'WChaMax'],
    ])
    const contentWh = first(found, [
        [713, 'WHRtg'],
        [802, 'WHRtg'],
        [120, 'WHRtg'],
    ])
    const or = (value: number, other: number) => (Number.isNaN(value) ? other : value)
    const highKw = (storage ? or(discharge, wMax) : wMax) / 1000
    const lowKw = storage ? -or(charge, wMax) / 1000 : 0
    // the last registers of 701 are a text; the rest goes into one read
    const counted = (m: FoundModel) => Math.min(m.registers.length, 123)
    const polled = [measured, control704, found.get(713), found.get(802), found.get(122), control123, control124]
        .filter((m) => m !== undefined)
        .filter((m) => !(m === control123 && (control704 || storage)) && !(m === control124 && control704))
        .map((m) => ({ id: m.model.id, address: m.address, count: counted(m) }))
    const at = (registers: Polled, id: number, name: string): number => {
        const m = found.get(id)
        const now = registers.get(id)
        return m && now ? readPoint(m.model, now, name) : Number.NaN
    }
    /** An order is ours while its timer runs; one without a timer is somebody's too. */
    const timed = (enabled: boolean, seconds: number, left: number): number => Number(enabled && !(seconds > 0 && left === 0))

    const control: Control | undefined =
        control704 && storage
            ? {
                  read: (r) => [
                      at(r, 704, 'WSetMod') === 0 ? (at(r, 704, 'WSetPct') * wMax) / 100_000 : at(r, 704, 'WSet') / 1000,
                      timed(at(r, 704, 'WSetEna') === 1, at(r, 704, 'WSetRvrtTms'), at(r, 704, 'WSetRvrtRem')),
                  ],
                  set: (r, kW, reversionS, fallbackKw) => [
                      change(control704, r.get(704)!, {
                          WSetEna: 1,
                          WSetMod: 1,
                          WSet: kW * 1000,
                          WSetRvrt: (fallbackKw ?? 0) * 1000,
                          WSetEnaRvrt: fallbackKw === undefined ? 0 : 1,
                          WSetRvrtTms: reversionS,
                      }),
                  ],
                  release: (r) => [change(control704, r.get(704)!, { WSetEna: 0 })],
                  stepKw: (r) => resolutionOf(control704.model, r.get(704)!, 'WSet') / 1000,
              }
            : control704
              ? {
                    read: (r) => [
                        (at(r, 704, 'WMaxLimPct') * wMax) / 100_000,
                        timed(at(r, 704, 'WMaxLimPctEna') === 1, at(r, 704, 'WMaxLimPctRvrtTms'), at(r, 704, 'WMaxLimPctRvrtRem')),
                    ],
                    set: (r, kW, reversionS, fallbackKw) => [
                        change(control704, r.get(704)!, {
                            WMaxLimPctEna: 1,
                            WMaxLimPct: percent(kW * 1000, wMax),
                            WMaxLimPctRvrt: fallbackKw === undefined ? 100 : percent(fallbackKw * 1000, wMax),
                            WMaxLimPctEnaRvrt: fallbackKw === undefined ? 0 : 1,
                            WMaxLimPctRvrtTms: reversionS,
                        }),
                    ],
                    release: (r) => [change(control704, r.get(704)!, { WMaxLimPctEna: 0 })],
                    stepKw: (r) => (resolutionOf(control704.model, r.get(704)!, 'WMaxLimPct') * wMax) / 100_000,
                }
              : control124
                ? storageByRates(control124, at)
                : control123 && !storage
                  ? {
                        read: (r) => [(at(r, 123, 'WMaxLimPct') * wMax) / 100_000, Number(at(r, 123, 'WMaxLim_Ena') === 1)],
                        set: (r, kW, reversionS) => [
                            change(control123, r.get(123)!, {
                                WMaxLimPct: percent(kW * 1000, wMax),
                                WMaxLimPct_RvrtTms: reversionS,
                                WMaxLim_Ena: 1,
                            }),
                        ],
                        release: (r) => [change(control123, r.get(123)!, { WMaxLim_Ena: 0 })],
                        stepKw: (r) => (resolutionOf(control123.model, r.get(123)!, 'WMaxLimPct') * wMax) / 100_000,
                    }
                  : undefined
    if (!control) return { missing: `no model that takes a setpoint (704, 123 or 124) among ${[...found.keys()].join(', ')}` }
    if (!(highKw > 0)) return { missing: 'no rating: neither model 702 nor 120 or 121 tells its greatest power' }

    return {
        maker,
        kind: storage ? 'storage' : 'generator',
        lowKw,
        highKw,
        polled,
        set: control.set,
        release: control.release,
        stepKw: control.stepKw,
        read(r) {
            const pKw = at(r, measured.model.id, 'W') / 1000
            const [pSetKw, following] = control.read(r)
            const socPercent = or(at(r, 713, 'SoC'), or(at(r, 802, 'SoC'), at(r, 124, 'ChaState')))
            const withheldKw = (at(r, 701, 'ThrotPct') * wMax) / 100_000
            return {
                pKw,
                pSetKw,
                following,
                socPercent,
                energyKwh: or(at(r, 713, 'WHAvail'), (contentWh * socPercent) / 100) / 1000,
                availableKw: or(at(r, 122, 'WAval') / 1000, pKw + withheldKw),
            }
        },
    }
}

interface Control {
    /** setpoint in kW, and 1 while it is in force */
    read(registers: Polled): readonly [kW: number, following: number]
    set: Der['set']
    release: Der['release']
    stepKw: Der['stepKw']
}

/**
 * Model 124 has limits, no setpoint: of discharging (OutWRte) and of charging (InWRte). A negative limit of one is a least
 * value of the other, so p % out and −p % in leave p % and nothing else. Percent of WChaMax, as inverters of this kind do it.
 */
function storageByRates(m: FoundModel, at: (r: Polled, id: number, name: string) => number): Control {
    const wChaMax = readPoint(m.model, m.registers, 'WChaMax')
    return {
        read: (r) => [(at(r, 124, 'OutWRte') * wChaMax) / 100_000, Number(at(r, 124, 'StorCtl_Mod') === 3)],
        set(r, kW, reversionS) {
            const rate = percent(kW * 1000, wChaMax)
            return [
                change(m, r.get(124)!, { OutWRte: rate, InWRte: -rate, InOutWRte_RvrtTms: reversionS }),
                change(m, r.get(124)!, { StorCtl_Mod: 3 }),
            ]
        },
        release: (r) => [change(m, r.get(124)!, { StorCtl_Mod: 0 })],
        stepKw: (r) => (resolutionOf(m.model, r.get(124)!, 'OutWRte') * wChaMax) / 100_000,
    }
}
