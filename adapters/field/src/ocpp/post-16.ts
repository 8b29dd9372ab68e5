/** OCPP 1.6-J as a charge point speaks it. */
import { instant, list, part, text } from './central.ts'
import type { ChargingProfile } from './charging-profiles.ts'
import type { RateUnit } from './limits.ts'
import type { Outcome, PostDialect, Sample, SettingName } from './post-words.ts'
import type { Params } from './rpc.ts'

const iso = (tMs: number): string => new Date(tMs).toISOString()
const wh = (kWh: number): number => Math.round(kWh * 1000)
const fixed = (value: number): string => String(Number(value.toFixed(1)))

const sampled = ({ pKw, energyKwh, socPercent }: Sample) => [
    { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: String(wh(energyKwh)) },
    { measurand: 'Power.Active.Import', unit: 'W', value: fixed(pKw > 0 ? pKw * 1000 : 0) },
    ...(pKw < 0 ? [{ measurand: 'Power.Active.Export', unit: 'W', value: fixed(-pKw * 1000) }] : []),
    ...(socPercent === undefined ? [] : [{ measurand: 'SoC', unit: 'Percent', location: 'EV', value: fixed(socPercent) }]),
]

const purposes = { ChargePointMaxProfile: 'station-max', TxDefaultProfile: 'default', TxProfile: 'transaction' } as const
const stopReasons = { local: 'Local', remote: 'Remote', unplugged: 'EVDisconnected', reset: 'SoftReset' } as const
const keys: Readonly<Record<string, SettingName>> = {
    ChargingScheduleAllowedChargingRateUnit: 'rateUnits',
    MeterValueSampleInterval: 'meterIntervalS',
    MeterValuesSampledData: 'measurands',
}
const yesNo = (outcome: Outcome, unknown: string) => ({
    status: outcome.kind === 'accepted' ? 'Accepted' : outcome.kind === 'unknown' ? unknown : 'Rejected',
})

/** What it keeps it says by the checksum; what it does not know, it declines by name. */
export const answerTransfer = (outcome: Outcome) =>
    outcome.kind === 'kept'
        ? { status: 'Accepted', data: String(outcome.checksum) }
        : { status: outcome.kind === 'unknown' ? 'UnknownVendorId' : 'Rejected' }

/** A schedule's rows, the same in both versions. */
export const readPeriods = (schedule: Params): ChargingProfile['periods'] =>
    list(schedule.chargingSchedulePeriod).map((p) => ({
        startS: Number(p.startPeriod),
        rate: Number(p.limit),
        ...(typeof p.numberPhases === 'number' ? { phases: p.numberPhases } : {}),
    }))
/** What both versions' profiles have in common. */
export const readProfile = (
    p: Params,
    schedule: Params,
    connector: number,
    id: number,
    purpose: ChargingProfile['purpose'],
): ChargingProfile => ({
    id,
    connector,
    stackLevel: Number(p.stackLevel),
    purpose,
    kind: p.chargingProfileKind as ChargingProfile['kind'],
    ...(p.recurrencyKind === undefined ? {} : { recurrency: p.recurrencyKind as 'Daily' | 'Weekly' }),
    ...(p.transactionId === undefined ? {} : { transactionId: String(p.transactionId) }),
    validFromMs: p.validFrom === undefined ? Number.NEGATIVE_INFINITY : instant(p.validFrom),
    validToMs: p.validTo === undefined ? Number.POSITIVE_INFINITY : instant(p.validTo),
    startMs: instant(schedule.startSchedule),
    durationS: typeof schedule.duration === 'number' ? schedule.duration : Number.POSITIVE_INFINITY,
    unit: schedule.chargingRateUnit as RateUnit,
    periods: readPeriods(schedule),
})

