import { expect, test } from 'vitest'
import { sixBuses } from './estimate.fixture.ts'
import { buildCircuit, indexBuses } from './estimate-circuit.ts'
import { evaluateEnds, evaluateRows } from './estimate-equations.ts'
import { type MeasurementPlace, measurementKinds } from './estimate-measurement.ts'
import { buildRows, orderForGain, type RowPlace } from './estimate-rows.ts'

const measured: MeasurementPlace[] = measurementKinds.flatMap((kind, code): MeasurementPlace[] =>
    code < 4
        ? sixBuses.bus.map(({ id }) => ({ kind, bus: id, sigma: 1 }))
        : sixBuses.branch.map((_, branch) => ({ kind, branch, sigma: 1 })),
)

/** the measurements, then the turns of the currents */
const places: RowPlace[] = [
    ...measured,
    ...measured.filter((place) => place.kind.startsWith('i')).map((place) => ({ ...place, turn: true })),
]

function setUp() {
    const index = indexBuses(sixBuses)
    const { position } = orderForGain(sixBuses, index, places)
    const circuit = buildCircuit(sixBuses, index, position)
    circuit.closed.fill(1)
    const rows = buildRows(circuit, index, position, places)
    const vm = Float64Array.from({ length: 6 }, (_, i) => 1 + 0.02 * Math.sin(3 * i + 1))
    const va = Float64Array.from({ length: 6 }, (_, i) => 0.15 * Math.cos(2 * i + 1))
    const all = new Uint8Array(places.length).fill(1)
    const evaluate = () => {
        evaluateEnds(circuit, vm, va)
        evaluateRows(circuit, rows, all, vm, va)
    }
    return { index, position, circuit, rows, vm, va, evaluate }
}

test('SE10 every derivative of every kind of measurement equals its finite difference', () => {
    const { rows, vm, va, evaluate } = setUp()
    evaluate()
    const derivative = rows.derivative.slice()
    const dense = places.map(() => new Float64Array(12))
    for (let r = 0; r < rows.n; r++)
        for (let s = 0; s < (rows.rowPtr[r + 1] - rows.rowPtr[r]) / 2; s++) {
            const bus = rows.supportBus[rows.supportPtr[rows.support[r]] + s]
            dense[r][2 * bus] += derivative[rows.rowPtr[r] + 2 * s]
            dense[r][2 * bus + 1] += derivative[rows.rowPtr[r] + 2 * s + 1]
        }
    const step = 1e-5
    for (let x = 0; x < 12; x++) {
        const state = x % 2 === 0 ? va : vm
        const value = state[x >> 1]
        state[x >> 1] = value + step
        evaluate()
        const above = rows.h.slice()
        state[x >> 1] = value - step
        evaluate()
        const below = rows.h.slice()
        state[x >> 1] = value
        for (let r = 0; r < measured.length; r++)
            expect(dense[r][x], `${places[r].kind} row ${r} by variable ${x}`).toBeCloseTo((above[r] - below[r]) / (2 * step), 6)
    }
})

test('the turn of a current is its magnitude times the change of its direction seen from the near bus', () => {
    const { circuit, rows, vm, va, evaluate } = setUp()
    const direction = (e: number) => {
        const [i, j] = [circuit.endBus[e], circuit.endBus[e ^ 1]]
        const theta = va[i] - va[j]
        const re = circuit.gn[e] * vm[i] + vm[j] * (circuit.gf[e] * Math.cos(theta) + circuit.bf[e] * Math.sin(theta))
        const im = circuit.bn[e] * vm[i] + vm[j] * (circuit.bf[e] * Math.cos(theta) - circuit.gf[e] * Math.sin(theta))
        return Math.atan2(im, re)
    }
    const step = 1e-6
    for (let r = measured.length; r < rows.n; r++) {
        evaluate()
        const current = rows.h[r]
        const got = rows.derivative.slice(rows.rowPtr[r], rows.rowPtr[r + 1])
        for (let x = 0; x < got.length; x++) {
            const bus = rows.supportBus[rows.supportPtr[rows.support[r]] + (x >> 1)]
            const state = x % 2 === 0 ? va : vm
            const value = state[bus]
            state[bus] = value + step
            const above = direction(rows.at[r])
            state[bus] = value - step
            const below = direction(rows.at[r])
            state[bus] = value
            expect(got[x]).toBeCloseTo((current * (above - below)) / (2 * step), 5)
        }
    }
})

