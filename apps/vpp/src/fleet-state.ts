/**
 * The living state of a fleet, as columns: for every resource and quantity the newest measurement, its quality, and which
 * of the last quarter of an hour's intervals something was heard in. Rows are resources in the order given.
 *
 * A healthy device says every quantity at least once in 60 s; one and a half of that is an interval here, so that a slow
 * clock misses none. Coverage is the share of the last ten intervals (15 min) in which the quantity was heard.
 */
import { quantitiesOf, type Resource, type ResourceQuantityName, readResourcePoint, resourceQuantities } from '@gridverse/assets'
import { createSyncErrors, predictResource, type SyncErrors } from './fleet-sync.ts'
import { type ResourceLink, resourceLinks } from './fleet-types.ts'

/** A batch as sources yield it: columns of registry index, instant, value, quality (0 good, 1 suspect). */
export interface FleetBatch {
    readonly count: number
    readonly point: Int32Array
    readonly tMs: Float64Array
    readonly value: Float64Array
    readonly quality: Uint8Array
}

export const fleetQuantities = Object.keys(resourceQuantities) as readonly ResourceQuantityName[]
const width = fleetQuantities.length
const column = Object.fromEntries(fleetQuantities.map((name, q) => [name, q])) as Record<ResourceQuantityName, number>

/** nothing heard for so long is stale, ms */
export const staleMs = 90_000
const intervalMs = staleMs
const intervals = 10
export const coverageWindowS = (intervals * intervalMs) / 1000
const suspectCode = 1
/** memory of what a resource does by itself, s */
const ownMemoryS = 600

export interface FleetState {
    readonly resources: readonly Resource[]
    /** −1 where there is none */
    rowOf(id: string): number
    /** A name of the registry; true where it is a point of a resource, known or not. */
    learn(registryIndex: number, name: string): boolean
    /** row·width + quantity of a registry index; −1 where it is none of ours */
    slotOf(registryIndex: number): number
    apply(batch: FleetBatch, nowMs: number): void
    /** A device measures these points of the registry. */
    bind(device: string, registryIndices: Iterable<number>): void
    deviceOf(row: number): string | undefined
    deviceAlive(device: string, alive: boolean): void
    link(row: number, nowMs: number): ResourceLink
    /** NaN where never heard */
    value(row: number, quantity: ResourceQuantityName): number
    valueMs(row: number, quantity: ResourceQuantityName): number
    /** heard lately, by a living device, and not doubted */
    fresh(row: number, quantity: ResourceQuantityName, nowMs: number): boolean
    quality(row: number, quantity: ResourceQuantityName, nowMs: number): 'good' | 'suspect' | 'stale'
    heardMs(row: number): number
    /** power when it last decided by itself, into the network, kW; NaN before */
    ownKw(row: number): number
    /** it decides by itself and drew or gave this; a mean over some ten minutes is kept */
    noteOwn(row: number, kw: number, dtS: number): void
    /** 0 … 1 over the quantities of the resource */
    coverage(row: number, nowMs: number): number
    /** error of synchronisation of power, kW, and of the state of charge, percentage points, over the last hour */
    readonly sync: { readonly kw: SyncErrors; readonly percent: SyncErrors }
    /** what the model says of it now, from what was measured last; NaN where it says nothing */
    predict(row: number, nowMs: number): { readonly pKw: number; readonly socPercent: number }
    /** registry indices of all points heard in an interval (of 90 s since 1970), among the last sixteen */
    heardIn(interval: number): number[]
    /** Puts a state of the past together: what was heard when, whose link was down, since when it is watched. */
    recall(past: RecalledState): void
    /** The same state for another list of resources: those that stay keep what is known of them. */
    withResources(resources: readonly Resource[], nowMs: number): FleetState
}

/** What a state of the past is put together from, beside its measurements. */
export interface RecalledState {
    /** registry index, and the intervals of 90 s it was heard in: bit k is the k-th before `interval` */
    readonly heard: { readonly point: Int32Array; readonly mask: Int32Array }
    /** number of the interval since 1970 the instant lies in */
    readonly interval: number
    offline(row: number): boolean
    /** nothing was expected of it before, Unix ms */
    sinceMs(row: number): number
}

