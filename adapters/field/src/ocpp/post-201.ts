/** OCPP 2.0.1 as a charging station speaks it; each EVSE has one connector. */
import { list, part, text } from './central.ts'
import type { RateUnit } from './limits.ts'
import { answerTransfer, readProfile } from './post-16.ts'
import type { Outcome, PostDialect, Sample, SettingName, Transaction } from './post-words.ts'

const iso = (tMs: number): string => new Date(tMs).toISOString()
const watts = (kW: number): number => Number((kW * 1000).toFixed(1))

const sampled = ({ pKw, energyKwh, socPercent }: Sample) => [
    { measurand: 'Energy.Active.Import.Register', value: Math.round(energyKwh * 1000), unitOfMeasure: { unit: 'Wh' } },
    { measurand: 'Power.Active.Import', value: watts(Math.max(0, pKw)), unitOfMeasure: { unit: 'W' } },
    ...(pKw < 0 ? [{ measurand: 'Power.Active.Export', value: watts(-pKw), unitOfMeasure: { unit: 'W' } }] : []),
    ...(socPercent === undefined
        ? []
        : [{ measurand: 'SoC', value: Number(socPercent.toFixed(2)), location: 'EV', unitOfMeasure: { unit: 'Percent' } }]),
]
const meterValue = (sample: Sample) => [{ timestamp: iso(sample.tMs), sampledValue: sampled(sample) }]

const event = (
    eventType: string,
    triggerReason: string,
    tx: Transaction,
    sample: Sample,
    offline: boolean,
    more: object = {},
    info: object = {},
) => ({
    action: 'TransactionEvent',
    params: {
        eventType,
        timestamp: iso(sample.tMs),
        triggerReason,
        seqNo: tx.seqNo,
        ...(offline ? { offline } : {}),
        transactionInfo: { transactionId: tx.id, ...info },
        meterValue: meterValue(sample),
        ...more,
    },
})

const purposes = {
    ChargingStationMaxProfile: 'station-max',
    ChargingStationExternalConstraints: 'station-max',
    TxDefaultProfile: 'default',
    TxProfile: 'transaction',
} as const
const stops = {
    local: ['StopAuthorized', 'Local'],
    remote: ['RemoteStop', 'Remote'],
    unplugged: ['EVDeparted', 'EVDisconnected'],
    reset: ['ResetCommand', 'ImmediateReset'],
} as const
const variables: Readonly<Record<string, SettingName>> = {
    'SmartChargingCtrlr/RateUnit': 'rateUnits',
    'SampledDataCtrlr/TxUpdatedInterval': 'meterIntervalS',
    'SampledDataCtrlr/TxUpdatedMeasurands': 'measurands',
}
const nameOf = (row: Readonly<Record<string, unknown>>): string => {
    const path = `${text(part(row.component).name)}/${text(part(row.variable).name)}`
    return variables[path] ?? path
}
const yesNo = (outcome: Outcome) => ({ status: outcome.kind === 'accepted' ? 'Accepted' : 'Rejected' })

