/**
 * Measurement functions h(x) of the state estimator and their derivatives; per-unit and radians, buses by the place
 * given to them. A branch has two ends, 2k at its from side and 2k+1 at its to side; at an end with near bus n, far bus
 * f, θ = va[n] − va[f] and the pi-model entries y_nn = gn + j·bn, y_nf = gf + j·bf (MATPOWER manual, equation 3.2):
 *
 *   c = gf·cosθ + bf·sinθ      P = gn·Vn² + Vn·Vf·c      ∂P/∂θ = −Vn·Vf·s    ∂P/∂Vn = 2·gn·Vn + Vf·c     ∂P/∂Vf = Vn·c
 *   s = gf·sinθ − bf·cosθ      Q = −bn·Vn² + Vn·Vf·s     ∂Q/∂θ = Vn·Vf·c     ∂Q/∂Vn = −2·bn·Vn + Vf·s    ∂Q/∂Vf = Vn·s
 *   A = y_nn·Vn + y_nf·Vf·e^(−jθ)      |I| = |A|    ∂|I| = Re(conj(A)·∂A)/|A|
 *
 * |I| has a kink at zero, where Gauss–Newton alone would circle: its curvature across the current, 1/|I|, is left out. Each
 * current therefore has a second row, the turn of A across its own direction, ∂T = Im(conj(A)·∂A)/|A|; with weight
 * w·max(0, 1 − z/|I|) and no residual it supplies that curvature where it is positive.
 *
 * An injection is the sum of the flows into the branches at the bus and of what its shunts draw, g·V² − j·b·V².
 */
export const kind = { vm: 0, va: 1, p: 2, q: 3, pFlow: 4, qFlow: 5, iFlow: 6, iTurn: 7 } as const

/** A current below this, p.u., has no direction of its own. */
export const leastCurrent = 1e-5

/** The network as the equations see it. */
export interface Circuit {
    readonly nBus: number
    readonly nBranch: number
    readonly fromBus: Int32Array
    readonly toBus: Int32Array
    /** per end: near bus; the far one is that of end e^1 */
    readonly endBus: Int32Array
    readonly gn: Float64Array
    readonly bn: Float64Array
    readonly gf: Float64Array
    readonly bf: Float64Array
    /** per branch: 1 where it carries current */
    readonly closed: Uint8Array
    readonly gShunt: Float64Array
    readonly bShunt: Float64Array
    /** ends at each bus: `incident[incidentPtr[i] …]` */
    readonly incidentPtr: Int32Array
    readonly incident: Int32Array
    /** per end, set by `evaluateEnds`: flows and the two sums of the file comment */
    readonly p: Float64Array
    readonly q: Float64Array
    readonly c: Float64Array
    readonly s: Float64Array
}

/**
 * The measurements as rows of H. A row touches the buses of its support, ascending: a bus alone, the two of a branch,
 * or a bus with its neighbours. Rows of the same place share a support.
 */
export interface Rows {
    readonly n: number
    readonly kind: Uint8Array
    /** bus, or end of a branch */
    readonly at: Int32Array
    readonly support: Int32Array
    readonly supportPtr: Int32Array
    readonly supportBus: Int32Array
    /** place of the row's own bus (the near bus of an end) in its support */
    readonly ownSlot: Int32Array
    /** place in the support of bus i of the far bus of `incident[t]`, for a support that is an injection's */
    readonly incidentSlot: Int32Array
    /** derivatives of row r: pairs (∂/∂θ, ∂/∂V), one per bus of the support, from `rowPtr[r]` */
    readonly rowPtr: Int32Array
    readonly h: Float64Array
    readonly derivative: Float64Array
}

/** Flows at every end for a state. */
export function evaluateEnds(circuit: Circuit, vm: Float64Array, va: Float64Array): void {
    const { nBranch, endBus, gn, bn, gf, bf, closed, p, q, c, s } = circuit
    for (let k = 0; k < nBranch; k++) {
        const e = 2 * k
        const i = endBus[e]
        const j = endBus[e + 1]
        if (closed[k] === 0) {
            p[e] = q[e] = c[e] = s[e] = 0
            p[e + 1] = q[e + 1] = c[e + 1] = s[e + 1] = 0
            continue
        }
        const theta = va[i] - va[j]
        const cos = Math.cos(theta)
        const sin = Math.sin(theta)
        const vi = vm[i]
        const vj = vm[j]
        const vv = vi * vj
        const c0 = gf[e] * cos + bf[e] * sin
        const s0 = gf[e] * sin - bf[e] * cos
        const c1 = gf[e + 1] * cos - bf[e + 1] * sin
        const s1 = -gf[e + 1] * sin - bf[e + 1] * cos
        c[e] = c0
        s[e] = s0
        c[e + 1] = c1
        s[e + 1] = s1
        p[e] = gn[e] * vi * vi + vv * c0
        q[e] = -bn[e] * vi * vi + vv * s0
        p[e + 1] = gn[e + 1] * vj * vj + vv * c1
        q[e + 1] = -bn[e + 1] * vj * vj + vv * s1
    }
}

