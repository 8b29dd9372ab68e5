/**
 * Charging posts, one car at a time. A car comes around its usual hour, with some of its content left, and is to be ready
 * by the hour its owner said; a little later it leaves.
 *
 *   E(t+dt) = E(t) + η · P · dt (P > 0),   E(t) + P · dt / η (P < 0)
 *   ready in time:  E(t+dt) ≥ E_need − η · P_max · (time left − dt)
 *
 * The second line is the last moment's rule: whatever the setpoint, so much is charged, and so little given back, that the
 * post can still make the car ready at full power. By itself the post charges at once until the car is ready.
 */
import { clamp, columnOf, createColumns, type DeviceBank, dayMs, hourMs, localMs, obeys, type Surroundings } from './device.ts'
import type { ResourceOf } from './resource.ts'

type Ev = ResourceOf<'home-ev'> | ResourceOf<'public-ev'>

/** a car never gives back below this share of its content */
export const leastShareGivenBack = 0.2
/** ready so much earlier than promised, s */
const readyEarlyS = 60

export function createEvBank(kind: 'home-ev' | 'public-ev', rows: readonly Ev[]): DeviceBank {
    const n = rows.length
    const columns = createColumns(n)
    const { pKw, pSetKw, following, live, derate, blocked } = columns
    const of = (value: (r: Ev) => number) => columnOf(rows, value)
    const chargeKw = of((r) => r.chargeKw)
    const dischargeKw = of((r) => r.dischargeKw)
    const capacityKwh = of((r) => r.batteryKwh)
    const eta = of((r) => r.efficiency)
    const connected = new Float64Array(n)
    const energyKwh = new Float64Array(n)
    const needKwh = new Float64Array(n)
    /** local ms: promised, gone, next to come; 0 at first */
    const readyMs = new Float64Array(n)
    const leaveMs = new Float64Array(n)
    const arriveMs = new Float64Array(n)
    const socPercent = new Float64Array(n)

    /** The first instant at or after `from` with this hour of the day. */
    const nextAt = (from: number, hour: number): number => {
        const at = Math.floor(from / dayMs) * dayMs + hour * hourMs
        return at >= from ? at : at + dayMs
    }
    function arrive(i: number, now: number, around: Surroundings): void {
        const { random } = around
        const r = rows[i]!
        readyMs[i] = nextAt(now + 0.25 * hourMs, r.departH)
        leaveMs[i] = readyMs[i]! + 0.3 * hourMs * Math.abs(random.normal())
        const ready = (r.readyPercent / 100) * r.batteryKwh
        // what is left of a tank after a usual day
        energyKwh[i] = Math.min(0.95 * ready, r.batteryKwh * clamp(0.12, 0.8, 0.42 + 0.13 * random.normal()))
        const possible = energyKwh[i]! + r.efficiency * r.chargeKw * Math.max(0, (readyMs[i]! - now) / hourMs - readyEarlyS / 3600)
        needKwh[i] = Math.min(ready, possible)
        connected[i] = 1
    }
    function leave(i: number, now: number, around: Surroundings): void {
        connected[i] = 0
        energyKwh[i] = 0
        // the next day's usual hour, more or less, at least a quarter of an hour away
        const usual = nextAt(now + 0.5 * hourMs, rows[i]!.arriveH)
        arriveMs[i] = Math.max(now + 0.25 * hourMs, usual + 0.6 * hourMs * clamp(-2.5, 2.5, around.random.normal()))
    }
    /** At the beginning cars stand where their hours say, charged as they would be by themselves. */
    function begin(i: number, now: number, around: Surroundings): void {
        const r = rows[i]!
        const last = nextAt(now, r.arriveH) - dayMs
        const staysMs = ((r.departH - r.arriveH + 24) % 24 || 24) * hourMs
        if (now - last >= staysMs - 0.3 * hourMs) {
            arriveMs[i] = nextAt(now, r.arriveH)
            return
        }
        arrive(i, last, around)
        const charged = energyKwh[i]! + (eta[i]! * chargeKw[i]! * (now - last)) / hourMs
        energyKwh[i] = Math.min(Math.max(needKwh[i]!, energyKwh[i]!), charged)
    }

    function step(around: Surroundings, dtS: number): void {
        const dtH = dtS / 3600
        const start = localMs(around) - 1000 * dtS
        for (let i = 0; i < n; i++) {
            // a memory of another calendar is no memory
            const next = connected[i] === 1 ? readyMs[i]! : arriveMs[i]!
            if (next === 0 || next > start + 2 * dayMs) {
                connected[i] = 0
                begin(i, start, around)
            }
            if (blocked[i] === 1 && connected[i] === 1) leave(i, start, around)
            else if (connected[i] === 1 && leaveMs[i]! <= start) leave(i, start, around)
            else if (connected[i] === 0 && arriveMs[i]! <= start && blocked[i] === 0) arrive(i, start, around)
            pKw[i] = connected[i] === 1 && live[i] === 1 ? charge(i, start, dtH) : 0
            socPercent[i] = (100 * energyKwh[i]!) / capacityKwh[i]!
        }
    }
    function charge(i: number, start: number, dtH: number): number {
        const most = derate[i]! * chargeKw[i]!
        const leftH = Math.max(0, (readyMs[i]! - start) / hourMs - readyEarlyS / 3600)
        const now = energyKwh[i]!
        // content it must have after this step
        const floor = Math.min(needKwh[i]!, needKwh[i]! - eta[i]! * most * (leftH - dtH))
        const roomKw = Math.max(0, (capacityKwh[i]! - now) / (eta[i]! * dtH))
        const keep = Math.max(floor, leastShareGivenBack * capacityKwh[i]!)
        const leastKw = floor > now ? Math.min(most, (floor - now) / (eta[i]! * dtH)) : -Math.max(0, ((now - keep) * eta[i]!) / dtH)
        const own = Math.max(0, (needKwh[i]! - now) / (eta[i]! * dtH))
        const wanted = obeys(columns, i) ? pSetKw[i]! : own
        const p = clamp(Math.max(leastKw, -derate[i]! * dischargeKw[i]!), Math.min(most, roomKw), wanted)
        energyKwh[i] = now + (p > 0 ? eta[i]! * p : p / eta[i]!) * dtH
        return p + 0
    }
    return {
        kind,
        rows,
        columns,
        measured: { pKw, pSetKw, following, connected, energyKwh, socPercent },
        kept: { connected, energyKwh, needKwh, readyMs, leaveMs, arriveMs },
        step,
    }
}
