/** What the platform knows of a post, and what its messages mean as measurements. */
import type { BornPoint } from '@gridverse/twin'
import type { DeviceState } from '../device-state.ts'
import type { Reading, Reporter } from '../reporter.ts'
import type { CentralDialect, PostEvent } from './central.ts'
import type { RateUnit, Supply } from './limits.ts'
import type { MeterSample } from './meter-values.ts'
import type { PostConnector, PostTransaction } from './ocpp-types.ts'
import type { RpcServerPeer } from './rpc.ts'

export interface Connector {
    config: PostConnector
    supply: Supply
    readonly device: DeviceState
    plugged: boolean | undefined
    fault: string | undefined
    transactionId: string | undefined
    /** when power was last told, Unix ms */
    powerMs: number
    /** setpoint as last read back or ordered, kW; NaN before the first */
    setKw: number
    setQuality: 'good' | 'estimated'
    following: 0 | 1
    /** ends the setpoint here as the schedule's end does at the post */
    expiry: NodeJS.Timeout | undefined
}

export interface Post {
    readonly identity: string
    readonly station: DeviceState
    connectors: ReadonlyMap<number, Connector>
    /** running transactions by id, kept over lost links */
    readonly transactions: Map<string, { readonly connector: Connector; readonly idToken: string }>
    /** absent while it is away */
    peer: RpcServerPeer | undefined
    dialect: CentralDialect
    /** its points are registered */
    born: Promise<void>
    /** in what it takes limits, once it was asked over this link */
    unit: Promise<RateUnit> | undefined
}

export const pointOf = (c: Connector, quantity: string): string => `resource/${c.config.resource}/${quantity}`

const analog = (name: string, unit: string, commandable = false): BornPoint => ({ name, unit, kind: 'analog', commandable })
const status = (name: string, commandable = false): BornPoint => ({ name, kind: 'status', commandable })

export function pointsOf(c: Connector): BornPoint[] {
    const of = (quantity: string) => pointOf(c, quantity)
    return [
        analog(of('pKw'), 'kW'),
        analog(of('pSetKw'), 'kW', true),
        status(of('following'), true),
        status(of('connected')),
        status(of('tripped')),
        analog(of('socPercent'), '%'),
        ...(c.config.batteryKwh === undefined ? [] : [analog(of('energyKwh'), 'kWh')]),
    ]
}

/** A register or a meter in trouble is not to be believed. */
const doubtful = (c: Connector) => (c.fault?.includes('PowerMeter') ? ('suspect' as const) : ('good' as const))

/** A fault that keeps it from charging, not one of its meter. */
const isFaulted = (c: Connector): boolean => c.fault !== undefined && doubtful(c) === 'good'

export function readingsOf(c: Connector, { tMs, pKw, socPercent }: MeterSample): Reading[] {
    const { batteryKwh } = c.config
    return [
        ...(Number.isNaN(pKw) ? [] : [{ name: pointOf(c, 'pKw'), value: pKw, tMs, quality: doubtful(c) }]),
        ...(Number.isNaN(socPercent) ? [] : [{ name: pointOf(c, 'socPercent'), value: socPercent, tMs }]),
        ...(Number.isNaN(socPercent) || batteryKwh === undefined
            ? []
            : [{ name: pointOf(c, 'energyKwh'), value: (batteryKwh * socPercent) / 100, tMs, quality: 'estimated' as const }]),
    ]
}

export const setpointReadings = (c: Connector, tMs: number): Reading[] =>
    Number.isNaN(c.setKw)
        ? []
        : [
              { name: pointOf(c, 'pSetKw'), value: c.setKw, tMs, quality: c.setQuality },
              { name: pointOf(c, 'following'), value: c.following, tMs },
          ]

