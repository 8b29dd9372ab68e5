/**
 * How far the twin is from the thing it mirrors. Between two measurements the twin says what its model makes of the first;
 * when the second comes, the difference is the error of synchronisation:
 *
 *   e_P = P_measured(t₂) − P_model(t₂ | measured at t₁, what the device is told)     kW, as the kind signs its power
 *   e_S = S_measured(t₂) − S_model(t₂ | measured at t₁, P_model)                      percentage points of state of charge
 *   E   = √(mean of e² over the last hour)
 *
 * The models are those of the devices (`packages/assets/src/device-*.ts`), as far as measurements tell what they need:
 *
 *   sun, wind          min(available, setpoint)                       available persists
 *   turbine, engine    towards the setpoint by its ramp while it runs
 *   battery            setpoint while its contents carry it; rests by itself;  E' = E·(1 − σ·dt) + η_in·P_in·dt − P_out·dt/η_out
 *   car                setpoint; by itself the full power of the post until it is ready;  E' = E + η·P·dt or E + P·dt/η
 *   what has a want    the want, or the setpoint within what it may be held to
 *   everything else    goes on as it was
 */
import type { Resource, ResourceOf, ResourceQuantityName } from '@gridverse/assets'

/** What was measured last, by quantity; NaN where never. */
export type Measured = (quantity: ResourceQuantityName) => number

const within = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x))
const or = (value: number, otherwise: number) => (Number.isNaN(value) ? otherwise : value)

/**
 * Power as the device would report it `dtS` seconds after its last measurement, kW; NaN before the first. Setpoints are
 * those the device is known to have; `socPercent` is the state of charge it would have then, NaN for what has none.
 */
export function predictResource(
    resource: Resource,
    measured: Measured,
    dtS: number,
): { readonly pKw: number; readonly socPercent: number } {
    const pKw = measured('pKw')
    if (Number.isNaN(pKw)) return powerOnly(pKw)
    const setKw = measured('following') === 1 ? measured('pSetKw') : Number.NaN
    switch (resource.kind) {
        case 'pv':
        case 'wind': {
            const available = or(measured('availableKw'), pKw)
            return powerOnly(Math.min(available, Math.max(0, or(setKw, available))))
        }
        case 'gas-turbine':
        case 'generator':
            return powerOnly(machineKw(resource, measured, pKw, setKw, dtS))
        case 'battery':
            return battery(resource, measured('socPercent'), or(setKw, 0), dtS)
        case 'home-ev':
        case 'public-ev':
            return car(resource, measured, pKw, setKw, dtS)
        case 'air-conditioner':
        case 'water-heater':
            return powerOnly(within(or(setKw, or(measured('wantedKw'), pKw)), 0, resource.pMaxKw))
        case 'curtailable': {
            const wanted = or(measured('wantedKw'), pKw)
            return powerOnly(Math.min(wanted, Math.max(or(setKw, wanted), (1 - resource.curtailShare) * wanted)))
        }
        case 'heat-tank':
            return powerOnly(within(or(setKw, pKw), 0, resource.heaterKw))
        case 'ice-store':
            return powerOnly(within(or(setKw, pKw), 0, resource.makeKw + resource.chillerKw))
        default:
            return powerOnly(pKw)
    }
}

const powerOnly = (pKw: number) => ({ pKw, socPercent: Number.NaN })

function machineKw(
    r: ResourceOf<'gas-turbine'> | ResourceOf<'generator'>,
    measured: Measured,
    pKw: number,
    setKw: number,
    dtS: number,
): number {
    if (or(measured('running'), pKw > 0 ? 1 : 0) === 0) return 0
    // a setpoint nearer to least load than to nothing means: run
    const runs = setKw > 0 && setKw >= 0.5 * r.pMinKw
    const reach = (r.rampKwPerMin / 60) * dtS
    return within(runs ? within(setKw, r.pMinKw, r.pMaxKw) : r.pMinKw, pKw - reach, pKw + reach)
}

function battery(r: ResourceOf<'battery'>, socPercent: number, wantedKw: number, dtS: number) {
    const pKw = within(wantedKw, -r.chargeKw, r.dischargeKw)
    if (Number.isNaN(socPercent)) return powerOnly(pKw)
    const dtH = dtS / 3600
    const left = socPercent * (1 - r.selfDischargePerH * dtH)
    const after = left - ((pKw > 0 ? pKw / r.dischargeEfficiency : pKw * r.chargeEfficiency) * dtH * 100) / r.energyKwh
    // full or empty on the way: it rests there
    const full = pKw < 0 && after >= r.socMaxPercent
    const empty = pKw > 0 && after <= r.socMinPercent
    return { pKw: full || empty ? 0 : pKw, socPercent: full ? r.socMaxPercent : empty ? r.socMinPercent : after }
}