export const post16: PostDialect = {
    subprotocol: 'ocpp1.6',
    boot: (vendor, model) => ({ action: 'BootNotification', params: { chargePointVendor: vendor, chargePointModel: model } }),
    heartbeat: () => ({ action: 'Heartbeat', params: {} }),
    status: (connector, tMs, plugged, charging, fault) => ({
        action: 'StatusNotification',
        params: {
            connectorId: connector,
            timestamp: iso(tMs),
            errorCode: fault === undefined ? 'NoError' : 'OtherError',
            ...(fault === undefined ? {} : { info: fault.slice(0, 50) }),
            status: fault !== undefined ? 'Faulted' : charging ? 'Charging' : plugged ? 'Preparing' : 'Available',
        },
    }),
    start: (tx, sample) => ({
        action: 'StartTransaction',
        params: { connectorId: tx.connector, idTag: tx.idToken, meterStart: wh(sample.energyKwh), timestamp: iso(sample.tMs) },
    }),
    meter: (connector, tx, sample) => ({
        action: 'MeterValues',
        params: {
            connectorId: connector,
            ...(tx ? { transactionId: Number(tx.id) } : {}),
            meterValue: [{ timestamp: iso(sample.tMs), sampledValue: sampled(sample) }],
        },
    }),
    stop: (tx, sample, reason) => ({
        action: 'StopTransaction',
        params: {
            transactionId: Number(tx.id),
            idTag: tx.idToken,
            meterStop: wh(sample.energyKwh),
            timestamp: iso(sample.tMs),
            reason: stopReasons[reason],
        },
    }),
    readStart: (answer) => String(answer.transactionId),
    orders: {
        DataTransfer: {
            read: (p) => ({ kind: 'transfer', vendor: text(p.vendorId), text: text(p.data) }),
            answer: answerTransfer,
        },
        SetChargingProfile: {
            read: (p) => {
                const profile = part(p.csChargingProfiles)
                const purpose = purposes[profile.chargingProfilePurpose as keyof typeof purposes]
                const schedule = part(profile.chargingSchedule)
                return {
                    kind: 'profile',
                    profile: readProfile(profile, schedule, Number(p.connectorId), Number(profile.chargingProfileId), purpose),
                }
            },
            answer: (outcome) => yesNo(outcome, 'NotSupported'),
        },
        ClearChargingProfile: {
            read: (p) => ({
                kind: 'clear',
                criteria: {
                    ...(p.id === undefined ? {} : { id: Number(p.id) }),
                    ...(p.connectorId === undefined ? {} : { connector: Number(p.connectorId) }),
                    ...(p.stackLevel === undefined ? {} : { stackLevel: Number(p.stackLevel) }),
                    ...(p.chargingProfilePurpose === undefined
                        ? {}
                        : { purpose: purposes[p.chargingProfilePurpose as keyof typeof purposes] }),
                },
            }),
            answer: (outcome) => ({ status: outcome.kind === 'accepted' ? 'Accepted' : 'Unknown' }),
        },
        GetCompositeSchedule: {
            read: (p) => ({
                kind: 'composite',
                connector: Number(p.connectorId),
                unit: p.chargingRateUnit as RateUnit | undefined,
                durationS: Number(p.duration),
            }),
            answer: (outcome, p) =>
                outcome.kind !== 'composite'
                    ? { status: 'Rejected' }
                    : {
                          status: 'Accepted',
                          connectorId: p.connectorId,
                          scheduleStart: iso(outcome.startMs),
                          chargingSchedule: {
                              duration: p.duration,
                              startSchedule: iso(outcome.startMs),
                              chargingRateUnit: outcome.unit,
                              chargingSchedulePeriod: [{ startPeriod: 0, limit: outcome.rate }],
                          },
                      },
        },
        RemoteStartTransaction: {
            read: (p) => ({ kind: 'start', connector: p.connectorId as number | undefined, idToken: text(p.idTag) }),
            answer: (outcome) => yesNo(outcome, 'Rejected'),
        },
        RemoteStopTransaction: {
            read: (p) => ({ kind: 'stop', transactionId: String(p.transactionId) }),
            answer: (outcome) => yesNo(outcome, 'Rejected'),
        },
        TriggerMessage: {
            read: (p) => ({ kind: 'trigger', message: text(p.requestedMessage), connector: p.connectorId as number | undefined }),
            answer: (outcome) => yesNo(outcome, 'NotImplemented'),
        },
        Reset: {
            read: (p) => ({ kind: 'reset', hard: p.type === 'Hard' }),
            answer: (outcome) => yesNo(outcome, 'Rejected'),
        },
        UnlockConnector: {
            read: (p) => ({ kind: 'unlock', connector: Number(p.connectorId), ends: true }),
            answer: (outcome) => ({
                status: outcome.kind === 'accepted' ? 'Unlocked' : outcome.kind === 'unknown' ? 'NotSupported' : 'UnlockFailed',
            }),
        },
        GetConfiguration: {
            read: (p) => ({ kind: 'get', names: (Array.isArray(p.key) ? p.key : Object.keys(keys)).map((k) => keys[k] ?? k) }),
            answer: (outcome) => {
                const values = outcome.kind === 'settings' ? [...outcome.values] : []
                const keyOf = (name: string) => Object.keys(keys).find((k) => keys[k] === name) ?? name
                return {
                    configurationKey: values
                        .filter(([, value]) => value !== undefined)
                        .map(([name, value]) => ({
                            key: keyOf(name),
                            readonly: name === 'rateUnits',
                            value: name === 'rateUnits' ? value!.replace('A', 'Current').replace('W', 'Power') : value,
                        })),
                    unknownKey: values.filter(([, value]) => value === undefined).map(([name]) => keyOf(name)),
                }
            },
        },
        ChangeConfiguration: {
            read: (p) => ({ kind: 'set', values: new Map([[keys[text(p.key)] ?? text(p.key), text(p.value)]]) }),
            answer: (outcome) => yesNo(outcome, 'NotSupported'),
        },
    },
}
