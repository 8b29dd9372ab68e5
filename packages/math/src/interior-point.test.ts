import { expect, test } from 'vitest'
import { solveInteriorPoint } from './interior-point.ts'
import { factorBlock, solveBlock } from './interior-point-block.ts'
import { relaxProgram } from './interior-point-elastic.ts'
import { createKkt } from './interior-point-kkt.ts'
import type { NonlinearProgram } from './interior-point-program.ts'
import { createRandom } from './random.ts'

test('a dense block: solution to rounding and inertia by construction', () => {
    for (let seed = 1; seed <= 60; seed++) {
        const random = createRandom(seed)
        const n = 1 + (seed % 9)
        // A = B·S·Bᵀ has the signs of S (Sylvester)
        const b = Float64Array.from({ length: n * n }, () => random.normal())
        const sign = Float64Array.from({ length: n }, () => (random.normal() < 0 ? -1 : 1))
        const a = new Float64Array(n * n)
        for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) for (let s = 0; s < n; s++) a[i * n + j] += b[i * n + s] * sign[s] * b[j * n + s]
        const x = Float64Array.from({ length: n }, () => random.normal())
        const right = new Float64Array(n)
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) right[i] += a[i * n + j] * x[j]
        const pivot = new Int32Array(n)
        expect(factorBlock(a, 0, n, pivot, 0)).toBe(sign.filter((s) => s < 0).length)
        solveBlock(a, 0, n, pivot, 0, right, 0)
        for (let i = 0; i < n; i++) expect(Math.abs(right[i] - x[i])).toBeLessThan(1e-7 * (1 + Math.abs(x[i])))
    }
    // zero diagonal needs pivots of two; nothing at all is singular
    const zero = new Float64Array([0, 2, 2, 0])
    const pivot = new Int32Array(2)
    expect(factorBlock(zero, 0, 2, pivot, 0)).toBe(1)
    const right = new Float64Array([6, 10])
    solveBlock(zero, 0, 2, pivot, 0, right, 0)
    expect([...right]).toEqual([5, 3])
    expect(factorBlock(new Float64Array(4), 0, 2, pivot, 0)).toBe(-1)
    expect(factorBlock(new Float64Array([1, Number.NaN, Number.NaN, 1]), 0, 2, pivot, 0)).toBe(-1)
})

test('a grouped system agrees with one dense group, in solution and inertia', () => {
    for (let seed = 1; seed <= 30; seed++) {
        const random = createRandom(seed)
        const uniform = () => random.uniform()
        const nGroup = 2 + (seed % 12)
        const width = 1 + (seed % 4)
        const n = nGroup * width
        const group = Int32Array.from({ length: n }, (_, i) => Math.floor(i / width))
        const row: number[] = []
        const col: number[] = []
        const value: number[] = []
        const put = (r: number, c: number) => {
            row.push(r)
            col.push(c)
            value.push(random.normal())
        }
        for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) if (group[i] === group[j] || uniform() < 0.2) put(i, j)
        // an entry left out
        row.push(-1)
        col.push(0)
        value.push(1e9)
        const right = Float64Array.from({ length: n }, () => random.normal())
        const answers = [group, new Int32Array(n)].map((by) => {
            const kkt = createKkt(n, by, Int32Array.from(row), Int32Array.from(col))
            value.forEach((v, t) => {
                kkt.value[kkt.slot[t]] += v
            })
            const x = new Float64Array(n)
            const negative = kkt.factorise(new Float64Array(n))
            expect(kkt.solve(right, x, new Float64Array(n))).toBeLessThan(1e-9)
            return { negative, x }
        })
        expect(answers[0].negative).toBe(answers[1].negative)
        for (let i = 0; i < n; i++) expect(Math.abs(answers[0].x[i] - answers[1].x[i])).toBeLessThan(1e-6 * (1 + Math.abs(answers[1].x[i])))
    }
})

