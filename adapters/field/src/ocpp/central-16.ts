/** OCPP 1.6-J as the central system speaks it. */
import { noticeVendor } from '../notice.ts'
import {
    type CentralDialect,
    type IncomingMessage,
    instant,
    list,
    type PostEvent,
    part,
    refusalOf,
    schedulePeriods,
    text,
} from './central.ts'
import type { RateUnit } from './limits.ts'
import { type MeterSample, readSample, type SampledValue } from './meter-values.ts'
import type { Params } from './rpc.ts'

const plugged = new Set(['Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Finishing'])

/** Values in sealed form are for the bill, not for the loop. */
const readValues = (sampled: unknown): SampledValue[] =>
    list(sampled)
        .filter((v) => v.format !== 'SignedData')
        .map((v) => ({
            value: Number.parseFloat(text(v.value)),
            measurand: text(v.measurand) || 'Energy.Active.Import.Register',
            phase: v.phase as string | undefined,
            location: v.location as string | undefined,
            unit: v.unit as string | undefined,
        }))
const readSamples = (meterValue: unknown): MeterSample[] =>
    list(meterValue).map((m) => readSample(instant(m.timestamp), readValues(m.sampledValue)))
const registerSample = (tMs: number, wh: unknown): MeterSample => ({
    tMs,
    pKw: Number.NaN,
    energyKwh: typeof wh === 'number' ? wh / 1000 : Number.NaN,
    socPercent: Number.NaN,
})

const connectorBits = 7
/**
 * The id the central system owes a transaction, made of what never changes about it: a start that is told twice gets the
 * same id twice, even by a central system that has forgotten the first time. The last bits are the connector.
 */
export function transactionIdOf(identity: string, connector: number, timestamp: string, meterStart: number, idTag: string): number {
    let hash = 0x811c9dc5
    for (const c of `${identity}\n${timestamp}\n${meterStart}\n${idTag}`) hash = Math.imul(hash ^ c.codePointAt(0)!, 0x01000193)
    const folded = (hash >>> 24) ^ (hash & 0xffffff)
    return (folded << connectorBits) | (connector & (2 ** connectorBits - 1))
}
const connectorOf = (transactionId: number): number => transactionId & (2 ** connectorBits - 1)

const other: IncomingMessage = { read: () => ({ kind: 'other' }), answer: () => ({}) }
const idTagInfo = (accepted: boolean) => ({ idTagInfo: { status: accepted ? 'Accepted' : 'Invalid' } })

const messages: Record<string, IncomingMessage> = {
    BootNotification: {
        read: (p) => ({ kind: 'boot', maker: `${text(p.chargePointVendor)} ${text(p.chargePointModel)}` }),
        answer: ({ now, heartbeatS }) => ({ status: 'Accepted', currentTime: now, interval: heartbeatS }),
    },
    Heartbeat: { read: () => ({ kind: 'other' }), answer: ({ now }) => ({ currentTime: now }) },
    Authorize: {
        read: (p) => ({ kind: 'authorize', idToken: text(p.idTag) }),
        answer: ({ accepted }) => idTagInfo(accepted),
    },
    StatusNotification: {
        read: (p) => {
            const status = text(p.status)
            const fault = text(p.errorCode) === 'NoError' ? undefined : [text(p.errorCode), text(p.info)].filter(Boolean).join(', ')
            return {
                kind: 'status',
                connector: Number(p.connectorId),
                plugged: status === 'Faulted' || status === 'Unavailable' ? undefined : plugged.has(status),
                fault: fault ?? (status === 'Faulted' ? 'faulted' : undefined),
                tMs: instant(p.timestamp),
            }
        },
        answer: () => ({}),
    },
    MeterValues: {
        read: (p) => ({ kind: 'meter', connector: Number(p.connectorId), samples: readSamples(p.meterValue) }),
        answer: () => ({}),
    },
    StartTransaction: {
        read: (p, identity) => {
            const connector = Number(p.connectorId)
            const tMs = instant(p.timestamp)
            const id = transactionIdOf(identity, connector, text(p.timestamp), Number(p.meterStart), text(p.idTag))
            return {
                kind: 'transaction',
                stage: 'started',
                transactionId: String(id),
                connector,
                idToken: text(p.idTag),
                tMs,
                samples: [registerSample(tMs, p.meterStart)],
                historical: false,
            }
        },
        answer: ({ accepted }, event) => ({
            transactionId: event.kind === 'transaction' ? Number(event.transactionId) : 0,
            ...idTagInfo(accepted),
        }),
    },
    StopTransaction: {
        read: (p) => {
            const tMs = instant(p.timestamp)
            return {
                kind: 'transaction',
                stage: 'ended',
                transactionId: String(p.transactionId),
                connector: connectorOf(Number(p.transactionId)),
                idToken: p.idTag as string | undefined,
                tMs,
                samples: [...readSamples(p.transactionData), registerSample(tMs, p.meterStop)],
                historical: false,
            } satisfies PostEvent
        },
        answer: () => ({}),
    },
    DataTransfer: { read: () => ({ kind: 'other' }), answer: () => ({ status: 'UnknownVendorId' }) },
    DiagnosticsStatusNotification: other,
    FirmwareStatusNotification: other,
}

