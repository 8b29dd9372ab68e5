/**
 * The columns of one block of a two-stage program under the interior point: limits, point, prices of limits and their directions.
 * Infinite distances mark limits that are not there; both are infinite where a column is free, or fixed.
 */

/** a price within this of 0 counts as 0 where there is no limit */
const reducedTolerance = 1e-8

export interface Columns {
    readonly n: number
    readonly cost: Float64Array
    lower: Float64Array
    upper: Float64Array
    readonly x: Float64Array
    /** x − lower and upper − x, kept by themselves so that they stay exact where they are small */
    readonly xl: Float64Array
    readonly xu: Float64Array
    readonly z: Float64Array
    readonly v: Float64Array
    readonly dx: Float64Array
    readonly dz: Float64Array
    readonly dv: Float64Array
    /** what the products of distances and prices shall change by */
    readonly rz: Float64Array
    readonly rv: Float64Array
    /** c − Aᵀλ, and 1/D */
    readonly reduced: Float64Array
    readonly weight: Float64Array
    readonly g: Float64Array
}

export function createColumns(cost: Float64Array, lower: Float64Array, upper: Float64Array): Columns {
    const n = cost.length
    const room = () => new Float64Array(n)
    return {
        n,
        cost,
        lower,
        upper,
        x: room(),
        xl: room(),
        xu: room(),
        z: room(),
        v: room(),
        dx: room(),
        dz: room(),
        dv: room(),
        rz: room(),
        rv: room(),
        reduced: room(),
        weight: room(),
        g: room(),
    }
}

/** Least of r·x within limits; a price within the tolerance of 0 counts as 0 where there is no limit. */
export function least(r: number, lower: number, upper: number): number {
    if (r >= 0) return lower > -Infinity ? r * lower : r <= reducedTolerance ? 0 : -Infinity
    return upper < Infinity ? r * upper : r >= -reducedTolerance ? 0 : -Infinity
}

/** weight ← 1/D; 0 stays with columns that are fixed. Free columns resist their step by `resistance`. */
export function computeWeights({ n, xl, xu, z, v, weight }: Columns, resistance: number) {
    for (let j = 0; j < n; j++) {
        if (weight[j] === 0) continue
        let d = 0
        if (xl[j] < Infinity) d += z[j] / xl[j]
        if (xu[j] < Infinity) d += v[j] / xu[j]
        weight[j] = 1 / (d + (d === 0 ? resistance : 1e-14))
    }
}

/** dz, dv ← what the products' changes ask for beside dx. */
export function finishDirection({ n, xl, xu, z, v, rz, rv, dx, dz, dv }: Columns) {
    for (let j = 0; j < n; j++) {
        dz[j] = xl[j] < Infinity ? (rz[j] - z[j] * dx[j]) / xl[j] : 0
        dv[j] = xu[j] < Infinity ? (rv[j] + v[j] * dx[j]) / xu[j] : 0
    }
}

/** The products' changes ← those to the target. */
export function aim({ n, xl, xu, z, v, rz, rv }: Columns, target: number) {
    for (let j = 0; j < n; j++) {
        rz[j] = xl[j] < Infinity ? target - xl[j] * z[j] : 0
        rv[j] = xu[j] < Infinity ? target - xu[j] * v[j] : 0
    }
}

/** The same with the products of the predictor's steps taken off. */
export function aimCorrected({ n, xl, xu, z, v, rz, rv, dx, dz, dv }: Columns, target: number) {
    for (let j = 0; j < n; j++) {
        rz[j] = xl[j] < Infinity ? target - xl[j] * z[j] - dx[j] * dz[j] : 0
        rv[j] = xu[j] < Infinity ? target - xu[j] * v[j] + dx[j] * dv[j] : 0
    }
}

/** Products far from the target after a longer step are drawn towards it. */
export function aimFurther({ n, xl, xu, z, v, rz, rv, dx, dz, dv }: Columns, wanted: Lengths, target: number) {
    const low = 0.1 * target
    const high = 10 * target
    const draw = (product: number) => (product < low ? low - product : product > high ? Math.max(high - product, -high) : 0)
    for (let j = 0; j < n; j++) {
        if (xl[j] < Infinity) rz[j] += draw((xl[j] + wanted.primal * dx[j]) * (z[j] + wanted.dual * dz[j]))
        if (xu[j] < Infinity) rv[j] += draw((xu[j] - wanted.primal * dx[j]) * (v[j] + wanted.dual * dv[j]))
    }
}

export interface Lengths {
    primal: number
    dual: number
}

/** The longest steps, at most 1, that keep distances and prices from falling below 0. */
export function stepLengths(all: readonly Columns[]): Lengths {
    let primal = 1
    let dual = 1
    for (const { n, xl, xu, z, v, dx, dz, dv } of all)
        for (let j = 0; j < n; j++) {
            if (xl[j] < Infinity) {
                if (dx[j] < 0 && -primal * dx[j] > xl[j]) primal = -xl[j] / dx[j]
                if (dz[j] < 0 && -dual * dz[j] > z[j]) dual = -z[j] / dz[j]
            }
            if (xu[j] < Infinity) {
                if (dx[j] > 0 && primal * dx[j] > xu[j]) primal = xu[j] / dx[j]
                if (dv[j] < 0 && -dual * dv[j] > v[j]) dual = -v[j] / dv[j]
            }
        }
    return { primal, dual }
}

/** Sum and number of the products of distances and prices after steps of these lengths. */
export function sumProducts(all: readonly Columns[], { primal, dual }: Lengths = { primal: 0, dual: 0 }) {
    let sum = 0
    let count = 0
    for (const { n, xl, xu, z, v, dx, dz, dv } of all)
        for (let j = 0; j < n; j++) {
            if (xl[j] < Infinity) {
                sum += (xl[j] + primal * dx[j]) * (z[j] + dual * dz[j])
                count++
            }
            if (xu[j] < Infinity) {
                sum += (xu[j] - primal * dx[j]) * (v[j] + dual * dv[j])
                count++
            }
        }
    return { sum, count, mean: sum / Math.max(1, count) }
}

/** x, distances and prices ← after steps of these lengths. */
export function moveColumns({ n, x, xl, xu, z, v, dx, dz, dv }: Columns, { primal, dual }: Lengths) {
    for (let j = 0; j < n; j++) {
        x[j] += primal * dx[j]
        if (xl[j] < Infinity) {
            xl[j] += primal * dx[j]
            z[j] += dual * dz[j]
        }
        if (xu[j] < Infinity) {
            xu[j] -= primal * dx[j]
            v[j] += dual * dv[j]
        }
    }
}