/** rows.h ← h(x) and rows.derivative ← ∂h/∂x for every row with `active`; needs `evaluateEnds` for the same state. */
export function evaluateRows(circuit: Circuit, rows: Rows, active: Uint8Array, vm: Float64Array, va: Float64Array): void {
    const { kind: kinds, at, rowPtr, ownSlot, h, derivative } = rows
    for (let r = 0; r < rows.n; r++) {
        if (active[r] === 0) continue
        const d = rowPtr[r]
        const i = at[r]
        const code = kinds[r]
        if (code === kind.vm) {
            h[r] = vm[i]
            derivative[d] = 0
            derivative[d + 1] = 1
        } else if (code === kind.va) {
            h[r] = va[i]
            derivative[d] = 1
            derivative[d + 1] = 0
        } else if (code === kind.p || code === kind.q) evaluateInjection(circuit, rows, r, vm)
        else evaluateFlow(circuit, i, code, vm, va, h, r, derivative, d + 2 * ownSlot[r], d + 2 * (1 - ownSlot[r]))
    }
}

/** One row of P or Q at a bus. */
function evaluateInjection(circuit: Circuit, rows: Rows, r: number, vm: Float64Array): void {
    const { endBus, closed, gn, bn, gShunt, bShunt, incidentPtr, incident, p, q, c, s } = circuit
    const { at, rowPtr, ownSlot, incidentSlot, derivative } = rows
    const i = at[r]
    const active = rows.kind[r] === kind.p
    const from = rowPtr[r]
    for (let d = from; d < rowPtr[r + 1]; d++) derivative[d] = 0
    const own = from + 2 * ownSlot[r]
    const v = vm[i]
    let sum = (active ? gShunt[i] : -bShunt[i]) * v * v
    let own0 = 0
    let own1 = 2 * (active ? gShunt[i] : -bShunt[i]) * v
    for (let t = incidentPtr[i]; t < incidentPtr[i + 1]; t++) {
        const e = incident[t]
        if (closed[e >> 1] === 0) continue
        const far = from + 2 * incidentSlot[t]
        const vf = vm[endBus[e ^ 1]]
        const c0 = active ? c[e] : s[e]
        const turn = active ? -v * vf * s[e] : v * vf * c[e]
        sum += active ? p[e] : q[e]
        own0 += turn
        own1 += 2 * (active ? gn[e] : -bn[e]) * v + vf * c0
        derivative[far] -= turn
        derivative[far + 1] += v * c0
    }
    rows.h[r] = sum
    derivative[own] += own0
    derivative[own + 1] += own1
}

/** One row of P, Q or |I| at end e; derivatives by the near bus go to `near`, by the far bus to `far`. */
function evaluateFlow(
    circuit: Circuit,
    e: number,
    code: number,
    vm: Float64Array,
    va: Float64Array,
    h: Float64Array,
    r: number,
    derivative: Float64Array,
    near: number,
    far: number,
): void {
    const { endBus, gn, bn, gf, bf, p, q, c, s } = circuit
    const i = endBus[e]
    const j = endBus[e ^ 1]
    const v = vm[i]
    const vf = vm[j]
    if (code === kind.pFlow || code === kind.qFlow) {
        const active = code === kind.pFlow
        h[r] = active ? p[e] : q[e]
        const turn = active ? -v * vf * s[e] : v * vf * c[e]
        const along = active ? c[e] : s[e]
        derivative[near] = turn
        derivative[far] = -turn
        derivative[near + 1] = 2 * (active ? gn[e] : -bn[e]) * v + vf * along
        derivative[far + 1] = v * along
        return
    }
    // far part y_nf·e^(−jθ) and the current itself, seen from the near bus
    const theta = va[i] - va[j]
    const cos = Math.cos(theta)
    const sin = Math.sin(theta)
    const fr = gf[e] * cos + bf[e] * sin
    const fi = bf[e] * cos - gf[e] * sin
    const re = gn[e] * v + fr * vf
    const im = bn[e] * v + fi * vf
    const current = Math.hypot(re, im)
    h[r] = current
    // unit vector along the current, for its turn the one across it
    const ur = current < leastCurrent ? 1 : re / current
    const ui = current < leastCurrent ? 0 : im / current
    const a = code === kind.iFlow ? ur : -ui
    const b = code === kind.iFlow ? ui : ur
    const turn = vf * (a * fi - b * fr)
    derivative[near] = turn
    derivative[far] = -turn
    derivative[near + 1] = a * gn[e] + b * bn[e]
    derivative[far + 1] = a * fr + b * fi
}