/** A dense program from plain functions; second derivatives given for all pairs. */
function dense(
    parts: Partial<NonlinearProgram> & {
        start: Float64Array
        f: (x: Float64Array) => number
        df: (x: Float64Array) => number[]
        g?: (x: Float64Array) => number[]
        dg?: (x: Float64Array) => number[][]
        h?: (x: Float64Array) => number[]
        dh?: (x: Float64Array) => number[][]
        hessian: (x: Float64Array, lambda: Float64Array, mu: Float64Array) => number[][]
    },
): NonlinearProgram {
    const n = parts.start.length
    const { g = () => [], dg = () => [], h = () => [], dh = () => [] } = parts
    const nEquality = g(parts.start).length
    const nInequality = h(parts.start).length
    const full = (m: number) => ({
        row: Int32Array.from({ length: m * n }, (_, p) => Math.floor(p / n)),
        col: Int32Array.from({ length: m * n }, (_, p) => p % n),
    })
    const pairs: [number, number][] = []
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) pairs.push([i, j])
    return {
        nX: n,
        nEquality,
        nInequality,
        lower: new Float64Array(n).fill(-Infinity),
        upper: new Float64Array(n).fill(Infinity),
        equalityRow: full(nEquality).row,
        equalityCol: full(nEquality).col,
        inequalityRow: full(nInequality).row,
        inequalityCol: full(nInequality).col,
        hessianRow: Int32Array.from(pairs, (p) => p[0]),
        hessianCol: Int32Array.from(pairs, (p) => p[1]),
        evaluate: (x, out) => {
            out.f = parts.f(x)
            out.gradient.set(parts.df(x))
            out.g.set(g(x))
            out.h.set(h(x))
            out.equality.set(dg(x).flat())
            out.inequality.set(dh(x).flat())
        },
        evaluateHessian: (x, _, lambda, mu, value) => {
            const all = parts.hessian(x, lambda, mu)
            pairs.forEach(([i, j], p) => {
                value[p] = all[i][j]
            })
        },
        ...parts,
    }
}

test('a linear program with its prices by hand', () => {
    // least 3a + 2b with a + b = 4, a ≥ 1, b ≤ 2: a = 2, b = 2, the last unit of b saves 1
    const s = solveInteriorPoint(
        dense({
            start: new Float64Array([0, 0]),
            lower: new Float64Array([1, 0]),
            upper: new Float64Array([Infinity, 2]),
            f: (x) => 3 * x[0] + 2 * x[1],
            df: () => [3, 2],
            g: (x) => [x[0] + x[1] - 4],
            dg: () => [[1, 1]],
            hessian: () => [
                [0, 0],
                [0, 0],
            ],
        }),
    )
    expect(s.status).toBe('optimal')
    expect(s.x[0]).toBeCloseTo(2, 7)
    expect(s.x[1]).toBeCloseTo(2, 7)
    expect(s.lambda[0]).toBeCloseTo(-3, 7)
    expect(s.muUpper[1]).toBeCloseTo(1, 7)
    expect(s.muLower[0]).toBeCloseTo(0, 7)
})

test('the unit of the objective changes nothing but the unit of the prices', () => {
    const priced = (unit: number) =>
        solveInteriorPoint({
            ...dense({
                start: new Float64Array([0, 0]),
                lower: new Float64Array([1, 0]),
                upper: new Float64Array([Infinity, 2]),
                f: (x) => unit * (x[0] ** 2 + 3 * x[1]),
                df: (x) => [2 * unit * x[0], 3 * unit],
                g: (x) => [x[0] + x[1] - 4],
                dg: () => [[1, 1]],
                hessian: () => [[0], [0, 0]],
            }),
            evaluateHessian: (_, weight, __, ___, value) => {
                value.set([2 * weight * unit, 0, 0])
            },
        })
    const one = priced(1)
    for (const unit of [1e3, 1e6]) {
        const s = priced(unit)
        expect(s.status).toBe('optimal')
        expect(s.f / unit).toBeCloseTo(one.f, 7)
        expect(s.lambda[0] / unit).toBeCloseTo(one.lambda[0], 7)
        expect(s.muUpper[1] / unit).toBeCloseTo(one.muUpper[1], 7)
    }
})