const triggered = new Set(['MeterValues', 'StatusNotification'])
const purposeOf = (connector: number) => (connector === 0 ? 'ChargePointMaxProfile' : 'TxDefaultProfile')
const change = (key: string, value: string) => ({ action: 'ChangeConfiguration', params: { key, value } })
const unitsKey = 'ChargingScheduleAllowedChargingRateUnit'

export const central16: CentralDialect = {
    subprotocol: 'ocpp1.6',
    discharges: false,
    messages,
    setLimit: (order) => {
        const { connector, unit, stackLevel, startsAt, durationS } = order
        return {
            action: 'SetChargingProfile',
            params: {
                connectorId: connector,
                csChargingProfiles: {
                    chargingProfileId: profileId(connector, stackLevel),
                    stackLevel,
                    chargingProfilePurpose: purposeOf(connector),
                    chargingProfileKind: 'Absolute',
                    chargingSchedule: {
                        ...(durationS === undefined ? {} : { duration: durationS }),
                        startSchedule: startsAt,
                        chargingRateUnit: unit,
                        chargingSchedulePeriod: schedulePeriods(order),
                    },
                },
            },
        }
    },
    clearLimit: (connector, stackLevel) => ({
        action: 'ClearChargingProfile',
        params: { connectorId: connector, chargingProfilePurpose: purposeOf(connector), stackLevel },
    }),
    transfer: (messageId, data) => ({ action: 'DataTransfer', params: { vendorId: noticeVendor, messageId, data } }),
    composite: (connector, unit) => ({
        action: 'GetCompositeSchedule',
        params: { connectorId: connector, duration: 60, chargingRateUnit: unit },
    }),
    readComposite: (answer) => readSchedule(part(answer.chargingSchedule)),
    remoteStart: (connector, idTag) => ({ action: 'RemoteStartTransaction', params: { connectorId: connector, idTag } }),
    remoteStop: (transactionId) => ({ action: 'RemoteStopTransaction', params: { transactionId: Number(transactionId) } }),
    trigger: (message, connector) => ({
        action: 'TriggerMessage',
        params: { requestedMessage: message, ...(triggered.has(message) && connector > 0 ? { connectorId: connector } : {}) },
    }),
    reset: (hard) => ({ action: 'Reset', params: { type: hard ? 'Hard' : 'Soft' } }),
    unlock: (connector) => ({ action: 'UnlockConnector', params: { connectorId: connector } }),
    askUnits: () => ({ action: 'GetConfiguration', params: { key: [unitsKey] } }),
    readUnits: (answer) => {
        const value = text(list(answer.configurationKey).find((k) => k.key === unitsKey)?.value)
        return [...(value.includes('Power') ? (['W'] as const) : []), ...(value.includes('Current') ? (['A'] as const) : [])]
    },
    configure: (intervalS, measurands) => [
        change('MeterValueSampleInterval', String(intervalS)),
        change('MeterValuesSampledData', measurands.join(',')),
    ],
    refusal: refusalOf,
}

/** Ours to choose: one id for each connector and level, so that a later order replaces the earlier. */
export const profileId = (connector: number, stackLevel: number): number => 100 * connector + stackLevel + 1

/** First period of a schedule: what rules now. */
export function readSchedule(schedule: Params): { rate: number; unit: RateUnit; phases: number | undefined } {
    const now = list(schedule.chargingSchedulePeriod)[0]
    return {
        rate: typeof now?.limit === 'number' ? now.limit : Number.NaN,
        unit: schedule.chargingRateUnit === 'A' ? 'A' : 'W',
        phases: typeof now?.numberPhases === 'number' ? now.numberPhases : undefined,
    }
}
