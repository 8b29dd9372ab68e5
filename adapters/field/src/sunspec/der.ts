/**
 * What a SunSpec device means as a resource: which of its registers are power, content and setpoint, and what is written to
 * set it. Devices after IEEE 1547-2018 have models 701, 702 and 704 (713 when they store), older ones 101–103 and 123 (124).
 */
import { type Control, limitPower123, limitPower704, setPower704, setRates124, type Write } from './der-controls.ts'
import type { FoundModel } from './discovery.ts'
import { noticeModel } from './models.ts'
import { readPoint } from './registers.ts'

export type Quantity = 'pKw' | 'pSetKw' | 'following' | 'socPercent' | 'energyKwh' | 'availableKw' | 'tripped'

type Found = ReadonlyMap<number, FoundModel>
/** registers of models as they are now, by model id */
type Polled = ReadonlyMap<number, Uint16Array>

export interface Der {
    readonly kind: 'storage' | 'generator'
    /** least and greatest setpoint, kW, into the network positive */
    readonly lowKw: number
    readonly highKw: number
    /** models to read at every poll, and how many registers of each */
    readonly polled: readonly { readonly id: number; readonly address: number; readonly count: number }[]
    /** Quantities out of the polled models' registers; NaN where the device does not tell. */
    read(now: Polled): Readonly<Record<Quantity, number>>
    /** What to write, in order, for a setpoint that ends after `reversionS`; `fallbackKw` as the device's own reversion value. */
    set(now: Polled, kW: number, reversionS: number, fallbackKw: number | undefined): readonly Write[]
    release(now: Polled): readonly Write[]
    /** What to write for the time after a setpoint; undefined where the device keeps no such value. */
    fallback(now: Polled, kW: number | undefined): readonly Write[] | undefined
    /** where notices are written, for those who keep them */
    readonly notices: FoundModel | undefined
    /** Smallest step of the setpoint, kW. */
    stepKw(now: Polled): number
}

/** the text at the end of 701 is no measurement; without it the model fits one read */
const mostPolled = 123

const or = (value: number, other: number): number => (Number.isNaN(value) ? other : value)

/** The first of some points that the device implements; NaN without one. */
function first(found: Found, places: readonly (readonly [id: number, name: string])[]): number {
    for (const [id, name] of places) {
        const m = found.get(id)
        const value = m ? readPoint(m.model, m.registers, name) : Number.NaN
        if (!Number.isNaN(value)) return value
    }
    return Number.NaN
}

function controlOf(found: Found, storage: boolean, wMax: number): Control | undefined {
    const [m704, m124, m123] = [found.get(704), found.get(124), found.get(123)]
    if (m704) return storage ? setPower704(m704, wMax) : limitPower704(m704, wMax)
    if (m124) return setRates124(m124)
    return m123 && !storage ? limitPower123(m123, wMax) : undefined
}

/** The device's meaning, or what it lacks to have one for us. */
export function readDer(found: Found): Der | { readonly missing: string } {
    const chain = [...found.keys()].join(', ')
    const measured = found.get(701) ?? found.get(103) ?? found.get(102) ?? found.get(101)
    if (!measured) return { missing: `neither model 701 nor 101, 102 or 103 among ${chain}` }
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
    const control = controlOf(found, storage, wMax)
    if (!control) return { missing: `no model that takes a setpoint (704, 123 or 124) among ${chain}` }
    const highKw = (storage ? or(discharge, wMax) : wMax) / 1000
    if (!(highKw > 0)) return { missing: 'no rating: neither model 702 nor 120 or 121 tells its greatest power' }

    const id = control.model.model.id
    const polled = [measured, control.model, found.get(713), found.get(802), found.get(122)].filter((m) => m !== undefined)
    const at = (now: Polled, id: number, name: string): number => {
        const [m, registers] = [found.get(id), now.get(id)]
        return m && registers ? readPoint(m.model, registers, name) : Number.NaN
    }
    return {
        kind: storage ? 'storage' : 'generator',
        lowKw: storage ? -or(charge, wMax) / 1000 : 0,
        highKw,
        polled: polled.map(({ model, address, registers }) => ({
            id: model.id,
            address,
            count: Math.min(registers.length, mostPolled),
        })),
        set: (now, kW, reversionS, fallbackKw) => control.set(now.get(id)!, kW, reversionS, fallbackKw),
        release: (now) => control.release(now.get(id)!),
        fallback: (now, kW) => control.fallback?.(now.get(id)!, kW),
        notices: found.get(noticeModel),
        stepKw: (now) => control.stepKw(now.get(id)!),
        read(now) {
            const pKw = at(now, measured.model.id, 'W') / 1000
            const [pSetKw, following] = control.read(now.get(id)!)
            const socPercent = or(at(now, 713, 'SoC'), or(at(now, 802, 'SoC'), at(now, 124, 'ChaState')))
            // 701 tells what a limit holds back, 122 what there is
            const withheldKw = (at(now, 701, 'ThrotPct') * wMax) / 100_000
            return {
                pKw,
                pSetKw,
                following,
                socPercent,
                energyKwh: or(at(now, 713, 'WHAvail'), (contentWh * socPercent) / 100) / 1000,
                tripped: Number(at(now, 701, 'InvSt') === 6 || at(now, measured.model.id, 'St') === 7),
                availableKw: or(at(now, 122, 'WAval') / 1000, pKw + withheldKw),
            }
        },
    }
}
