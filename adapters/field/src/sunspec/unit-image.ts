/**
 * A simulated device's registers: its chain of models filled from its state, and its control models with the timers that end
 * what they order. `der` devices are set in W by model 704, `legacy` ones in percent by models 123 and 124.
 */
import { noticeChecksum } from '../notice.ts'
import { exceptionCode } from './modbus-frame.ts'
import { baseAddresses, endModel, type Model, marker, models, noticeModel } from './models.ts'
import { blankModel, readPoint, readText, writePoint, writeText } from './registers.ts'
import type { SunspecState, SunspecUnit } from './sunspec-types.ts'

interface Placed {
    readonly model: Model
    /** first register, from the base */
    readonly at: number
    readonly registers: Uint16Array
}

export interface UnitImage {
    /** Registers from an address on, or an exception code. */
    read(address: number, count: number): Uint16Array | number
    write(address: number, registers: Uint16Array): number | undefined
    /** Lets timers run out; call it now and then. */
    tick(): void
    setpointKw(): number | undefined
    /** what is in force is the reversion value */
    isFallback(): boolean
}

/** the smallest power of ten by which a value, and half as much again, fits a signed register */
const exponentFor = (value: number): number => Math.max(-2, Math.ceil(Math.log10((1.5 * Math.max(1, Math.abs(value))) / 32_767)))
const chains = {
    der: { storage: [1, 701, 702, 704, 713], generator: [1, 701, 702, 704] },
    legacy: { storage: [1, 103, 120, 121, 123, 124], generator: [1, 103, 120, 121, 122, 123] },
} as const
const states = {
    off: { der: 0, legacy: 1 },
    on: { der: 3, legacy: 4 },
    throttled: { der: 4, legacy: 5 },
    fault: { der: 6, legacy: 7 },
} as const