function car(r: ResourceOf<'home-ev'> | ResourceOf<'public-ev'>, measured: Measured, pKw: number, setKw: number, dtS: number) {
    const connected = or(measured('connected'), pKw === 0 ? 0 : 1) > 0
    // what comes next, and with how much in it, nobody knows
    if (!connected) return powerOnly(0)
    const socPercent = measured('socPercent')
    const ownKw = socPercent >= r.readyPercent ? 0 : pKw > 0 ? pKw : r.chargeKw
    const powerKw = within(or(setKw, ownKw), -r.dischargeKw, r.chargeKw)
    if (Number.isNaN(socPercent)) return powerOnly(powerKw)
    const after = socPercent + ((powerKw > 0 ? r.efficiency * powerKw : powerKw / r.efficiency) * (dtS / 3600) * 100) / r.batteryKwh
    const most = Number.isNaN(setKw) ? Math.max(socPercent, r.readyPercent) : 100
    return { pKw: powerKw > 0 && after >= most ? 0 : powerKw, socPercent: within(after, 0, most) }
}

// ── errors of the last hour ────────────────────────────────────────────────────────────────────────────────────────

const bucketMs = 300_000
const buckets = 12
/** An error older than this counts no more, s. */
export const syncWindowS = (bucketMs * buckets) / 1000

/** Squares of errors by row, in parts of five minutes: what is read is the root of their mean over the last hour. */
export interface SyncErrors {
    /** An error found at an instant. */
    note(row: number, tMs: number, error: number): void
    /** NaN where nothing was found in the last hour */
    rms(row: number, nowMs: number): number
    /** How often it was found. */
    count(row: number, nowMs: number): number
    /** Kept figure of the past: `rms` gives it until something newer is noted. */
    recall(row: number, tMs: number, rms: number): void
    /** A row goes on as that of another list. */
    copy(row: number, from: SyncErrors, fromRow: number): void
    readonly columns: { readonly square: Float64Array; readonly count: Uint32Array; readonly last: Float64Array }
}

export function createSyncErrors(rows: number): SyncErrors {
    const square = new Float64Array(rows * buckets)
    const count = new Uint32Array(rows * buckets)
    /** newest part noted in, as a multiple of five minutes since 1970 */
    const last = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY)

    const place = (row: number, bucket: number) => row * buckets + (((bucket % buckets) + buckets) % buckets)
    function enter(row: number, tMs: number): number {
        const bucket = Math.floor(tMs / bucketMs)
        const before = last[row]!
        if (bucket <= before - buckets) return -1
        // parts in between were silent
        for (let b = Math.max(before + 1, bucket - buckets + 1); b <= bucket; b++) {
            square[place(row, b)] = 0
            count[place(row, b)] = 0
        }
        last[row] = Math.max(before, bucket)
        return place(row, bucket)
    }
    function sum(row: number, nowMs: number): [square: number, count: number] {
        const now = Math.floor(nowMs / bucketMs)
        let [total, n] = [0, 0]
        for (let b = Math.max(now - buckets + 1, last[row]! - buckets + 1); b <= Math.min(now, last[row]!); b++) {
            total += square[place(row, b)]!
            n += count[place(row, b)]!
        }
        return [total, n]
    }
    return {
        columns: { square, count, last },
        note(row, tMs, error) {
            const at = enter(row, tMs)
            if (at < 0) return
            square[at] = square[at]! + error * error
            count[at] = count[at]! + 1
        },
        rms(row, nowMs) {
            const [total, n] = sum(row, nowMs)
            return n === 0 ? Number.NaN : Math.sqrt(total / n)
        },
        count: (row, nowMs) => sum(row, nowMs)[1],
        recall(row, tMs, rms) {
            const at = enter(row, tMs)
            if (at < 0) return
            square[at] = rms * rms
            count[at] = 1
        },
        copy(row, { columns: from }, fromRow) {
            square.set(from.square.subarray(fromRow * buckets, (fromRow + 1) * buckets), row * buckets)
            count.set(from.count.subarray(fromRow * buckets, (fromRow + 1) * buckets), row * buckets)
            last[row] = from.last[fromRow]!
        },
    }
}
