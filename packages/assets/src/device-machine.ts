/**
 * Gas engines, turbines and other generators: they start, run at least some time, ramp, stop, rest.
 *
 *   standing → starting (startMin) → running at pMin … pMax → ramped down to pMin → standing
 *   fuel = P / η(P), η running straight from least to full load; heat = heatRatio · P, never more than fuel leaves, and in a
 *   heating network never more than its tanks take
 *
 * Limits as unit commitment has them (D. Kirschen, G. Strbac, "Fundamentals of
 * Power System Economics", 2nd ed. 2019, chapter 4): at least minUp running, at least minDown standing, ramps in between.
 * By itself such a machine stands.
 */
import { clamp, columnOf, createColumns, type DeviceBank, obeys, type Surroundings } from './device.ts'
import type { ResourceOf } from './resource.ts'

export const machineState = { standing: 0, starting: 1, running: 2 } as const

interface Limits {
    readonly pMinKw: Float64Array
    readonly pMaxKw: Float64Array
    readonly rampKwPerS: Float64Array
    readonly startS: Float64Array
    readonly minUpS: Float64Array
    readonly minDownS: Float64Array
}

function createMachines(n: number, limits: Limits) {
    const columns = createColumns(n)
    const { pKw, pSetKw, live, derate, blocked } = columns
    const { pMinKw, pMaxKw, rampKwPerS, startS, minUpS, minDownS } = limits
    const state = new Float64Array(n)
    /** in this state, s; what stands at the beginning has stood long */
    const sinceS = new Float64Array(n).fill(1e9)
    const running = new Float64Array(n)

    function enter(i: number, next: number): void {
        state[i] = next
        sinceS[i] = 0
    }
    function step(_: Surroundings, dtS: number): void {
        for (let i = 0; i < n; i++) {
            const most = Math.max(pMinKw[i]!, derate[i]! * pMaxKw[i]!)
            // a setpoint nearer to least load than to nothing means: run
            const wants = obeys(columns, i) && pSetKw[i]! > 0 && pSetKw[i]! >= 0.5 * pMinKw[i]!
            sinceS[i] = sinceS[i]! + dtS
            if (live[i] === 0 || blocked[i] === 1) {
                if (state[i] !== machineState.standing) enter(i, machineState.standing)
                pKw[i] = 0
            } else if (state[i] === machineState.standing) {
                pKw[i] = 0
                if (wants && sinceS[i]! >= minDownS[i]!) enter(i, machineState.starting)
            } else if (state[i] === machineState.starting) {
                if (!wants) enter(i, machineState.standing)
                else if (sinceS[i]! >= startS[i]!) {
                    enter(i, machineState.running)
                    pKw[i] = pMinKw[i]!
                }
            } else {
                const target = wants ? clamp(pMinKw[i]!, most, pSetKw[i]!) : pMinKw[i]!
                const reach = rampKwPerS[i]! * dtS
                pKw[i] = clamp(pKw[i]! - reach, pKw[i]! + reach, target)
                if (!wants && pKw[i]! <= pMinKw[i]! + 1e-9 && sinceS[i]! >= minUpS[i]!) {
                    enter(i, machineState.standing)
                    pKw[i] = 0
                }
            }
            running[i] = state[i] === machineState.running ? 1 : 0
        }
    }
    return { columns, running, kept: { state, sinceS, pKw }, step }
}

/** Fuel a gas turbine burns at a power, kW of lower heating value. */
export function fuelKw(r: ResourceOf<'gas-turbine'>, pKw: number): number {
    if (pKw <= 0) return 0
    const share = r.pMaxKw > r.pMinKw ? clamp(0, 1, (pKw - r.pMinKw) / (r.pMaxKw - r.pMinKw)) : 1
    return pKw / (r.efficiencyMin + share * (r.efficiencyFull - r.efficiencyMin))
}

export function createGasTurbineBank(rows: readonly ResourceOf<'gas-turbine'>[]): DeviceBank {
    const n = rows.length
    const machines = createMachines(n, {
        pMinKw: columnOf(rows, (r) => r.pMinKw),
        pMaxKw: columnOf(rows, (r) => r.pMaxKw),
        rampKwPerS: columnOf(rows, (r) => r.rampKwPerMin / 60),
        startS: columnOf(rows, (r) => 60 * r.startMin),
        minUpS: columnOf(rows, (r) => 3600 * r.minUpH),
        minDownS: columnOf(rows, (r) => 3600 * r.minDownH),
    })
    const { columns, running, kept } = machines
    const { pKw, pSetKw, following } = columns
    const heatKw = new Float64Array(n)
    const fuelKwh = new Float64Array(n)
    function step(around: Surroundings, dtS: number): void {
        machines.step(around, dtS)
        for (let i = 0; i < n; i++) {
            const burnt = fuelKw(rows[i]!, pKw[i]!)
            fuelKwh[i] = fuelKwh[i]! + (burnt * dtS) / 3600
            heatKw[i] = Math.min(rows[i]!.heatRatio * pKw[i]!, burnt - pKw[i]!)
        }
    }
    return {
        kind: 'gas-turbine',
        rows,
        columns,
        measured: { pKw, pSetKw, following, running, heatKw },
        kept: { ...kept, fuelKwh },
        step,
        offerHeat(into) {
            rows.forEach(({ heatNetwork }, i) => {
                if (heatNetwork !== '') into.set(heatNetwork, (into.get(heatNetwork) ?? 0) + heatKw[i]!)
            })
        },
        // what the network has no room for is not useful
        heatTaken(offered, taken) {
            rows.forEach(({ heatNetwork }, i) => {
                const [whole, used] = [offered.get(heatNetwork) ?? 0, taken.get(heatNetwork)]
                if (whole > 0 && used !== undefined) heatKw[i] = (heatKw[i]! * used) / whole
            })
        },
    }
}

export function createGeneratorBank(rows: readonly ResourceOf<'generator'>[]): DeviceBank {
    const { columns, running, kept, step } = createMachines(rows.length, {
        pMinKw: columnOf(rows, (r) => r.pMinKw),
        pMaxKw: columnOf(rows, (r) => r.pMaxKw),
        rampKwPerS: columnOf(rows, (r) => r.rampKwPerMin / 60),
        startS: new Float64Array(rows.length),
        minUpS: columnOf(rows, (r) => 3600 * r.minUpH),
        minDownS: columnOf(rows, (r) => 3600 * r.minDownH),
    })
    const { pKw, pSetKw, following } = columns
    return { kind: 'generator', rows, columns, measured: { pKw, pSetKw, following, running }, kept, step }
}