/** Coverage is told in intervals of this length, so many of them, ms. */
export const coverageIntervalMs = intervalMs
export const coverageIntervals = intervals + 1
/** what is predicted from something older is no prediction any more, ms */
const predictedMs = 15 * 60_000

export const isPowerSet = (slot: number): boolean => slot % width === column.pSetKw
export const isNoticed = (slot: number): boolean => slot % width === column.noticed
export const rowOfSlot = (slot: number): number => Math.floor(slot / width)

interface Columns {
    readonly value: Float64Array
    readonly tMs: Float64Array
    readonly suspect: Uint8Array
    /** bit k: heard k intervals before `interval` */
    readonly heard: Uint16Array
    readonly interval: Int32Array
    /** by row */
    readonly device: Int32Array
    readonly heardMs: Float64Array
    readonly sinceMs: Float64Array
    readonly ownKw: Float64Array
}

/** Devices outlive lists of resources. */
interface Devices {
    readonly names: string[]
    readonly row: Map<string, number>
    /** nobody spoke of it: undefined */
    readonly alive: (boolean | undefined)[]
}

export function createFleetState(resources: readonly Resource[], nowMs: number): FleetState {
    return build(resources, nowMs, { names: [], row: new Map(), alive: [] }, undefined)
}

function build(
    resources: readonly Resource[],
    builtMs: number,
    devices: Devices,
    before:
        | {
              readonly rowOf: ReadonlyMap<string, number>
              readonly columns: Columns
              readonly sync: FleetState['sync']
              readonly names: readonly (readonly [number, string])[]
          }
        | undefined,
): FleetState {
    const count = resources.length
    const rows = new Map(resources.map(({ id }, row) => [id, row]))
    const columns: Columns = {
        value: new Float64Array(count * width).fill(Number.NaN),
        tMs: new Float64Array(count * width).fill(Number.NaN),
        suspect: new Uint8Array(count * width),
        heard: new Uint16Array(count * width),
        interval: new Int32Array(count * width).fill(-1),
        device: new Int32Array(count).fill(-1),
        heardMs: new Float64Array(count).fill(Number.NaN),
        sinceMs: new Float64Array(count).fill(builtMs),
        ownKw: new Float64Array(count).fill(Number.NaN),
    }
    const { value, tMs, suspect, heard, interval, device, heardMs, sinceMs, ownKw } = columns
    let slots = new Int32Array(1024).fill(-1)
    /** every point of a resource ever named, also of those not enrolled: they may be later */
    const names: (readonly [number, string])[] = []
    let known = new Uint8Array(1024)
    const sync = { kw: createSyncErrors(count), percent: createSyncErrors(count) }
    /** of the last batch a row's power and content were judged in */
    const judged = [new Uint32Array(count), new Uint32Array(count)] as const
    let batches = 0
    /** by slot: 2 until the values it was born with came, 1 until the first it measured since */
    const newborn = new Uint8Array(count * width)
    const offline = new Uint8Array(count)
    const note = (index: number) => {
        if (index >= known.length) {
            const wider = new Uint8Array(2 * index)
            wider.set(known)
            known = wider
        }
        known[index] = 1
    }

    if (before) {
        resources.forEach(({ id }, row) => {
            const old = before.rowOf.get(id)
            if (old === undefined) return
            for (const name of ['value', 'tMs', 'suspect', 'heard', 'interval'] as const)
                columns[name].set(before.columns[name].subarray(old * width, (old + 1) * width) as never, row * width)
            for (const name of ['device', 'heardMs', 'sinceMs', 'ownKw'] as const) columns[name][row] = before.columns[name][old]!
            sync.kw.copy(row, before.sync.kw, old)
            sync.percent.copy(row, before.sync.percent, old)
        })
        for (const [index, name] of before.names) learn(index, name)
    }

    function learn(index: number, name: string): boolean {
        if (!name.startsWith('resource/')) return false
        const point = readResourcePoint(name)
        if (!point) return false
        if (index < known.length && known[index] === 1) return true
        note(index)
        names.push([index, name])
        const row = rows.get(point.id)
        if (row === undefined) return true
        if (index >= slots.length) {
            const wider = new Int32Array(2 * index).fill(-1)
            wider.set(slots)
            slots = wider
        }
        slots[index] = row * width + column[point.quantity]
        return true
    }

    function hear(slot: number, atMs: number): void {
        const now = Math.floor(atMs / intervalMs)
        const behind = now - interval[slot]!
        if (interval[slot]! < 0 || behind > 15) heard[slot] = 1
        else if (behind > 0) heard[slot] = (heard[slot]! << behind) | 1
        else if (behind > -16) {
            heard[slot] = heard[slot]! | (1 << -behind)
            return
        } else return
        interval[slot] = now
    }

    const rowOfDevice = (name: string): number => {
        const known = devices.row.get(name)
        if (known !== undefined) return known
        devices.row.set(name, devices.names.length)
        devices.alive.push(undefined)
        return devices.names.push(name) - 1
    }

    const dead = (row: number) => offline[row] === 1 || devices.alive[device[row]!] === false
    const believed = (t: number, nowMs: number) => t <= nowMs + 60_000

    /** What is measured against what the model made of the measurement before, given what the device is told by now. */
    function judge({ count, point, tMs: at, value: measured, quality }: FleetBatch, nowMs: number): void {
        batches++
        for (let n = 0; n < count; n++) {
            const slot = slots[point[n]!] ?? -1
            const told = slot >= 0 && (slot % width === column.pSetKw || slot % width === column.following)
            if (!told || at[n]! < tMs[slot]! || !believed(at[n]!, nowMs) || !Number.isFinite(measured[n])) continue
            value[slot] = measured[n]!
            tMs[slot] = at[n]!
        }
        for (let n = 0; n < count; n++) {
            const slot = slots[point[n]!] ?? -1
            const content = slot % width === column.socPercent
            if (slot < 0 || !(content || slot % width === column.pKw) || suspect[slot] === 1 || quality[n] === suspectCode) continue
            const dtMs = at[n]! - tMs[slot]!
            // never measured before, come late, or predicted from something too old
            if (!(dtMs > 0 && dtMs <= predictedMs) || !believed(at[n]!, nowMs) || !Number.isFinite(measured[n])) continue
            const row = Math.floor(slot / width)
            const once = judged[content ? 1 : 0]
            if (once[row] === batches) continue
            once[row] = batches
            // what a device is born with is what it held, or nothing yet: neither is a measurement to compare with
            if (newborn[slot]! > 0) {
                newborn[slot] = newborn[slot]! - 1
                continue
            }
            const said = predictResource(resources[row]!, (quantity) => value[row * width + column[quantity]]!, dtMs / 1000)
            if (!content) {
                if (!Number.isNaN(said.pKw)) sync.kw.note(row, at[n]!, measured[n]! - said.pKw)
            }
            // a car that left took its content with it: that is no error of the model
            else if (!Number.isNaN(said.socPercent) && (measured[n]! > 0 || resources[row]!.kind === 'battery'))
                sync.percent.note(row, at[n]!, measured[n]! - said.socPercent)
        }
    }

    const state: FleetState = {
        resources,
        rowOf: (id) => rows.get(id) ?? -1,
        learn,
        slotOf: (index) => slots[index] ?? -1,
        sync,
        predict(row, nowMs) {
            const slot = row * width + column.pKw
            return predictResource(resources[row]!, (quantity) => state.value(row, quantity), Math.max(0, nowMs - tMs[slot]!) / 1000)
        },
        heardIn(which) {
            const found: number[] = []
            slots.forEach((slot, index) => {
                if (slot < 0) return
                const back = interval[slot]! - which
                if (interval[slot]! >= 0 && back >= 0 && back < 16 && ((heard[slot]! >> back) & 1) === 1) found.push(index)
            })
            return found
        },
        recall({ heard: was, interval: now, offline: down, sinceMs: since }) {
            for (let n = 0; n < was.point.length; n++) {
                const slot = slots[was.point[n]!] ?? -1
                if (slot < 0) continue
                // the last measurement itself says when it was heard
                const behind = now - interval[slot]!
                const own = interval[slot]! >= 0 && behind >= 0 && behind < 16 ? heard[slot]! << behind : 0
                heard[slot] = was.mask[n]! | own
                interval[slot] = now
            }
            for (let row = 0; row < count; row++) {
                offline[row] = down(row) ? 1 : 0
                sinceMs[row] = since(row)
            }
        },
        apply(batch, nowMs) {
            judge(batch, nowMs)
            for (let n = 0; n < batch.count; n++) {
                const slot = slots[batch.point[n]!] ?? -1
                if (slot < 0) continue
                const t = batch.tMs[n]!
                // a clock far ahead is not believed
                if (!believed(t, nowMs)) continue
                hear(slot, t)
                const row = Math.floor(slot / width)
                if (!(heardMs[row]! > t)) heardMs[row] = Math.min(t, nowMs)
                if (t < tMs[slot]!) continue
                tMs[slot] = t
                const finite = Number.isFinite(batch.value[n])
                if (finite) value[slot] = batch.value[n]!
                suspect[slot] = finite && batch.quality[n] !== suspectCode ? 0 : 1
            }
        },
        bind(name, indices) {
            const at = rowOfDevice(name)
            for (const index of indices) {
                const slot = slots[index] ?? -1
                if (slot < 0) continue
                device[Math.floor(slot / width)] = at
                newborn[slot] = Number.isNaN(tMs[slot]!) ? 1 : 2
            }
        },
        deviceOf: (row) => devices.names[device[row]!],
        deviceAlive(name, alive) {
            devices.alive[rowOfDevice(name)] = alive
            if (alive || name.includes('/')) return
            // with an edge node die its devices; each is born again by itself
            for (const [other, at] of devices.row) if (other.startsWith(`${name}/`)) devices.alive[at] = false
        },
        link(row, nowMs) {
            if (dead(row)) return 'offline'
            if (Number.isNaN(heardMs[row]!)) return device[row]! < 0 ? 'never' : 'silent'
            return nowMs - heardMs[row]! > staleMs ? 'silent' : 'online'
        },
        value: (row, quantity) => value[row * width + column[quantity]]!,
        valueMs: (row, quantity) => tMs[row * width + column[quantity]]!,
        fresh(row, quantity, nowMs) {
            const slot = row * width + column[quantity]
            return nowMs - tMs[slot]! <= staleMs && suspect[slot] === 0 && !dead(row) && !Number.isNaN(value[slot]!)
        },
        quality(row, quantity, nowMs) {
            const slot = row * width + column[quantity]
            if (Number.isNaN(value[slot]!) || dead(row) || nowMs - tMs[slot]! > staleMs) return 'stale'
            return suspect[slot] === 1 ? 'suspect' : 'good'
        },
        heardMs: (row) => heardMs[row]!,
        ownKw: (row) => ownKw[row]!,
        noteOwn(row, kw, dtS) {
            const share = Math.min(1, dtS / ownMemoryS)
            ownKw[row] = Number.isNaN(ownKw[row]!) ? kw : ownKw[row]! + share * (kw - ownKw[row]!)
        },
        coverage(row, nowMs) {
            const now = Math.floor(nowMs / intervalMs)
            // the interval in which it became known, and the one under way, count only where something was heard in them
            const first = Math.floor(sinceMs[row]! / intervalMs)
            const back = Math.max(0, Math.min(intervals, now - first))
            const own = quantitiesOf(resources[row]!.kind)
            let share = 0
            for (const quantity of own) {
                const slot = row * width + column[quantity]
                const behind = now - interval[slot]!
                const mask = interval[slot]! < 0 || behind > 15 ? 0 : (heard[slot]! << behind) & 0xffff
                let [expected, came] = [mask & 1, mask & 1]
                for (let k = 1; k <= back; k++) {
                    const bit = (mask >> k) & 1
                    came += bit
                    expected += now - k === first ? bit : 1
                }
                share += expected === 0 ? 0 : came / expected
            }
            return share / own.length
        },
        withResources: (list, atMs) => build(list, atMs, devices, { rowOf: rows, columns, sync, names }),
    }
    return state
}

export const linkCode = (link: ResourceLink): number => resourceLinks.indexOf(link)