export function createUnitImage(unit: SunspecUnit, nowMs: () => number, base: number = baseAddresses[0]): UnitImage {
    const { kind, ratedKw, ratedChargeKw = ratedKw, capacityKwh = 0 } = unit
    const ratedW = ratedKw * 1000
    const storage = kind === 'storage'
    const placed = new Map<number, Placed>()
    let at = 2
    for (const id of [...chains[unit.models][kind], ...(unit.onNotice ? [noticeModel] : [])]) {
        const model = models.get(id)!
        const registers = blankModel(model)
        placed.set(id, { model, at, registers })
        at += registers.length
    }
    const length = at + 2
    /** instant the order in force ends; Infinity: never */
    let endsMs = Number.POSITIVE_INFINITY
    let inForce: number | undefined

    const put = (id: number, values: Readonly<Record<string, number>>) => {
        const { model, registers } = placed.get(id)!
        for (const [name, value] of Object.entries(values)) writePoint(model, registers, name, value)
    }
    const get = (id: number, name: string): number => {
        const { model, registers } = placed.get(id)!
        return readPoint(model, registers, name)
    }

    // ── what never changes ────────────────────────────────────────────────────────────────────────────────────────

    const who = placed.get(1)!
    const { manufacturer = 'Gridverse', model: product = storage ? 'Battery' : 'Inverter' } = unit
    for (const [name, text] of [
        ['Mn', manufacturer],
        ['Md', product],
        ['Vr', '1.0'],
        ['SN', unit.serial],
    ] as const)
        writeText(who.model, who.registers, name, text)
    put(1, { DA: unit.unit })
    const wExponent = exponentFor(Math.max(ratedW, ratedChargeKw * 1000))
    const whExponent = exponentFor(capacityKwh * 1000)
    if (unit.models === 'der') {
        put(701, {
            W_SF: wExponent,
            VA_SF: wExponent,
            Var_SF: wExponent,
            A_SF: -1,
            V_SF: -1,
            Hz_SF: -3,
            PF_SF: -3,
            TotWh_SF: 0,
            Tmp_SF: -1,
        })
        put(702, { W_SF: wExponent, VA_SF: wExponent, V_SF: -1, A_SF: -1, PF_SF: -2 })
        put(702, { WMaxRtg: ratedW, WMax: ratedW, VAMaxRtg: ratedW, VAMax: ratedW, VNomRtg: 230, VNom: 230 })
        // fixed power and limited power are what this device obeys
        put(702, { CtrlModes: storage ? 0b10 : 0b01 })
        put(704, { WMaxLimPct_SF: -2, WSet_SF: 0, WSetPct_SF: -2 })
        if (storage) {
            put(702, {
                WChaRteMaxRtg: ratedChargeKw * 1000,
                WChaRteMax: ratedChargeKw * 1000,
                WDisChaRteMaxRtg: ratedW,
                WDisChaRteMax: ratedW,
            })
            put(704, { WSetEna: 0, WSetMod: 1, WSet: 0, WSetRvrt: 0, WSetEnaRvrt: 0, WSetRvrtTms: 0, WSetRvrtRem: 0 })
            put(713, { WH_SF: whExponent, Pct_SF: -1, WHRtg: capacityKwh * 1000, SoH: 100, Sta: 0 })
        } else
            put(704, {
                WMaxLimPctEna: 0,
                WMaxLimPct: 100,
                WMaxLimPctRvrt: 100,
                WMaxLimPctEnaRvrt: 0,
                WMaxLimPctRvrtTms: 0,
                WMaxLimPctRvrtRem: 0,
            })
    } else {
        put(103, { W_SF: wExponent, VA_SF: wExponent, VAr_SF: wExponent, A_SF: -1, V_SF: -1, Hz_SF: -2, PF_SF: -2, WH_SF: 0, Tmp_SF: -1 })
        put(120, { WRtg_SF: wExponent, DERTyp: storage ? 82 : 4, WRtg: ratedW, VARtg_SF: wExponent, VARtg: ratedW })
        put(121, { WMax_SF: wExponent, WMax: ratedW, VRef_SF: -1, VRef: 230 })
        put(123, { WMaxLimPct_SF: -2, OutPFSet_SF: -2, WMaxLimPct: 100, WMaxLim_Ena: 0, WMaxLimPct_RvrtTms: 0, Conn: 1 })
        if (storage) {
            put(120, { WHRtg_SF: whExponent, WHRtg: capacityKwh * 1000, MaxChaRte_SF: wExponent, MaxChaRte: ratedChargeKw * 1000 })
            put(120, { MaxDisChaRte_SF: wExponent, MaxDisChaRte: ratedW })
            put(124, { WChaMax_SF: wExponent, WChaMax: Math.max(ratedW, ratedChargeKw * 1000), ChaState_SF: -1, InOutWRte_SF: -2 })
            put(124, { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100, InOutWRte_RvrtTms: 0, ChaGriSet: 1 })
        } else put(122, { WAval_SF: wExponent })
    }

    // ── what it measures ──────────────────────────────────────────────────────────────────────────────────────────

    function refresh(): void {
        const s: SunspecState = unit.read()
        const { voltageV = 230, frequencyHz = 50, qKvar = 0, energyTakenKwh = 0 } = s
        const w = s.pKw * 1000
        const va = Math.hypot(s.pKw, qKvar) * 1000
        const phaseA = va / (3 * voltageV)
        const pf = va === 0 ? 1 : Math.abs(w) / va
        const withheldKw = Math.max(0, (s.availableKw ?? s.pKw) - s.pKw)
        const state = states[s.tripped ? 'fault' : !s.running ? 'off' : withheldKw > 0.001 * ratedKw ? 'throttled' : 'on'][unit.models]
        const temperature = s.temperatureC ?? Number.NaN
        if (unit.models === 'der') {
            put(701, {
                ACType: 2,
                St: Number(s.running),
                InvSt: state,
                ConnSt: 1,
                Alrm: 0,
                DERMode: 1,
                W: w,
                VA: va,
                Var: qKvar * 1000,
                PF: pf,
            })
            put(701, { A: 3 * phaseA, LNV: voltageV, LLV: voltageV * Math.sqrt(3), Hz: frequencyHz, TmpCab: temperature })
            put(701, { TotWhInj: s.energyKwh * 1000, TotWhAbs: energyTakenKwh * 1000 })
            put(701, { ThrotPct: Math.min(100, Math.round((100 * withheldKw) / ratedKw)), ThrotSrc: withheldKw > 0 ? 1 : 0 })
            for (const p of ['L1', 'L2', 'L3'])
                put(701, { [`W${p}`]: w / 3, [`VA${p}`]: va / 3, [`Var${p}`]: (qKvar * 1000) / 3, [`A${p}`]: phaseA, [`V${p}`]: voltageV })
            if (storage) put(713, { SoC: s.socPercent ?? Number.NaN, WHAvail: (capacityKwh * 1000 * (s.socPercent ?? Number.NaN)) / 100 })
        } else {
            put(103, { St: state, W: w, VA: va, VAr: qKvar * 1000, PF: pf, Hz: frequencyHz, WH: Math.max(0, s.energyKwh * 1000) })
            put(103, { A: 3 * phaseA, AphA: phaseA, AphB: phaseA, AphC: phaseA, PhVphA: voltageV, PhVphB: voltageV, PhVphC: voltageV })
            put(103, { TmpCab: temperature, Evt1: 0, Evt2: 0 })
            if (storage) {
                const soc = s.socPercent ?? Number.NaN
                const doing = !s.running ? 1 : soc >= 99.9 ? 5 : soc <= 0.1 ? 2 : w > 1 ? 3 : w < -1 ? 4 : 6
                put(124, { ChaState: soc, ChaSt: doing })
            } else put(122, { PVConn: 0b111, ECPConn: 1, WAval: (s.availableKw ?? s.pKw) * 1000, ActWh: Math.max(0, s.energyKwh * 1000) })
        }
        const leftS = Number.isFinite(endsMs) ? Math.max(0, Math.ceil((endsMs - nowMs()) / 1000)) : 0
        if (unit.models === 'der') put(704, storage ? { WSetRvrtRem: leftS } : { WMaxLimPctRvrtRem: leftS })
    }

    // ── what it is told ───────────────────────────────────────────────────────────────────────────────────────────

    /** Setpoint the control registers make, kW; undefined: none. */
    function ordered(): number | undefined {
        if (unit.models === 'der') {
            if (storage) {
                if (get(704, 'WSetEna') !== 1) return undefined
                return get(704, 'WSetMod') === 1 ? get(704, 'WSet') / 1000 : (get(704, 'WSetPct') * ratedKw) / 100
            }
            return get(704, 'WMaxLimPctEna') === 1 ? (get(704, 'WMaxLimPct') * ratedKw) / 100 : undefined
        }
        if (!storage) return get(123, 'WMaxLim_Ena') === 1 ? (get(123, 'WMaxLimPct') * ratedKw) / 100 : undefined
        // both limits at once, of opposite sign, leave one power only
        return get(124, 'StorCtl_Mod') === 3 ? (get(124, 'OutWRte') * get(124, 'WChaMax')) / 100_000 : undefined
    }

    function obey(): void {
        const now = ordered()
        if (now === inForce) return
        inForce = now
        unit.onSetpoint(now)
    }

    function startTimer(): void {
        const timer =
            unit.models === 'der' ? (storage ? 'WSetRvrtTms' : 'WMaxLimPctRvrtTms') : storage ? 'InOutWRte_RvrtTms' : 'WMaxLimPct_RvrtTms'
        const seconds = get(unit.models === 'der' ? 704 : storage ? 124 : 123, timer)
        endsMs = seconds > 0 && ordered() !== undefined ? nowMs() + seconds * 1000 : Number.POSITIVE_INFINITY
    }

    function keepNotice(): void {
        const { model, registers } = placed.get(noticeModel)!
        const text = readText(model, registers, 'Txt')
        writePoint(model, registers, 'Crc', noticeChecksum(text))
        unit.onNotice?.(text)
    }

    let reverted = false
    /** The order has run out: the reversion values take its place. */
    function revert(): void {
        reverted = true
        endsMs = Number.POSITIVE_INFINITY
        if (unit.models === 'der' && storage) put(704, { WSet: get(704, 'WSetRvrt'), WSetEna: get(704, 'WSetEnaRvrt') })
        else if (unit.models === 'der') put(704, { WMaxLimPct: get(704, 'WMaxLimPctRvrt'), WMaxLimPctEna: get(704, 'WMaxLimPctEnaRvrt') })
        else if (storage) put(124, { StorCtl_Mod: 0 })
        else put(123, { WMaxLim_Ena: 0 })
        obey()
    }

    function tick(): void {
        if (nowMs() >= endsMs) revert()
    }

    /** Everything from the marker to the end model. */
    function wholeMap(): Uint16Array {
        const map = new Uint16Array(length)
        map.set(marker, 0)
        for (const { at: from, registers } of placed.values()) map.set(registers, from)
        map.set([endModel, 0], length - 2)
        return map
    }

    /** What it could not hold or do, as an exception; nothing is changed then. */
    function unfit(): number | undefined {
        const most = storage ? Math.max(ratedKw, ratedChargeKw) : ratedKw
        const kW = ordered()
        if (kW === undefined) return undefined
        const low = storage ? -ratedChargeKw : 0
        return kW < low - 1e-3 * most || kW > ratedKw + 1e-3 * most ? exceptionCode.illegalValue : undefined
    }

    return {
        tick,
        setpointKw: () => inForce,
        isFallback: () => reverted && inForce !== undefined,
        read(address, count) {
            tick()
            const from = address - base
            if (from < 0 || from + count > length) return exceptionCode.illegalAddress
            refresh()
            return wholeMap().subarray(from, from + count)
        },
        write(address, words) {
            tick()
            const from = address - base
            const holder = [...placed.values()].find((p) => from >= p.at && from + words.length <= p.at + p.registers.length)
            if (!holder) return exceptionCode.illegalAddress
            const { model, registers } = holder
            const writable = new Set(
                [...model.points.values()].flatMap((p) => (p.writable ? Array.from({ length: p.size }, (_, k) => p.offset + k) : [])),
            )
            for (let k = 0; k < words.length; k++) if (!writable.has(from - holder.at + k)) return exceptionCode.illegalAddress
            const before = registers.slice()
            registers.set(words, from - holder.at)
            const refusal = unfit()
            if (refusal !== undefined) {
                registers.set(before)
                return refusal
            }
            // any word to a control model is a sign that somebody is there
            if (model.id === noticeModel) keepNotice()
            else if (model.id === 704 || model.id === 123 || model.id === 124) {
                // the values for the time after are no order; while they rule, only an order ends that
                const names = [...model.points.values()].filter(
                    (p) => from - holder.at < p.offset + p.size && from - holder.at + words.length > p.offset,
                )
                if (!names.every(({ name }) => name.includes('Rvrt') && !name.includes('Tms'))) {
                    reverted = false
                    startTimer()
                }
            }
            obey()
            return undefined
        },
    }
}