export const post201: PostDialect = {
    subprotocol: 'ocpp2.0.1',
    boot: (vendorName, model, again) => ({
        action: 'BootNotification',
        params: { reason: again ? 'RemoteReset' : 'PowerUp', chargingStation: { vendorName, model } },
    }),
    heartbeat: () => ({ action: 'Heartbeat', params: {} }),
    status: (connector, tMs, plugged, _charging, fault) => ({
        action: 'StatusNotification',
        params: {
            timestamp: iso(tMs),
            evseId: connector,
            connectorId: 1,
            connectorStatus: fault !== undefined ? 'Faulted' : plugged ? 'Occupied' : 'Available',
        },
    }),
    start: (tx, sample, offline) =>
        event(
            'Started',
            'Authorized',
            tx,
            sample,
            offline,
            { evse: { id: tx.connector, connectorId: 1 }, idToken: { idToken: tx.idToken, type: 'Central' } },
            { chargingState: 'Charging' },
        ),
    meter: (connector, tx, sample, offline) =>
        tx
            ? event('Updated', 'MeterValuePeriodic', tx, sample, offline)
            : { action: 'MeterValues', params: { evseId: connector, meterValue: meterValue(sample) } },
    stop: (tx, sample, reason, offline) =>
        event('Ended', stops[reason][0], tx, sample, offline, {}, { stoppedReason: stops[reason][1], chargingState: 'Idle' }),
    readStart: () => undefined,
    orders: {
        DataTransfer: {
            read: (p) => ({ kind: 'transfer', vendor: text(p.vendorId), text: text(p.data) }),
            answer: answerTransfer,
        },
        SetChargingProfile: {
            read: (p) => {
                const profile = part(p.chargingProfile)
                const purpose = purposes[profile.chargingProfilePurpose as keyof typeof purposes]
                const schedule = list(profile.chargingSchedule)[0] ?? {}
                return { kind: 'profile', profile: readProfile(profile, schedule, Number(p.evseId), Number(profile.id), purpose) }
            },
            answer: yesNo,
        },
        ClearChargingProfile: {
            read: (p) => {
                const c = part(p.chargingProfileCriteria)
                return {
                    kind: 'clear',
                    criteria: {
                        ...(p.chargingProfileId === undefined ? {} : { id: Number(p.chargingProfileId) }),
                        ...(c.evseId === undefined ? {} : { connector: Number(c.evseId) }),
                        ...(c.stackLevel === undefined ? {} : { stackLevel: Number(c.stackLevel) }),
                        ...(c.chargingProfilePurpose === undefined
                            ? {}
                            : { purpose: purposes[c.chargingProfilePurpose as keyof typeof purposes] }),
                    },
                }
            },
            answer: (outcome) => ({ status: outcome.kind === 'accepted' ? 'Accepted' : 'Unknown' }),
        },
        GetCompositeSchedule: {
            read: (p) => ({
                kind: 'composite',
                connector: Number(p.evseId),
                unit: p.chargingRateUnit as RateUnit | undefined,
                durationS: Number(p.duration),
            }),
            answer: (outcome, p) =>
                outcome.kind !== 'composite'
                    ? { status: 'Rejected', statusInfo: { reasonCode: 'NoProfile' } }
                    : {
                          status: 'Accepted',
                          schedule: {
                              evseId: p.evseId,
                              duration: p.duration,
                              scheduleStart: iso(outcome.startMs),
                              chargingRateUnit: outcome.unit,
                              chargingSchedulePeriod: [{ startPeriod: 0, limit: outcome.rate }],
                          },
                      },
        },
        RequestStartTransaction: {
            read: (p) => ({ kind: 'start', connector: p.evseId as number | undefined, idToken: text(part(p.idToken).idToken) }),
            answer: yesNo,
        },
        RequestStopTransaction: {
            read: (p) => ({ kind: 'stop', transactionId: text(p.transactionId) }),
            answer: yesNo,
        },
        TriggerMessage: {
            read: (p) => ({ kind: 'trigger', message: text(p.requestedMessage), connector: part(p.evse).id as number | undefined }),
            answer: (outcome) => (outcome.kind === 'unknown' ? { status: 'NotImplemented' } : yesNo(outcome)),
        },
        Reset: { read: (p) => ({ kind: 'reset', hard: p.type === 'Immediate' }), answer: yesNo },
        UnlockConnector: {
            read: (p) => ({ kind: 'unlock', connector: Number(p.evseId), ends: false }),
            answer: (outcome) => ({
                status:
                    outcome.kind === 'accepted'
                        ? 'Unlocked'
                        : outcome.kind === 'unknown'
                          ? 'UnknownConnector'
                          : 'OngoingAuthorizedTransaction',
            }),
        },
        GetVariables: {
            read: (p) => ({ kind: 'get', names: list(p.getVariableData).map(nameOf) }),
            answer: (outcome, p) => ({
                getVariableResult: list(p.getVariableData).map((row) => {
                    const value = outcome.kind === 'settings' ? outcome.values.get(nameOf(row)) : undefined
                    const { component, variable } = row
                    return value === undefined
                        ? { attributeStatus: 'UnknownVariable', component, variable }
                        : { attributeStatus: 'Accepted', attributeValue: value, component, variable }
                }),
            }),
        },
        SetVariables: {
            read: (p) => ({ kind: 'set', values: new Map(list(p.setVariableData).map((row) => [nameOf(row), text(row.attributeValue)])) }),
            answer: (outcome, p) => ({
                setVariableResult: list(p.setVariableData).map(({ component, variable }) => ({
                    attributeStatus: outcome.kind === 'accepted' ? 'Accepted' : outcome.kind === 'unknown' ? 'UnknownVariable' : 'Rejected',
                    component,
                    variable,
                })),
            }),
        },
    },
}
