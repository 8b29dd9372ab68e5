import { errorsOf } from '@gridverse/units'
import { expect, test } from 'vitest'
import { checkNetwork } from '../check-network.ts'
import { solvePowerFlow } from '../solve-power-flow.ts'
import { oneTransformer } from './cgmes.fixture.ts'
import { parseCgmes } from './read.ts'
import { writeCgmes } from './write.ts'

/*
 * The second method of these tests: the equipment in kV, Ω and S, solved as a circuit by itself with the voltages of the
 * power flow; what it draws must be what the loads at its ends take.
 */
type Complex = readonly [number, number]
const add = (...all: Complex[]): Complex => [all.reduce((s, [a]) => s + a, 0), all.reduce((s, [, b]) => s + b, 0)]
const mul = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c]
const conj = ([a, b]: Complex): Complex => [a, -b]
const over = (x: Complex, y: Complex): Complex => {
    const [re, im] = mul(x, conj(y))
    const size = y[0] ** 2 + y[1] ** 2
    return [re / size, im / size]
}
const minus = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d]
const polar = (size: number, deg: number): Complex => [size * Math.cos((deg * Math.PI) / 180), size * Math.sin((deg * Math.PI) / 180)]

interface Winding {
    readonly ratedKv: number
    readonly z: Complex
    /** shunt inside the tap, S */
    readonly y?: Complex
    /** tap at the terminal */
    readonly tap?: Complex
}

/** MVA into each winding of a star, from its terminal voltages, kV; everything in kV of winding 1's rated voltage. */
function powers(voltages: readonly Complex[], windings: readonly Winding[]): Complex[] {
    const base = windings[0].ratedKv
    const inside = windings.map(({ ratedKv, tap = [1, 0] }, w) => mul(over(voltages[w], tap), [base / ratedKv, 0]))
    const z = windings.map(({ ratedKv, z }) => mul(z, [(base / ratedKv) ** 2, 0]))
    const y = windings.map(({ ratedKv, y = [0, 0] }) => mul(y, [(ratedKv / base) ** 2, 0]))
    const star = over(add(...inside.map((v, w) => over(v, z[w]))), add(...z.map((one) => over([1, 0], one))))
    return inside.map((v, w) => mul(v, conj(add(over(minus(v, star), z[w]), mul(v, y[w])))))
}

const voltagesOf = (flow: ReturnType<typeof solvePowerFlow>, kv: readonly number[]) =>
    flow.bus.map((b, i) => polar(b.vmPu * kv[i], b.vaDeg))

const ends2 = (r: string, more1 = '', more2 = '') => `
PowerTransformerEnd E1 | TransformerEnd.endNumber=1 | TransformerEnd.Terminal>T.T1 | PowerTransformerEnd.PowerTransformer>T | PowerTransformerEnd.ratedU=225 | ${r}${more1}
PowerTransformerEnd E2 | TransformerEnd.endNumber=2 | TransformerEnd.Terminal>T.T2 | PowerTransformerEnd.PowerTransformer>T | PowerTransformerEnd.ratedU=112 | PowerTransformerEnd.r=0.1 | PowerTransformerEnd.x=2${more2}`
const r1x1 = 'PowerTransformerEnd.r=0.8 | PowerTransformerEnd.x=40 | PowerTransformerEnd.g=0.000002 | PowerTransformerEnd.b=-0.00001'
const kv2 = [220, 110]

