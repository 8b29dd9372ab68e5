/** What the gateway remembers of one edge node or device: its last birth, its counters, and each point's newest times. */
import type { BornPoint } from '@gridverse/twin'
import type { FieldDevice } from './gateway-types.ts'
import { noticeMetric } from './notice.ts'
import { kindOf } from './sparkplug.ts'
import type { MetricColumns } from './sparkplug-decode.ts'

/** How many of a point's last measurements a repetition is looked for in. */
const remembered = 8

export class DeviceState implements FieldDevice {
    readonly id: string
    readonly edgeNode: string
    /** absent for the edge node itself */
    readonly device: string | undefined
    online = false
    /** data may come: born since the last birth of its edge node */
    born = false
    lastMs = 0
    bornMs = 0
    points: readonly string[] = []

    received = 0
    late = 0
    duplicate = 0
    outOfOrder = 0
    historical = 0
    future = 0
    malformed = 0
    refused = 0

    /** slots are positions in `points` */
    slotOfAlias = new Map<number, number>()
    slotOfName = new Map<string, number>()
    /** its birth says that it keeps notices */
    takesNotices = false
    aliasOfSlot = new Float64Array(0)
    type = new Uint8Array(0)
    /** registry index of each slot */
    index: Int32Array = new Int32Array(0)
    commandable: readonly boolean[] = []

    /** points it may send before it has to wait; refilled with time */
    allowance: number
    refilledMs: number

    /** newest device time seen, by slot, and a ring of what was seen before */
    #newest = new Float64Array(0)
    #ringMs = new Float64Array(0)
    #ringValue = new Float64Array(0)
    #ringAt = new Uint8Array(0)

    constructor(edgeNode: string, device: string | undefined, allowance: number, nowMs: number) {
        this.edgeNode = edgeNode
        this.device = device
        this.id = device === undefined ? edgeNode : `${edgeNode}/${device}`
        this.allowance = allowance
        this.refilledMs = nowMs
    }

    /** Takes over the metrics of a birth, except the ones `skip` names, and returns them as born points. */
    takeBirth(c: MetricColumns, skip: (name: string) => boolean): BornPoint[] {
        const born: BornPoint[] = []
        this.takesNotices = c.name.includes(noticeMetric)
        const names = new Set<string>()
        const alias: number[] = []
        const type: number[] = []
        for (let i = 0; i < c.count; i++) {
            const name = c.name[i]
            if (!name || skip(name) || names.has(name)) continue
            names.add(name)
            alias.push(c.alias[i]!)
            type.push(c.type[i]!)
            const unit = c.properties[i]?.get('engUnit')
            // readOnly = false is how a device says that a metric takes commands; silence means it does not
            const commandable = c.properties[i]?.get('readOnly') === 0
            born.push({ name, kind: kindOf(c.type[i]!), commandable, ...(typeof unit === 'string' && unit !== '' ? { unit } : {}) })
        }
        this.takePoints(born, alias, type)
        return born
    }

    /** Takes over the points of a birth, and their aliases and data types where the protocol has such. */
    takePoints(born: readonly BornPoint[], alias: readonly number[] = born.map(() => -1), type: readonly number[] = []): void {
        const before = { slotOfName: this.slotOfName, newest: this.#newest, ms: this.#ringMs, value: this.#ringValue, at: this.#ringAt }
        this.points = born.map((b) => b.name)
        this.slotOfName = new Map(this.points.map((name, slot) => [name, slot]))
        this.slotOfAlias = new Map()
        alias.forEach((a, slot) => {
            if (a >= 0) this.slotOfAlias.set(a, slot)
        })
        this.commandable = born.map((b) => b.commandable)
        this.aliasOfSlot = Float64Array.from(alias)
        this.type = Uint8Array.from(type)
        this.#newest = new Float64Array(born.length).fill(Number.NEGATIVE_INFINITY)
        this.#ringMs = new Float64Array(born.length * remembered).fill(Number.NaN)
        this.#ringValue = new Float64Array(born.length * remembered)
        this.#ringAt = new Uint8Array(born.length)
        // a point that was known keeps its memory, so that a repetition across a rebirth still counts as one
        for (const [name, slot] of this.slotOfName) {
            const was = before.slotOfName.get(name)
            if (was === undefined) continue
            this.#newest[slot] = before.newest[was]!
            this.#ringAt[slot] = before.at[was]!
            this.#ringMs.set(before.ms.subarray(was * remembered, (was + 1) * remembered), slot * remembered)
            this.#ringValue.set(before.value.subarray(was * remembered, (was + 1) * remembered), slot * remembered)
        }
    }

    /** Counts a measurement as duplicate or out of order where it is one, and remembers it. */
    observe(slot: number, tMs: number, value: number, historical: boolean): void {
        const newest = this.#newest
        const base = slot * remembered
        if (tMs <= newest[slot]!) {
            for (let k = base; k < base + remembered; k++)
                if (this.#ringMs[k] === tMs && this.#ringValue[k] === value) {
                    this.duplicate++
                    return
                }
            if (tMs < newest[slot]! && !historical) this.outOfOrder++
        } else newest[slot] = tMs
        const at = this.#ringAt[slot]!
        this.#ringMs[base + at] = tMs
        this.#ringValue[base + at] = value
        this.#ringAt[slot] = (at + 1) % remembered
    }

    /** Takes `count` points off the allowance of `perSecond`; the wait in ms until it is paid, 0 while there is some left. */
    spend(count: number, perSecond: number, nowMs: number): number {
        const elapsedMs = Math.max(0, nowMs - this.refilledMs)
        this.refilledMs = nowMs
        this.allowance = Math.min(perSecond, this.allowance + (elapsedMs * perSecond) / 1000) - count
        return this.allowance >= 0 ? 0 : (-this.allowance * 1000) / perSecond
    }
}