test('injections equal V·conj(Y·V), currents |Y·V| of the branch, formed by complex arithmetic from the records', () => {
    const { position, rows, vm, va, evaluate } = setUp()
    evaluate()
    type Complex = [number, number]
    const mul = (a: Complex, b: Complex): Complex => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
    const div = (a: Complex, b: Complex): Complex => {
        const d = b[0] * b[0] + b[1] * b[1]
        return [(a[0] * b[0] + a[1] * b[1]) / d, (a[1] * b[0] - a[0] * b[1]) / d]
    }
    const voltage = (id: number): Complex => {
        const i = position[sixBuses.bus.findIndex((bus) => bus.id === id)]
        return [vm[i] * Math.cos(va[i]), vm[i] * Math.sin(va[i])]
    }
    const injected = new Map<number, Complex>(sixBuses.bus.map(({ id }) => [id, [0, 0]]))
    sixBuses.branch.forEach((branch, k) => {
        const shift = (branch.shiftDeg * Math.PI) / 180
        const t: Complex = [branch.ratio * Math.cos(shift), branch.ratio * Math.sin(shift)]
        const from = voltage(branch.fromBus)
        const to = voltage(branch.toBus)
        // behind the ideal transformer: v/t, and its current is i·conj(t)
        const inner = div(from, t)
        const series = div([inner[0] - to[0], inner[1] - to[1]], [branch.rPu, branch.xPu])
        const charge = (v: Complex): Complex => mul(v, [0, branch.bPu / 2])
        const innerCurrent: Complex = [series[0] + charge(inner)[0], series[1] + charge(inner)[1]]
        const iFrom = div(innerCurrent, [t[0], -t[1]])
        const iTo: Complex = [charge(to)[0] - series[0], charge(to)[1] - series[1]]
        const power = (v: Complex, i: Complex) => mul(v, [i[0], -i[1]])
        const row = (kind: string) => rows.h[places.findIndex((place) => place.kind === kind && place.branch === k)]
        const sFrom = power(from, iFrom)
        const sTo = power(to, iTo)
        expect(row('pFrom')).toBeCloseTo(sFrom[0], 12)
        expect(row('qFrom')).toBeCloseTo(sFrom[1], 12)
        expect(row('pTo')).toBeCloseTo(sTo[0], 12)
        expect(row('qTo')).toBeCloseTo(sTo[1], 12)
        expect(row('iFrom')).toBeCloseTo(Math.hypot(...iFrom), 12)
        expect(row('iTo')).toBeCloseTo(Math.hypot(...iTo), 12)
        const add = (id: number, s: Complex) => injected.set(id, [injected.get(id)![0] + s[0], injected.get(id)![1] + s[1]])
        add(branch.fromBus, sFrom)
        add(branch.toBus, sTo)
    })
    for (const { id } of sixBuses.bus) {
        const v2 = voltage(id)[0] ** 2 + voltage(id)[1] ** 2
        for (const shunt of sixBuses.shunt)
            if (shunt.bus === id) {
                const [p, q] = injected.get(id)!
                injected.set(id, [p + (shunt.gMw / 100) * v2, q - (shunt.bMvar / 100) * v2])
            }
        const row = (kind: string) => rows.h[places.findIndex((place) => place.kind === kind && place.bus === id)]
        expect(row('p')).toBeCloseTo(injected.get(id)![0], 12)
        expect(row('q')).toBeCloseTo(injected.get(id)![1], 12)
    }
})

test('an open branch contributes nothing', () => {
    const { circuit, rows, evaluate } = setUp()
    circuit.closed[0] = 0
    evaluate()
    for (const kind of ['pFrom', 'qFrom', 'pTo', 'qTo'])
        expect(rows.h[places.findIndex((place) => place.kind === kind && place.branch === 0)]).toBe(0)
})
