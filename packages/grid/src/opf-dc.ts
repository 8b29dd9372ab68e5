/**
 * DC optimal power flow: linear constraints, the AC program's costs; per unit and radians.
 *   variables  θ by bus, P by generator, y by piecewise-linear cost
 *   g          Σ flows leaving + load + shunt conductance − Σ P = 0 at each bus
 *   h          ±flow − rate of rated branches; angle differences; flows after outages; lines below y
 *   flow       b·(θf − θt − shift),  b = 1/(x·ratio)
 */
import type { Evaluation, NonlinearProgram } from '@gridverse/math'
import { polynomialAt } from './opf-cost.ts'
import { angleLimits, buildEpigraphs, constraintNamer, type NamedConstraint, type OpfFrame } from './opf-frame.ts'
import type { OpfModel, OpfPoint } from './opf-model.ts'

/** A further limit: Σ factor·flow + Σ factor·P ≤ limit, per unit, over branches and generators by taking part. */
export interface FlowLimit {
    readonly flow: readonly { readonly k: number; readonly factor: number }[]
    readonly power: readonly { readonly k: number; readonly factor: number }[]
    readonly limit: number
    readonly name: NamedConstraint
}

export function buildDcModel(frame: OpfFrame, start: 'flat' | 'case', further: readonly FlowLimit[] = []): OpfModel {
    const { network, base, from, to, busOfGenerator, cost } = frame
    const n = frame.bus.length
    const nGen = frame.generator.length
    const { scale: yScale, generator: yGenerator, line: epigraph } = buildEpigraphs(frame, false)
    const P = n
    const Y = P + nGen
    const nX = Y + yScale.length
    const b = Float64Array.from(frame.branch, (row) => 1 / (network.branch[row].xPu * network.branch[row].ratio))
    const shift = Float64Array.from(frame.branch, (row) => (network.branch[row].shiftDeg * Math.PI) / 180)

    // every inequality is Σ value·x ≤ limit
    const name = constraintNamer(frame)
    const pair = (k: number, rise: number): [number, number][] => [
        [from[k], rise],
        [to[k], -rise],
    ]
    const limits: { entry: Iterable<readonly [number, number]>; limit: number; name?: NamedConstraint }[] = []
    frame.branch.forEach((row, k) => {
        const { rateMva } = network.branch[row]
        if (!(rateMva > 0)) return
        for (const sign of [1, -1])
            limits.push({
                entry: pair(k, sign * b[k]),
                limit: rateMva / base + sign * b[k] * shift[k],
                name: name.power(sign > 0 ? 'flowFrom' : 'flowTo', 'branch', row, rateMva),
            })
    })
    for (const { k, sign, limit } of angleLimits(frame))
        limits.push({
            entry: pair(k, sign),
            limit: sign * limit,
            name: name.angle(sign > 0 ? 'angleMax' : 'angleMin', frame.branch[k], limit),
        })
    for (const { flow, power, limit, name: named } of further) {
        const entry = new Map<number, number>()
        const put = (col: number, value: number) => entry.set(col, (entry.get(col) ?? 0) + value)
        let most = limit
        for (const { k, factor } of flow) {
            put(from[k], factor * b[k])
            put(to[k], -factor * b[k])
            most += factor * b[k] * shift[k]
        }
        for (const { k, factor } of power) put(P + k, factor)
        limits.push({ entry, limit: most, name: named })
    }
    for (const { generator, y, rise, at0 } of epigraph)
        limits.push({
            entry: [
                [P + generator, rise],
                [Y + y, -1],
            ],
            limit: -at0,
        })
    const inequality = limits.map((row) => row.name)

    const lower = new Float64Array(nX).fill(-Infinity)
    const upper = new Float64Array(nX).fill(Infinity)
    const lowerName: (NamedConstraint | undefined)[] = Array(nX).fill(undefined)
    const upperName: (NamedConstraint | undefined)[] = Array(nX).fill(undefined)
    for (let i = 0; i < n; i++) if (frame.held[i] === 1) lower[i] = upper[i] = frame.angle[i]
    frame.generator.forEach((row, k) => {
        const g = network.generator[row]
        lower[P + k] = g.pMinMw / base
        upper[P + k] = g.pMaxMw / base
        lowerName[P + k] = name.power('pMin', 'generator', row, g.pMinMw)
        upperName[P + k] = name.power('pMax', 'generator', row, g.pMaxMw)
    })

    const eRow: number[] = []
    const eCol: number[] = []
    const eValue: number[] = []
    const put = (row: number, col: number, value: number) => {
        eRow.push(row)
        eCol.push(col)
        eValue.push(value)
    }
    const given = new Float64Array(n)
    for (let i = 0; i < n; i++) given[i] = frame.p[i] + frame.g[i]
    for (let k = 0; k < nGen; k++) put(busOfGenerator[k], P + k, -1)
    frame.branch.forEach((_, k) => {
        given[from[k]] -= b[k] * shift[k]
        given[to[k]] += b[k] * shift[k]
        put(from[k], from[k], b[k])
        put(from[k], to[k], -b[k])
        put(to[k], to[k], b[k])
        put(to[k], from[k], -b[k])
    })
    const iRow: number[] = []
    const iCol: number[] = []
    const iValue: number[] = []
    limits.forEach(({ entry }, row) => {
        for (const [col, value] of entry) {
            iRow.push(row)
            iCol.push(col)
            iValue.push(value)
        }
    })
    // powers that move together, reactive ones aside
    const tied = frame.tie.filter(({ term }) => term.every(({ reactive }) => !reactive))
    tied.forEach(({ term }, t) => {
        for (const { k, factor } of term) put(n + t, P + k, factor)
    })
    const tieConstant = Float64Array.from(tied, ({ constant }) => -constant)
    const most = Float64Array.from(limits, ({ limit }) => limit)

    function evaluate(x: Float64Array, out: Evaluation): void {
        const { g, h, gradient } = out
        out.f = 0
        for (let k = 0; k < nGen; k++) {
            const [c, d] = polynomialAt(cost[k].polynomial, x[P + k] * base)
            out.f += c
            gradient[P + k] = d * base
        }
        for (let y = 0; y < yScale.length; y++) {
            out.f += yScale[y] * x[Y + y]
            gradient[Y + y] = yScale[y]
        }
        g.set(given)
        g.set(tieConstant, n)
        for (let p = 0; p < eRow.length; p++) g[eRow[p]] += eValue[p] * x[eCol[p]]
        for (let r = 0; r < most.length; r++) h[r] = -most[r]
        for (let p = 0; p < iRow.length; p++) h[iRow[p]] += iValue[p] * x[iCol[p]]
        out.equality.set(eValue)
        out.inequality.set(iValue)
    }
    function evaluateHessian(x: Float64Array, weight: number, _lambda: Float64Array, _mu: Float64Array, value: Float64Array): void {
        for (let k = 0; k < nGen; k++) value[k] = weight * base * base * polynomialAt(cost[k].polynomial, x[P + k] * base)[2]
    }

    const x0 = new Float64Array(nX)
    for (let i = 0; i < n; i++) x0[i] = start === 'case' ? frame.angleStart[i] : frame.angle[i]
    frame.generator.forEach((row, k) => {
        const [low, high] = [lower[P + k], upper[P + k]]
        const middle = low > -Infinity && high < Infinity ? (low + high) / 2 : low > -Infinity ? low + 1 : high < Infinity ? high - 1 : 0
        x0[P + k] = start === 'case' ? Math.min(Math.max(network.generator[row].pMw / base, low), high) : middle
    })
    x0.fill(-Infinity, Y)
    for (const { generator, y, rise, at0 } of epigraph) x0[Y + y] = Math.max(x0[Y + y], rise * x0[P + generator] + at0 + 0.1)

    const busNumbers = Int32Array.from({ length: n }, (_, i) => i)
    const group = new Int32Array(nX)
    group.set(busNumbers)
    group.set(busOfGenerator, P)
    yGenerator.forEach((k, y) => {
        group[Y + y] = busOfGenerator[k]
    })
    const generatorColumns = Int32Array.from({ length: nGen }, (_, k) => P + k)
    const program: NonlinearProgram = {
        nX,
        nEquality: n + tied.length,
        nInequality: inequality.length,
        lower,
        upper,
        start: x0,
        equalityRow: Int32Array.from(eRow),
        equalityCol: Int32Array.from(eCol),
        inequalityRow: Int32Array.from(iRow),
        inequalityCol: Int32Array.from(iCol),
        hessianRow: generatorColumns,
        hessianCol: generatorColumns,
        group: { x: group, equality: Int32Array.from([...busNumbers, ...tied.map(({ term }) => busOfGenerator[term[0].k])]) },
        evaluate,
        evaluateHessian,
    }
    const read = (x: Float64Array): OpfPoint => {
        const flow = new Float64Array(4 * b.length)
        for (let k = 0; k < b.length; k++) {
            flow[4 * k] = b[k] * (x[from[k]] - x[to[k]] - shift[k])
            flow[4 * k + 2] = -flow[4 * k]
        }
        return { va: x.slice(0, n), vm: new Float64Array(n).fill(1), p: x.slice(P, Y), q: new Float64Array(nGen), flow }
    }
    const equality = [...frame.bus.map((row) => name.power('pBalance', 'bus', row, 0)), ...tied.map(() => undefined)]
    return { frame, method: 'dc', program, equality, inequality, lower: lowerName, upper: upperName, read }
}
