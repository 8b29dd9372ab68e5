/** OCPP 2.0.1 as the CSMS speaks it. An EVSE with its one connector is what 1.6 calls a connector. */
import { noticeVendor } from '../notice.ts'
import { type CentralDialect, type IncomingMessage, instant, list, part, refusalOf, schedulePeriods, text } from './central.ts'
import { profileId, readSchedule } from './central-16.ts'
import { type MeterSample, readSample, type SampledValue } from './meter-values.ts'

const readValues = (sampled: unknown): SampledValue[] =>
    list(sampled).map((v) => {
        const unit = part(v.unitOfMeasure)
        return {
            value: Number(v.value) * 10 ** Number(unit.multiplier ?? 0),
            measurand: text(v.measurand) || 'Energy.Active.Import.Register',
            phase: v.phase as string | undefined,
            location: v.location as string | undefined,
            unit: unit.unit as string | undefined,
        }
    })
const readSamples = (meterValue: unknown): MeterSample[] =>
    list(meterValue).map((m) => readSample(instant(m.timestamp), readValues(m.sampledValue)))

const other: IncomingMessage = { read: () => ({ kind: 'other' }), answer: () => ({}) }
const accepting: IncomingMessage = { read: () => ({ kind: 'other' }), answer: () => ({ status: 'Accepted' }) }
const tokenInfo = (accepted: boolean) => ({ idTokenInfo: { status: accepted ? 'Accepted' : 'Invalid' } })
const stages = { Started: 'started', Updated: 'updated', Ended: 'ended' } as const

const messages: Record<string, IncomingMessage> = {
    BootNotification: {
        read: ({ chargingStation }) => ({
            kind: 'boot',
            maker: `${text(part(chargingStation).vendorName)} ${text(part(chargingStation).model)}`,
        }),
        answer: ({ now, heartbeatS }) => ({ status: 'Accepted', currentTime: now, interval: heartbeatS }),
    },
    Heartbeat: { read: () => ({ kind: 'other' }), answer: ({ now }) => ({ currentTime: now }) },
    Authorize: {
        read: (p) => ({ kind: 'authorize', idToken: text(part(p.idToken).idToken) }),
        answer: ({ accepted }) => tokenInfo(accepted),
    },
    StatusNotification: {
        read: (p) => {
            const status = text(p.connectorStatus)
            return {
                kind: 'status',
                connector: Number(p.evseId),
                plugged: status === 'Faulted' || status === 'Unavailable' ? undefined : status === 'Occupied',
                fault: status === 'Faulted' ? 'faulted' : undefined,
                tMs: instant(p.timestamp),
            }
        },
        answer: () => ({}),
    },
    MeterValues: {
        read: (p) => ({ kind: 'meter', connector: Number(p.evseId), samples: readSamples(p.meterValue) }),
        answer: () => ({}),
    },
    TransactionEvent: {
        read: (p) => {
            const evse = part(p.evse).id
            return {
                kind: 'transaction',
                stage: stages[p.eventType as keyof typeof stages],
                transactionId: text(part(p.transactionInfo).transactionId),
                connector: typeof evse === 'number' ? evse : undefined,
                idToken: p.idToken ? text(part(p.idToken).idToken) : undefined,
                tMs: instant(p.timestamp),
                samples: readSamples(p.meterValue),
                historical: p.offline === true,
            }
        },
        answer: ({ accepted }, event) => (event.kind === 'transaction' && event.idToken !== undefined ? tokenInfo(accepted) : {}),
    },
    DataTransfer: { read: () => ({ kind: 'other' }), answer: () => ({ status: 'UnknownVendorId' }) },
    NotifyEVChargingNeeds: accepting,
    NotifyEVChargingSchedule: accepting,
    ...Object.fromEntries(
        [
            'NotifyEvent',
            'NotifyReport',
            'NotifyMonitoringReport',
            'NotifyCustomerInformation',
            'NotifyDisplayMessages',
            'NotifyChargingLimit',
            'ClearedChargingLimit',
            'ReportChargingProfiles',
            'ReservationStatusUpdate',
            'SecurityEventNotification',
            'LogStatusNotification',
            'FirmwareStatusNotification',
            'PublishFirmwareStatusNotification',
        ].map((action) => [action, other]),
    ),
}

const triggered = new Set(['MeterValues', 'StatusNotification', 'TransactionEvent'])
const purposeOf = (evse: number) => (evse === 0 ? 'ChargingStationMaxProfile' : 'TxDefaultProfile')
const variable = (component: string, name: string) => ({ component: { name: component }, variable: { name } })

export const central201: CentralDialect = {
    subprotocol: 'ocpp2.0.1',
    discharges: true,
    messages,
    setLimit: (order) => {
        const { connector, unit, stackLevel, startsAt, durationS } = order
        return {
            action: 'SetChargingProfile',
            params: {
                evseId: connector,
                chargingProfile: {
                    id: profileId(connector, stackLevel),
                    stackLevel,
                    chargingProfilePurpose: purposeOf(connector),
                    chargingProfileKind: 'Absolute',
                    chargingSchedule: [
                        {
                            id: profileId(connector, stackLevel),
                            ...(durationS === undefined ? {} : { duration: durationS }),
                            startSchedule: startsAt,
                            chargingRateUnit: unit,
                            chargingSchedulePeriod: schedulePeriods(order),
                        },
                    ],
                },
            },
        }
    },
    clearLimit: (connector, stackLevel) => ({
        action: 'ClearChargingProfile',
        params: { chargingProfileCriteria: { evseId: connector, chargingProfilePurpose: purposeOf(connector), stackLevel } },
    }),
    transfer: (messageId, data) => ({ action: 'DataTransfer', params: { vendorId: noticeVendor, messageId, data } }),
    composite: (connector, unit) => ({
        action: 'GetCompositeSchedule',
        params: { evseId: connector, duration: 60, chargingRateUnit: unit },
    }),
    readComposite: (answer) => readSchedule(part(answer.schedule)),
    remoteStart: (evse, idToken, remoteStartId) => ({
        action: 'RequestStartTransaction',
        params: { evseId: evse, remoteStartId, idToken: { idToken, type: 'Central' } },
    }),
    remoteStop: (transactionId) => ({ action: 'RequestStopTransaction', params: { transactionId } }),
    trigger: (message, evse) => ({
        action: 'TriggerMessage',
        params: {
            requestedMessage: message,
            // a status is that of a connector, and an EVSE of ours has one
            ...(triggered.has(message) && evse > 0
                ? { evse: { id: evse, ...(message === 'StatusNotification' ? { connectorId: 1 } : {}) } }
                : {}),
        },
    }),
    reset: (hard) => ({ action: 'Reset', params: { type: hard ? 'Immediate' : 'OnIdle' } }),
    unlock: (evse) => ({ action: 'UnlockConnector', params: { evseId: evse, connectorId: 1 } }),
    askUnits: () => ({ action: 'GetVariables', params: { getVariableData: [variable('SmartChargingCtrlr', 'RateUnit')] } }),
    readUnits: (answer) => {
        const value = text(list(answer.getVariableResult)[0]?.attributeValue)
        return (['W', 'A'] as const).filter((unit) => value.split(',').includes(unit))
    },
    configure: (intervalS, measurands) => [
        {
            action: 'SetVariables',
            params: {
                setVariableData: [
                    { ...variable('SampledDataCtrlr', 'TxUpdatedInterval'), attributeValue: String(intervalS) },
                    { ...variable('SampledDataCtrlr', 'TxUpdatedMeasurands'), attributeValue: measurands.join(',') },
                ],
            },
        },
    ],
    refusal: refusalOf,
}