/** What holds still while the link stands: said again so that nobody takes it for old. */
export function standingReadings(c: Connector, tMs: number, sinceMs: number): Reading[] {
    const idle = c.plugged !== undefined && c.transactionId === undefined && c.powerMs < sinceMs
    return [
        ...(c.plugged === undefined ? [] : [{ name: pointOf(c, 'connected'), value: Number(c.plugged), tMs }]),
        { name: pointOf(c, 'tripped'), value: Number(isFaulted(c)), tMs },
        // without a transaction the contactor is open
        ...(idle ? [{ name: pointOf(c, 'pKw'), value: 0, tMs }] : []),
        ...setpointReadings(c, tMs),
    ]
}

/** Takes what a post said into measurements and transactions; resolves when all of it is durable. */
export async function takeEvent(
    post: Post,
    event: PostEvent,
    reporter: Reporter,
    nowMs: number,
    onTransaction: (transaction: PostTransaction) => Promise<void>,
): Promise<void> {
    const at = (tMs: number) => (Number.isNaN(tMs) ? nowMs : tMs)
    const found = (connector: number): Connector | undefined => {
        const c = post.connectors.get(connector) ?? post.connectors.get(0)
        // connector 0 is the post itself and speaks for whoever has no number of its own
        if (!c && connector !== 0) reporter.refuse(post.identity, `connector ${connector} is not enrolled`)
        return c
    }
    const said = (c: Connector, samples: readonly MeterSample[]) => {
        for (const s of samples) if (!Number.isNaN(s.pKw)) c.powerMs = nowMs
        return samples.flatMap((s) => readingsOf(c, { ...s, tMs: at(s.tMs) }))
    }

    if (event.kind === 'status') {
        const concerned = event.connector === 0 ? [...post.connectors.values()] : [found(event.connector)].filter((c) => c !== undefined)
        for (const c of concerned) {
            c.fault = event.fault
            if (event.connector === 0 && c.config.connector !== 0) continue
            if (event.plugged !== undefined) c.plugged = event.plugged
            const tMs = at(event.tMs)
            await reporter.say(c.device, [
                { name: pointOf(c, 'tripped'), value: Number(isFaulted(c)), tMs },
                ...(event.plugged === undefined ? [] : [{ name: pointOf(c, 'connected'), value: Number(event.plugged), tMs }]),
            ])
        }
    } else if (event.kind === 'meter') {
        const c = found(event.connector)
        if (c) await reporter.say(c.device, said(c, event.samples))
    } else if (event.kind === 'transaction') {
        const known = post.transactions.get(event.transactionId)
        // a post with one connector need not name it
        const c =
            event.connector !== undefined
                ? found(event.connector)
                : (known?.connector ?? (post.connectors.size === 1 ? [...post.connectors.values()][0] : undefined))
        if (!c) {
            if (event.connector === undefined)
                reporter.malformed(post.identity, `transaction ${event.transactionId} names no EVSE, and its start is not known`)
            return
        }
        const tMs = at(event.tMs)
        const idToken = event.idToken ?? known?.idToken ?? ''
        const readings = said(c, event.samples)
        const register = event.samples.findLast((s) => !Number.isNaN(s.energyKwh))?.energyKwh ?? Number.NaN
        const ended = event.stage === 'ended'
        if (ended) readings.push({ name: pointOf(c, 'pKw'), value: 0, tMs })
        await reporter.say(c.device, readings, event.historical)
        const tell = (kind: PostTransaction['kind']) =>
            onTransaction({ kind, resource: c.config.resource, transactionId: event.transactionId, idToken, tMs, energyKwh: register })
        if (event.stage === 'started') await tell('started')
        else if (ended) await tell('ended')
        // only what is told and durable changes what we know, so that a repetition finds the same state
        if (ended) {
            post.transactions.delete(event.transactionId)
            if (c.transactionId === event.transactionId) c.transactionId = undefined
        } else {
            post.transactions.set(event.transactionId, { connector: c, idToken })
            c.transactionId = event.transactionId
        }
    }
}