const changers = {
    'ratio, end 1': {
        eq: 'RatioTapChanger RTC | RatioTapChanger.TransformerEnd>E1 | RatioTapChanger.stepVoltageIncrement=1.25 | TapChanger.lowStep=-8 | TapChanger.highStep=8 | TapChanger.neutralStep=0',
        ssh: 'RatioTapChanger ~RTC | TapChanger.step=-3 | TapChanger.controlEnabled=false',
        tap: [polar(1 - 0.0375, 0), [1, 0]],
    },
    'ratio, end 2, from its normal step': {
        eq: 'RatioTapChanger RTC | RatioTapChanger.TransformerEnd>E2 | RatioTapChanger.stepVoltageIncrement=1.25 | TapChanger.lowStep=1 | TapChanger.highStep=17 | TapChanger.neutralStep=9 | TapChanger.normalStep=12',
        ssh: '',
        tap: [
            [1, 0],
            [1.0375, 0],
        ],
    },
    linear: {
        eq: 'PhaseTapChangerLinear PTC | PhaseTapChanger.TransformerEnd>E1 | PhaseTapChangerLinear.stepPhaseShiftIncrement=0.8 | TapChanger.lowStep=-10 | TapChanger.highStep=10 | TapChanger.neutralStep=0',
        ssh: 'PhaseTapChangerLinear ~PTC | TapChanger.step=5',
        tap: [polar(1, 4), [1, 0]],
    },
    // tan(a/2) = ½ · 4 · 1.5 %
    symmetrical: {
        eq: 'PhaseTapChangerSymmetrical PTC | PhaseTapChanger.TransformerEnd>E1 | PhaseTapChangerNonLinear.voltageStepIncrement=1.5 | TapChanger.lowStep=-10 | TapChanger.highStep=10 | TapChanger.neutralStep=0',
        ssh: 'PhaseTapChangerSymmetrical ~PTC | TapChanger.step=4',
        tap: [polar(1, (2 * Math.atan(0.03) * 180) / Math.PI), [1, 0]],
    },
    // 1 + 4 · 1.5 % · e^(j·60°)
    asymmetrical: {
        eq: 'PhaseTapChangerAsymmetrical PTC | PhaseTapChanger.TransformerEnd>E1 | PhaseTapChangerNonLinear.voltageStepIncrement=1.5 | PhaseTapChangerAsymmetrical.windingConnectionAngle=60 | TapChanger.lowStep=-10 | TapChanger.highStep=10 | TapChanger.neutralStep=0',
        ssh: 'PhaseTapChangerAsymmetrical ~PTC | TapChanger.step=4',
        tap: [
            [1 + 0.06 * Math.cos(Math.PI / 3), 0.06 * Math.sin(Math.PI / 3)],
            [1, 0],
        ],
    },
    tabular: {
        eq: `PhaseTapChangerTabular PTC | PhaseTapChanger.TransformerEnd>E2 | PhaseTapChangerTabular.PhaseTapChangerTable>TAB | TapChanger.lowStep=1 | TapChanger.highStep=3 | TapChanger.neutralStep=2
PhaseTapChangerTable TAB | IdentifiedObject.name=table
PhaseTapChangerTablePoint P1 | PhaseTapChangerTablePoint.PhaseTapChangerTable>TAB | TapChangerTablePoint.step=1 | TapChangerTablePoint.ratio=0.99 | PhaseTapChangerTablePoint.angle=-6 | TapChangerTablePoint.x=10
PhaseTapChangerTablePoint P2 | PhaseTapChangerTablePoint.PhaseTapChangerTable>TAB | TapChangerTablePoint.step=2 | TapChangerTablePoint.ratio=1 | PhaseTapChangerTablePoint.angle=0`,
        ssh: 'PhaseTapChangerTabular ~PTC | TapChanger.step=1',
        tap: [[1, 0], polar(0.99, -6)],
        x2: 2.2,
    },
} as const

for (const [name, changer] of Object.entries(changers))
    test(`CG7 a transformer in ohms with a tap changer (${name}) draws what the circuit draws`, () => {
        const found = parseCgmes(oneTransformer(kv2, `${ends2(r1x1)}\n${changer.eq}`, changer.ssh))
        expect(errorsOf(found.issues)).toEqual([])
        expect(errorsOf(checkNetwork(found.network))).toEqual([])
        const flow = solvePowerFlow(found.network)
        expect(flow.status).toBe('converged')
        const [one, two] = powers(voltagesOf(flow, kv2), [
            { ratedKv: 225, z: [0.8, 40], y: [2e-6, -1e-5], tap: changer.tap[0] },
            { ratedKv: 112, z: [0.1, 'x2' in changer ? changer.x2 : 2], tap: changer.tap[1] },
        ])
        expect(two[0]).toBeCloseTo(-60, 6)
        expect(two[1]).toBeCloseTo(-20, 6)
        expect(one[0]).toBeCloseTo(flow.generator[0].pMw, 6)
        expect(one[1]).toBeCloseTo(flow.generator[0].qMvar, 6)
        // written and read, it is the same network
        expect(parseCgmes(writeCgmes(found.network).files).network).toEqual({ ...found.network })
    })

test('CG7 reactance grows with the angle of a phase tap changer', () => {
    const eq =
        'PhaseTapChangerSymmetrical PTC | PhaseTapChanger.TransformerEnd>E1 | PhaseTapChangerNonLinear.voltageStepIncrement=1.5 | PhaseTapChangerNonLinear.xMin=10 | PhaseTapChangerNonLinear.xMax=50 | TapChanger.lowStep=-10 | TapChanger.highStep=10 | TapChanger.neutralStep=0'
    const xAt = (step: number) => {
        const { network } = parseCgmes(
            oneTransformer(kv2, `${ends2(r1x1)}\n${eq}`, `PhaseTapChangerSymmetrical ~PTC | TapChanger.step=${step}`),
        )
        // less the 2 Ω of end 2, in ohms at end 1
        return (network.branch[0].xPu * 121 - 2) * (225 / 112) ** 2
    }
    expect(xAt(0)).toBeCloseTo(10, 9)
    expect(xAt(10)).toBeCloseTo(50, 9)
    const share = (Math.sin(Math.atan(0.03)) / Math.sin(Math.atan(0.075))) ** 2
    expect(xAt(4)).toBeCloseTo(10 + 40 * share, 9)
})

test('CG7 the hour of the clock delays the low side', () => {
    const { network } = parseCgmes(oneTransformer(kv2, ends2(r1x1, '', ' | PowerTransformerEnd.phaseAngleClock=11')))
    expect(network.branch[0].shiftDeg).toBe(-30)
    const five = parseCgmes(oneTransformer(kv2, ends2(r1x1, '', ' | PowerTransformerEnd.phaseAngleClock=5'))).network
    expect(five.branch[0].shiftDeg).toBe(150)
    expect(solvePowerFlow(five).bus[1].vaDeg).toBeLessThan(-150)
})

