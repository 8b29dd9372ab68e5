/**
 * What goes wrong between the truth and the platform, on demand. Most faults act on readings or on a link and leave the
 * grid itself right; `line-trip` and the last five, of resources, are things that happen to equipment. What acts on a device or
 * a link does so whatever it speaks: Sparkplug, OCPP or SunSpec.
 */
import type { ResourceKind } from '@gridverse/assets'
import type { EdgeReading } from '@gridverse/field'
import type { Random } from '@gridverse/math'
import type { Issue } from '@gridverse/units'

export const faultKinds = [
    'line-trip',
    'device-silent',
    'sensor-bias',
    'sensor-frozen',
    'sensor-spike',
    'late',
    'loss',
    'duplicate',
    'out-of-order',
    'link-lost',
    'clock-skew',
    'setpoint-ignored',
    'derated',
    'ev-unplugged',
    'turbine-trip',
    'unit-trip',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** What `target` names and what `value` means, by kind. */
export const faultRules: Readonly<
    Record<
        FaultKind,
        {
            target: 'branch' | 'point' | 'device' | 'edge node' | 'resource'
            value?: string
            default?: number
            /** kinds of resources it can happen to; absent: all */
            of?: readonly ResourceKind[]
        }
    >
> = {
    'line-trip': { target: 'branch' },
    'device-silent': { target: 'device' },
    'sensor-bias': { target: 'point', value: 'added to every reading, in the unit of the point' },
    'sensor-frozen': { target: 'point' },
    'sensor-spike': { target: 'point', value: 'added to one reading in ten, in the unit of the point' },
    late: { target: 'device', value: 'delay of every message, either way, s', default: 10 },
    loss: { target: 'device', value: 'share of messages lost, either way, 0 … 1', default: 0.3 },
    duplicate: { target: 'device' },
    'out-of-order': { target: 'device' },
    'link-lost': { target: 'edge node' },
    'clock-skew': { target: 'edge node', value: 'added to the clock, s', default: 60 },
    'setpoint-ignored': { target: 'resource' },
    derated: { target: 'resource', value: 'share of its power left, 0 … 1', default: 0.5 },
    'ev-unplugged': { target: 'resource', of: ['home-ev', 'public-ev'] },
    'turbine-trip': { target: 'resource', of: ['gas-turbine', 'generator'] },
    'unit-trip': {
        target: 'resource',
        of: [
            'pv',
            'wind',
            'gas-turbine',
            'generator',
            'battery',
            'air-conditioner',
            'heat-tank',
            'water-heater',
            'ice-store',
            'home-ev',
            'public-ev',
            'home-ev',
            'public-ev',
        ],
    },
}

export interface FaultRequest {
    readonly kind: FaultKind
    /** `branch/L7`, a point id, `edge node/device`, an edge node or `resource/ID`; a resource stands for its device and its link too */
    readonly target: string
    readonly value?: number
    readonly durationS?: number
}
export interface Fault extends FaultRequest {
    readonly id: string
    readonly sinceMs: number
    readonly untilMs: number
}

/** What the caller knows: the names a fault may be aimed at. */
export interface FaultTargets {
    readonly branches: ReadonlySet<string>
    readonly points: ReadonlySet<string>
    readonly devices: ReadonlySet<string>
    readonly edgeNodes: ReadonlySet<string>
    /** by `resource/ID` */
    readonly resources: ReadonlyMap<string, ResourceKind>
}

/** Everything wrong with a request. */
export function checkFault(request: Readonly<Record<string, unknown>>, targets: FaultTargets): Issue[] {
    const { kind, target, value, durationS } = request
    const issues: Issue[] = []
    const say = (code: string, path: string, message: string) => issues.push({ code, path, message })
    const rule = faultRules[kind as FaultKind] as (typeof faultRules)[FaultKind] | undefined
    if (!rule) say('out-of-range', 'kind', `kind must be one of ${faultKinds.join(', ')}, got ${JSON.stringify(kind)}`)
    if (typeof target !== 'string') say('missing-value', 'target', `target must be text, got ${JSON.stringify(target)}`)
    else if (rule) {
        const { of } = rule
        const known = {
            branch: targets.branches,
            point: targets.points,
            device: targets.devices,
            'edge node': targets.edgeNodes,
            resource: new Set([...targets.resources].flatMap(([id, k]) => (!of || of.includes(k) ? [id] : []))),
        }[rule.target]
        const example = known.values().next().value
        const standsForLink = (rule.target === 'device' || rule.target === 'edge node') && targets.resources.has(target)
        if (!known.has(target) && !standsForLink)
            say(
                'unknown-target',
                'target',
                `${kind} needs a ${rule.target} of this plant${of ? ` (${of.join(', ')})` : ''} such as ${example}, got ${target}`,
            )
    }
    const wrongNumber = (x: unknown) => x !== undefined && (typeof x !== 'number' || !Number.isFinite(x))
    if (wrongNumber(value)) say('wrong-type', 'value', `value must be a number, got ${JSON.stringify(value)}`)
    else if (rule?.value && rule.default === undefined && value === undefined)
        say('missing-value', 'value', `${kind} needs a value: ${rule.value}`)
    if (wrongNumber(durationS) || (durationS as number) <= 0)
        say('out-of-range', 'durationS', `durationS must be above 0 s, got ${JSON.stringify(durationS)}`)
    return issues
}

/** What a bad line does to one message. */
export interface LineState {
    readonly delayMs: number
    readonly lost: boolean
}
const soundLine: LineState = { delayMs: 0, lost: false }

/** Active faults and what they do to readings on their way out; `random` decides which messages are lost. */
export function createFaults(random: Random) {
    const active = new Map<string, Fault>()
    const frozen = new Map<string, number>()
    let nextId = 1
    let spikeCount = 0
    const held = new Map<string, EdgeReading[]>()

    const has = (kind: FaultKind, target: string): Fault | undefined => {
        for (const fault of active.values()) if (fault.kind === kind && fault.target === target) return fault
        return undefined
    }

    function add(request: FaultRequest, nowMs: number): Fault {
        const { kind, target, durationS } = request
        const value = request.value ?? faultRules[kind].default
        const fault: Fault = {
            kind,
            target,
            ...(value === undefined ? {} : { value }),
            ...(durationS === undefined ? {} : { durationS }),
            id: `F${nextId++}`,
            sinceMs: nowMs,
            untilMs: durationS === undefined ? Infinity : nowMs + 1000 * durationS,
        }
        active.set(fault.id, fault)
        return fault
    }
    function remove(id: string): Fault | undefined {
        const fault = active.get(id)
        active.delete(id)
        if (fault?.kind === 'sensor-frozen') frozen.delete(fault.target)
        return fault
    }
    /** Faults whose time is over, taken out. */
    function expire(nowMs: number): Fault[] {
        return [...active.values()].filter((f) => f.untilMs <= nowMs && remove(f.id) !== undefined)
    }

    /** True while some fault touches readings, so that the healthy way stays free of look-ups. */
    const touchesReadings = () => active.size > 0 || held.size > 0

    /** A reading as the faulty sensor gives it. */
    function distort(point: string, value: number): number {
        let shown = value
        for (const fault of active.values()) {
            if (fault.target !== point) continue
            if (fault.kind === 'sensor-bias') shown += fault.value!
            else if (fault.kind === 'sensor-spike' && spikeCount++ % 10 === 0) shown += fault.value!
        }
        if (has('sensor-frozen', point)) {
            if (!frozen.has(point)) frozen.set(point, shown)
            shown = frozen.get(point)!
        }
        return shown
    }
    /** What happens to the next message to or from a device, by the name its link has (`edge node/device`, a post, an inverter). */
    function line(name: string): LineState {
        if (active.size === 0) return soundLine
        const lossShare = has('device-silent', name) ? 1 : Math.min(1, Math.max(0, has('loss', name)?.value ?? 0))
        return { delayMs: 1000 * (has('late', name)?.value ?? 0), lost: lossShare > 0 && random.uniform() < lossShare }
    }
    /** What leaves a device now, and in how many ms: silence, delay, doubling, swapped order, a wrong clock. */
    function route(
        edgeNode: string,
        device: string,
        readings: readonly EdgeReading[],
    ): { readings: readonly EdgeReading[]; delayMs: number }[] {
        const name = `${edgeNode}/${device}`
        const { delayMs, lost } = line(name)
        if (lost) return []
        const skewMs = 1000 * (has('clock-skew', edgeNode)?.value ?? 0)
        const stamped = skewMs === 0 ? readings : readings.map((r) => ({ ...r, tMs: r.tMs + skewMs }))
        const out: { readings: readonly EdgeReading[]; delayMs: number }[] = []
        const waiting = held.get(name)
        if (has('out-of-order', name) && !waiting) {
            held.set(name, [...stamped])
            return []
        }
        out.push({ readings: stamped, delayMs })
        if (has('duplicate', name)) out.push({ readings: stamped, delayMs })
        if (waiting) {
            held.delete(name)
            out.push({ readings: waiting, delayMs: delayMs + 5 })
        }
        return out
    }
    const skewMs = (edgeNode: string) => 1000 * (has('clock-skew', edgeNode)?.value ?? 0)
    const list = () => [...active.values()]
    return { add, remove, expire, list, has, line, distort, route, skewMs, touchesReadings }
}
export type Faults = ReturnType<typeof createFaults>