test('problem 71 of Hock and Schittkowski: the published optimum', () => {
    const s = solveInteriorPoint(
        dense({
            start: new Float64Array([1, 5, 5, 1]),
            lower: new Float64Array(4).fill(1),
            upper: new Float64Array(4).fill(5),
            f: (x) => x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2],
            df: (x) => [x[3] * (2 * x[0] + x[1] + x[2]), x[0] * x[3], x[0] * x[3] + 1, x[0] * (x[0] + x[1] + x[2])],
            g: (x) => [x[0] ** 2 + x[1] ** 2 + x[2] ** 2 + x[3] ** 2 - 40],
            dg: (x) => [[2 * x[0], 2 * x[1], 2 * x[2], 2 * x[3]]],
            h: (x) => [25 - x[0] * x[1] * x[2] * x[3]],
            dh: (x) => [[-x[1] * x[2] * x[3], -x[0] * x[2] * x[3], -x[0] * x[1] * x[3], -x[0] * x[1] * x[2]]],
            hessian: (x, lambda, mu) => {
                const [a, b, c, d] = x
                const l = 2 * lambda[0]
                const m = mu[0]
                return [
                    [2 * d + l],
                    [d - m * c * d, l],
                    [d - m * b * d, -m * a * d, l],
                    [2 * a + b + c - m * b * c, a - m * a * c, a - m * a * b, l],
                ]
            },
        }),
    )
    expect(s.status).toBe('optimal')
    expect(s.f).toBeCloseTo(17.0140173, 6)
    const wanted = [1, 4.7429994, 3.8211503, 1.3794082]
    wanted.forEach((x, i) => {
        expect(s.x[i]).toBeCloseTo(x, 6)
    })
})

test('a saddle is left downhill, a fixed variable has its price, an infeasible program is never optimal', () => {
    // least (x² − 1)² + y·x with y fixed at 0.1: from the hill at 0 to the lower valley
    const valley = dense({
        start: new Float64Array([0.01, 7]),
        lower: new Float64Array([-3, 0.1]),
        upper: new Float64Array([3, 0.1]),
        f: (x) => (x[0] ** 2 - 1) ** 2 + x[1] * x[0],
        df: (x) => [4 * x[0] * (x[0] ** 2 - 1) + x[1], x[0]],
        hessian: (x) => [[12 * x[0] ** 2 - 4], [1, 0]],
    })
    const s = solveInteriorPoint(valley)
    expect(s.status).toBe('optimal')
    expect(s.x[1]).toBe(0.1)
    expect(12 * s.x[0] ** 2 - 4).toBeGreaterThan(0)
    expect(4 * s.x[0] * (s.x[0] ** 2 - 1) + 0.1).toBeCloseTo(0, 6)
    expect(s.muLower[1] - s.muUpper[1]).toBeCloseTo(s.x[0], 12)

    const none = solveInteriorPoint(
        dense({
            start: new Float64Array([0]),
            lower: new Float64Array([0]),
            upper: new Float64Array([1]),
            f: (x) => x[0],
            df: () => [1],
            g: (x) => [x[0] - 2],
            dg: () => [[1]],
            hessian: () => [[0]],
        }),
    )
    expect(none.status).not.toBe('optimal')
})

test('the least relaxation goes where it is cheapest, and no further than it may', () => {
    // x = 5 with x ≤ 2 and x + y ≤ 4, y ≥ 1
    const program = dense({
        start: new Float64Array([0, 2]),
        lower: new Float64Array([-Infinity, 1]),
        upper: new Float64Array([2, Infinity]),
        f: (x) => x[0],
        df: () => [1, 0],
        g: (x) => [x[0] - 5],
        dg: () => [[1, 0]],
        h: (x) => [x[0] + x[1] - 4],
        dh: () => [[1, 1]],
        hessian: () => [[0], [0, 0]],
    })
    const relax = (equality: number, upper: number, reach?: number) => {
        const weights = {
            equality: new Float64Array([equality]),
            inequality: new Float64Array([1]),
            lower: new Float64Array([Infinity, Infinity]),
            upper: new Float64Array([upper, Infinity]),
            ...(reach === undefined ? {} : { reach }),
        }
        const elastic = relaxProgram(program, weights, program.start)
        const s = solveInteriorPoint(elastic)
        expect(s.status).toBe('optimal')
        return Object.fromEntries(elastic.elastic.map(({ of, sign, variable }) => [`${of}${sign}`, s.x[variable]]))
    }
    // to break the equation costs 3 a unit; to keep it 2 on the inequality and 3 on the bound
    const broken = relax(1, 1)
    expect(broken['equality-1']).toBeCloseTo(3, 3)
    expect(broken.equality1).toBeCloseTo(0, 3)
    expect(broken.upper1).toBeCloseTo(0, 3)
    const kept = relax(10, 1)
    expect(kept['equality-1']).toBeCloseTo(0, 3)
    expect(kept.upper1).toBeCloseTo(3, 3)
    expect(kept.inequality1).toBeCloseTo(2, 3)
    // a bound that gives way by 1 at most leaves 2 to the equation
    const held = relax(10, 1, 1)
    expect(held.upper1).toBeCloseTo(1, 3)
    expect(held['equality-1']).toBeCloseTo(2, 3)
})