test('CG8 three windings draw what the circuit draws', () => {
    const kv = [220, 110, 20]
    const ends = `
PowerTransformerEnd E1 | TransformerEnd.endNumber=1 | TransformerEnd.Terminal>T.T1 | PowerTransformerEnd.PowerTransformer>T | PowerTransformerEnd.ratedU=225 | PowerTransformerEnd.r=0.5 | PowerTransformerEnd.x=30 | PowerTransformerEnd.g=0.000003 | PowerTransformerEnd.b=-0.00002
PowerTransformerEnd E2 | TransformerEnd.endNumber=2 | TransformerEnd.Terminal>T.T2 | PowerTransformerEnd.PowerTransformer>T | PowerTransformerEnd.ratedU=115 | PowerTransformerEnd.r=0.1 | PowerTransformerEnd.x=3
PowerTransformerEnd E3 | TransformerEnd.endNumber=3 | TransformerEnd.Terminal>T.T3 | PowerTransformerEnd.PowerTransformer>T | PowerTransformerEnd.ratedU=21 | PowerTransformerEnd.r=0.02 | PowerTransformerEnd.x=0.4 | PowerTransformerEnd.b=-0.0001 | PowerTransformerEnd.phaseAngleClock=1
RatioTapChanger RTC | RatioTapChanger.TransformerEnd>E1 | RatioTapChanger.stepVoltageIncrement=1 | TapChanger.lowStep=-10 | TapChanger.highStep=10 | TapChanger.neutralStep=0`
    const found = parseCgmes(oneTransformer(kv, ends, 'RatioTapChanger ~RTC | TapChanger.step=-4'))
    expect(errorsOf(found.issues)).toEqual([])
    expect(found.network.transformer3).toHaveLength(1)
    expect(found.network.transformer3?.[0]).toMatchObject({ bus1: 1, bus2: 2, bus3: 3, shift3Deg: -30 })
    const flow = solvePowerFlow(found.network)
    expect(flow.status).toBe('converged')
    // winding 3 stands one hour behind: its tap turns its terminal 30° back
    const drawn = powers(voltagesOf(flow, kv), [
        { ratedKv: 225, z: [0.5, 30], y: [3e-6, -2e-5], tap: [0.96, 0] },
        { ratedKv: 115, z: [0.1, 3] },
        { ratedKv: 21, z: [0.02, 0.4], y: [0, -1e-4], tap: polar(1, -30) },
    ])
    expect(flow.bus[2].vaDeg).toBeLessThan(-30)
    for (const [w, p, q] of [
        [1, 60, 20],
        [2, 30, 15],
    ]) {
        expect(drawn[w][0]).toBeCloseTo(-p, 6)
        expect(drawn[w][1]).toBeCloseTo(-q, 6)
    }
    expect(drawn[0][0]).toBeCloseTo(flow.generator[0].pMw, 6)
    expect(drawn[0][1]).toBeCloseTo(flow.generator[0].qMvar, 6)
    expect(parseCgmes(writeCgmes(found.network).files).network).toEqual(found.network)
})

test('CG7 a controlled tap changer is a control of its branch', () => {
    const eq = `${ends2(r1x1)}
RatioTapChanger RTC | RatioTapChanger.TransformerEnd>E1 | RatioTapChanger.stepVoltageIncrement=1.25 | TapChanger.lowStep=-8 | TapChanger.highStep=8 | TapChanger.neutralStep=0 | TapChanger.TapChangerControl>TCC
TapChangerControl TCC | IdentifiedObject.name=AVR | RegulatingControl.Terminal>T.T2 | RegulatingControl.mode>RegulatingControlModeKind.voltage`
    const ssh = `RatioTapChanger ~RTC | TapChanger.step=2 | TapChanger.controlEnabled=true
TapChangerControl ~TCC | RegulatingControl.enabled=true | RegulatingControl.targetValue=112.2 | RegulatingControl.targetDeadband=1.1`
    const { network } = parseCgmes(oneTransformer(kv2, eq, ssh))
    // (225/220)·(110/112) at neutral
    const neutral = (225 / 220) * (110 / 112)
    expect(network.branch[0].ratio).toBeCloseTo(1.025 * neutral, 12)
    const [avr] = network.control!
    expect(avr).toMatchObject({ id: 'AVR', kind: 'tap', element: 'T', bus: 2, target: 1.02, deadband: 0.005, inService: true })
    expect(avr.min).toBeCloseTo(0.9 * neutral, 12)
    expect(avr.max).toBeCloseTo(1.1 * neutral, 12)
    expect(avr.step).toBeCloseTo(0.0125 * neutral, 12)
    const again = parseCgmes(writeCgmes(network).files).network
    expect(again.control).toEqual([
        { ...avr, min: expect.closeTo(avr.min, 12), max: expect.closeTo(avr.max, 12), step: expect.closeTo(avr.step, 12) },
    ])
    expect(again.branch).toEqual(network.branch)
})
