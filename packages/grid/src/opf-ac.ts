/**
 * AC optimal power flow as a smooth program, polar voltages, per unit and radians.
 *   variables  θ, V by bus; P, Q by generator; y by piecewise-linear cost
 *   g          what branches, shunts and loads draw from each bus less what generators give: P balances, then Q; ties
 *   h          S² − rate² at both ends of rated branches, or P², or |I|²; angle differences; lines below y
 *
 * With δ = θf − θt, u = Vf·Vt·cos δ, w = Vf·Vt·sin δ and admittances y = g + j·b of the branch, all four flows are
 * linear in Vf², Vt², u and w:
 *   Pf = gff·Vf² + gft·u + bft·w       Qf = −bff·Vf² − bft·u + gft·w
 *   Pt = gtt·Vt² + gtf·u − btf·w       Qt = −btt·Vt² − btf·u − gtf·w
 * so any weighted sum of flows has the derivatives of A·Vf² + B·Vt² + C·u + D·w. So has the square of a current,
 *   |yff·vf + yft·vt|² = |yff|²·Vf² + |yft|²·Vt² + 2·Re(yff·conj(yft))·u − 2·Im(yff·conj(yft))·w
 */
import type { Evaluation, NonlinearProgram } from '@gridverse/math'
import type { FlowLimitKind } from './opf-contract.ts'
import { polynomialAt } from './opf-cost.ts'
import { angleLimits, buildEpigraphs, constraintNamer, type NamedConstraint, type OpfFrame } from './opf-frame.ts'
import type { OpfModel, OpfPoint } from './opf-model.ts'
import { powerFactorSlope } from './opf-ties.ts'
import { branchAdmittance } from './per-unit.ts'

export function buildAcModel(frame: OpfFrame, start: 'flat' | 'case', flowLimit: FlowLimitKind = 'apparent'): OpfModel {
    const { network, base, from, to, busOfGenerator, cost, reactiveCost } = frame
    const n = frame.bus.length
    const nBranch = frame.branch.length
    const nGen = frame.generator.length
    const { scale: yScale, generator: yGenerator, line: epigraph } = buildEpigraphs(frame, true)
    const V = n
    const P = 2 * n
    const Q = P + nGen
    const Y = Q + nGen
    const nX = Y + yScale.length
    const admittance = new Float64Array(8 * nBranch)
    frame.branch.forEach((row, k) => {
        const branch = network.branch[row]
        branchAdmittance(branch, branch.ratio, (branch.shiftDeg * Math.PI) / 180, admittance, k)
    })
    const rated = frame.branch.flatMap((row, k) => (network.branch[row].rateMva > 0 ? [k] : []))
    const rate = rated.map((k) => network.branch[frame.branch[k]].rateMva / base)
    const angles = angleLimits(frame)

    const name = constraintNamer(frame)
    const { tie } = frame
    const equality = [
        ...(['pBalance', 'qBalance'] as const).flatMap((kind) => frame.bus.map((row) => name.power(kind, 'bus', row, 0))),
        ...tie.map(() => undefined),
    ]
    const inequality: (NamedConstraint | undefined)[] = [
        ...rated.flatMap((k) => (['flowFrom', 'flowTo'] as const).map((kind) => name.squaredFlow(kind, frame.branch[k], flowLimit))),
        ...angles.map(({ k, sign, limit }) => name.angle(sign > 0 ? 'angleMax' : 'angleMin', frame.branch[k], limit)),
        ...epigraph.map(() => undefined),
    ]
    const lower = new Float64Array(nX).fill(-Infinity)
    const upper = new Float64Array(nX).fill(Infinity)
    const lowerName: (NamedConstraint | undefined)[] = Array(nX).fill(undefined)
    const upperName: (NamedConstraint | undefined)[] = Array(nX).fill(undefined)
    frame.bus.forEach((row, i) => {
        const { vMinPu, vMaxPu } = network.bus[row]
        if (frame.held[i] === 1) lower[i] = upper[i] = frame.angle[i]
        lower[V + i] = vMinPu
        upper[V + i] = vMaxPu
        lowerName[V + i] = name.voltage('vMin', row, vMinPu)
        upperName[V + i] = name.voltage('vMax', row, vMaxPu)
    })
    frame.generator.forEach((row, k) => {
        const g = network.generator[row]
        lower[P + k] = g.pMinMw / base
        upper[P + k] = g.pMaxMw / base
        lowerName[P + k] = name.power('pMin', 'generator', row, g.pMinMw)
        upperName[P + k] = name.power('pMax', 'generator', row, g.pMaxMw)
        // the power factor holds reactive power, its limits would say the same again
        if (powerFactorSlope(g) !== undefined) return
        lower[Q + k] = g.qMinMvar / base
        upper[Q + k] = g.qMaxMvar / base
        lowerName[Q + k] = name.power('qMin', 'generator', row, g.qMinMvar)
        upperName[Q + k] = name.power('qMax', 'generator', row, g.qMaxMvar)
    })

    // the four unknowns of a branch: angles, then magnitudes
    const unknown = (k: number) => [from[k], to[k], V + from[k], V + to[k]]
    const eRow: number[] = []
    const eCol: number[] = []
    for (let i = 0; i < n; i++) {
        eRow.push(i, n + i)
        eCol.push(V + i, V + i)
    }
    for (let k = 0; k < nGen; k++) {
        eRow.push(busOfGenerator[k], n + busOfGenerator[k])
        eCol.push(P + k, Q + k)
    }
    tie.forEach(({ term }, t) => {
        for (const { k, reactive } of term) {
            eRow.push(2 * n + t)
            eCol.push((reactive ? Q : P) + k)
        }
    })
    for (let k = 0; k < nBranch; k++)
        for (const row of [from[k], n + from[k], to[k], n + to[k]])
            for (const col of unknown(k)) {
                eRow.push(row)
                eCol.push(col)
            }
    const iRow: number[] = []
    const iCol: number[] = []
    let row = 0
    for (const k of rated)
        for (let end = 0; end < 2; end++, row++)
            for (const col of unknown(k)) {
                iRow.push(row)
                iCol.push(col)
            }
    for (const { k } of angles) {
        iRow.push(row, row)
        iCol.push(from[k], to[k])
        row++
    }
    for (const { generator, y, reactive } of epigraph) {
        iRow.push(row, row)
        iCol.push((reactive ? Q : P) + generator, Y + y)
        row++
    }
    const hRow: number[] = []
    const hCol: number[] = []
    for (let i = 0; i < n; i++) {
        hRow.push(V + i)
        hCol.push(V + i)
    }
    for (let k = 0; k < 2 * nGen; k++) {
        hRow.push(P + k)
        hCol.push(P + k)
    }
    for (let k = 0; k < nBranch; k++) {
        const u = unknown(k)
        for (let a = 0; a < 4; a++)
            for (let b = 0; b <= a; b++) {
                hRow.push(u[a])
                hCol.push(u[b])
            }
    }

    // flows of a branch as [A, B, C, D] each, and their gradients
    const form = new Float64Array(16 * nBranch)
    for (let k = 0; k < nBranch; k++) {
        const [gff, bff, gft, bft, gtf, btf, gtt, btt] = admittance.subarray(8 * k, 8 * k + 8)
        form.set([gff, 0, gft, bft, -bff, 0, -bft, gft, 0, gtt, gtf, -btf, 0, -btt, -btf, -gtf], 16 * k)
    }
    // squares of the currents at both ends, and what of P² and Q² counts
    const square = new Float64Array(8 * nBranch)
    for (let k = 0; k < nBranch; k++) {
        const [gff, bff, gft, bft, gtf, btf, gtt, btt] = admittance.subarray(8 * k, 8 * k + 8)
        square.set([gff * gff + bff * bff, gft * gft + bft * bft, 2 * (gff * gft + bff * bft), -2 * (bff * gft - gff * bft)], 8 * k)
        square.set([gtf * gtf + btf * btf, gtt * gtt + btt * btt, 2 * (gtf * gtt + btf * btt), -2 * (btf * gtt - gtf * btt)], 8 * k + 4)
    }
    const ofCurrent = flowLimit === 'current'
    const ofP = ofCurrent ? 0 : 1
    const ofQ = flowLimit === 'apparent' ? 1 : 0
    const flow = new Float64Array(4)
    const slope = new Float64Array(16)
    /** value ← the square of the current at an end, its derivatives by θf, θt, Vf, Vt → out[at …] */
    const computeSquare = (x: Float64Array, k: number, end: number, out: Float64Array, at: number): number => {
        const o = 8 * k + 4 * end
        const vf = x[V + from[k]]
        const vt = x[V + to[k]]
        const delta = x[from[k]] - x[to[k]]
        const t = square[o + 2] * Math.cos(delta) + square[o + 3] * Math.sin(delta)
        const dt = square[o + 3] * Math.cos(delta) - square[o + 2] * Math.sin(delta)
        out[at] = vf * vt * dt
        out[at + 1] = -out[at]
        out[at + 2] = 2 * square[o] * vf + vt * t
        out[at + 3] = 2 * square[o + 1] * vt + vf * t
        return square[o] * vf * vf + square[o + 1] * vt * vt + vf * vt * t
    }
    /** flow, slope ← Pf, Qf, Pt, Qt and their derivatives by θf, θt, Vf, Vt */
    const computeFlow = (x: Float64Array, k: number) => {
        const vf = x[V + from[k]]
        const vt = x[V + to[k]]
        const delta = x[from[k]] - x[to[k]]
        const c = Math.cos(delta)
        const s = Math.sin(delta)
        for (let e = 0; e < 4; e++) {
            const o = 16 * k + 4 * e
            const a = form[o]
            const b = form[o + 1]
            // C·cos δ + D·sin δ and its derivative by δ
            const t = form[o + 2] * c + form[o + 3] * s
            const dt = form[o + 3] * c - form[o + 2] * s
            flow[e] = a * vf * vf + b * vt * vt + vf * vt * t
            slope[4 * e] = vf * vt * dt
            slope[4 * e + 1] = -slope[4 * e]
            slope[4 * e + 2] = 2 * a * vf + vt * t
            slope[4 * e + 3] = 2 * b * vt + vf * t
        }
    }
    // position among the rated branches, −1 without a rating
    const ratedAt = new Int32Array(nBranch).fill(-1)
    rated.forEach((k, r) => {
        ratedAt[k] = r
    })

    function evaluate(x: Float64Array, out: Evaluation): void {
        const { g, h, gradient, equality: de, inequality: di } = out
        gradient.fill(0)
        out.f = 0
        let p = 0
        for (let i = 0; i < n; i++) {
            const v = x[V + i]
            g[i] = frame.p[i] + frame.g[i] * v * v
            g[n + i] = frame.q[i] - frame.b[i] * v * v
            de[p++] = 2 * frame.g[i] * v
            de[p++] = -2 * frame.b[i] * v
        }
        for (let k = 0; k < nGen; k++) {
            g[busOfGenerator[k]] -= x[P + k]
            g[n + busOfGenerator[k]] -= x[Q + k]
            de[p++] = -1
            de[p++] = -1
            const [c, d] = polynomialAt(cost[k].polynomial, x[P + k] * base)
            out.f += c
            gradient[P + k] = d * base
            if (!reactiveCost) continue
            const [cq, dq] = polynomialAt(reactiveCost[k].polynomial, x[Q + k] * base)
            out.f += cq
            gradient[Q + k] = dq * base
        }
        for (let t = 0; t < tie.length; t++) {
            g[2 * n + t] = -tie[t].constant
            for (const { k, reactive, factor } of tie[t].term) {
                g[2 * n + t] += factor * x[(reactive ? Q : P) + k]
                de[p++] = factor
            }
        }
        for (let y = 0; y < yScale.length; y++) {
            out.f += yScale[y] * x[Y + y]
            gradient[Y + y] = yScale[y]
        }
        for (let k = 0; k < nBranch; k++) {
            computeFlow(x, k)
            g[from[k]] += flow[0]
            g[n + from[k]] += flow[1]
            g[to[k]] += flow[2]
            g[n + to[k]] += flow[3]
            for (let e = 0; e < 16; e++) de[p++] = slope[e]
            const r = ratedAt[k]
            if (r < 0) continue
            for (let end = 0; end < 2; end++) {
                if (ofCurrent) {
                    h[2 * r + end] = computeSquare(x, k, end, di, 8 * r + 4 * end) - rate[r] * rate[r]
                    continue
                }
                const a = flow[2 * end]
                const b = ofQ * flow[2 * end + 1]
                h[2 * r + end] = a * a + b * b - rate[r] * rate[r]
                for (let e = 0; e < 4; e++) di[8 * r + 4 * end + e] = 2 * (a * slope[8 * end + e] + b * slope[8 * end + 4 + e])
            }
        }
        let at = 2 * rated.length
        let q = 8 * rated.length
        for (const { k, sign, limit } of angles) {
            h[at++] = sign * (x[from[k]] - x[to[k]] - limit)
            di[q++] = sign
            di[q++] = -sign
        }
        for (const { generator, y, reactive, rise, at0 } of epigraph) {
            h[at++] = rise * x[(reactive ? Q : P) + generator] + at0 - x[Y + y]
            di[q++] = rise
            di[q++] = -1
        }
    }

    const second = new Float64Array(10)
    function evaluateHessian(x: Float64Array, weight: number, lambda: Float64Array, mu: Float64Array, value: Float64Array): void {
        let p = 0
        for (let i = 0; i < n; i++) value[p++] = 2 * (frame.g[i] * lambda[i] - frame.b[i] * lambda[n + i])
        for (let k = 0; k < nGen; k++) {
            value[p + k] = weight * base * base * polynomialAt(cost[k].polynomial, x[P + k] * base)[2]
            value[p + nGen + k] = reactiveCost ? weight * base * base * polynomialAt(reactiveCost[k].polynomial, x[Q + k] * base)[2] : 0
        }
        p += 2 * nGen
        for (let k = 0; k < nBranch; k++) {
            const f = from[k]
            const t = to[k]
            let w0 = lambda[f]
            let w1 = lambda[n + f]
            let w2 = lambda[t]
            let w3 = lambda[n + t]
            second.fill(0)
            const r = ratedAt[k]
            if (r >= 0) {
                // ∇²(P² + Q²) = 2·(∇P·∇Pᵀ + ∇Q·∇Qᵀ + P·∇²P + Q·∇²Q)
                computeFlow(x, k)
                const mf = 2 * ofP * mu[2 * r]
                const mt = 2 * ofP * mu[2 * r + 1]
                w0 += mf * flow[0]
                w1 += ofQ * mf * flow[1]
                w2 += mt * flow[2]
                w3 += ofQ * mt * flow[3]
                for (let a = 0, e = 0; a < 4; a++)
                    for (let b = 0; b <= a; b++)
                        second[e++] =
                            mf * (slope[a] * slope[b] + ofQ * slope[4 + a] * slope[4 + b]) +
                            mt * (slope[8 + a] * slope[8 + b] + ofQ * slope[12 + a] * slope[12 + b])
            }
            const o = 16 * k
            let A = w0 * form[o] + w1 * form[o + 4] + w2 * form[o + 8] + w3 * form[o + 12]
            let B = w0 * form[o + 1] + w1 * form[o + 5] + w2 * form[o + 9] + w3 * form[o + 13]
            let C = w0 * form[o + 2] + w1 * form[o + 6] + w2 * form[o + 10] + w3 * form[o + 14]
            let D = w0 * form[o + 3] + w1 * form[o + 7] + w2 * form[o + 11] + w3 * form[o + 15]
            if (ofCurrent && r >= 0) {
                const [mf, mt, s] = [mu[2 * r], mu[2 * r + 1], 8 * k]
                A += mf * square[s] + mt * square[s + 4]
                B += mf * square[s + 1] + mt * square[s + 5]
                C += mf * square[s + 2] + mt * square[s + 6]
                D += mf * square[s + 3] + mt * square[s + 7]
            }
            const vf = x[V + f]
            const vt = x[V + t]
            const delta = x[f] - x[t]
            const cos = C * Math.cos(delta) + D * Math.sin(delta)
            const turn = D * Math.cos(delta) - C * Math.sin(delta)
            // θf θf · θt θf, θt θt · Vf θf, Vf θt, Vf Vf · Vt θf, Vt θt, Vt Vf, Vt Vt
            value[p] = second[0] - vf * vt * cos
            value[p + 1] = second[1] + vf * vt * cos
            value[p + 2] = second[2] - vf * vt * cos
            value[p + 3] = second[3] + vt * turn
            value[p + 4] = second[4] - vt * turn
            value[p + 5] = second[5] + 2 * A
            value[p + 6] = second[6] + vf * turn
            value[p + 7] = second[7] - vf * turn
            value[p + 8] = second[8] + cos
            value[p + 9] = second[9] + 2 * B
            p += 10
        }
    }

    const middle = (i: number) => {
        if (lower[i] > -Infinity && upper[i] < Infinity) return (lower[i] + upper[i]) / 2
        return lower[i] > -Infinity ? lower[i] + 1 : upper[i] < Infinity ? upper[i] - 1 : 0
    }
    const x0 = Float64Array.from({ length: nX }, (_, i) => middle(i))
    for (let i = 0; i < n; i++) x0[i] = start === 'case' ? frame.angleStart[i] : frame.angle[i]
    if (start === 'case') {
        const within = (i: number, value: number) => {
            x0[i] = Math.min(Math.max(value, lower[i]), upper[i])
        }
        frame.bus.forEach((row, i) => {
            within(V + i, network.bus[row].vmPu)
        })
        frame.generator.forEach((row, k) => {
            within(P + k, network.generator[row].pMw / base)
            within(Q + k, network.generator[row].qMvar / base)
        })
    }
    x0.fill(-Infinity, Y)
    for (const { generator, y, reactive, rise, at0 } of epigraph)
        x0[Y + y] = Math.max(x0[Y + y], rise * x0[(reactive ? Q : P) + generator] + at0 + 0.1)

    const busNumbers = Int32Array.from({ length: n }, (_, i) => i)
    const group = new Int32Array(nX)
    group.set(busNumbers, 0)
    group.set(busNumbers, V)
    group.set(busOfGenerator, P)
    group.set(busOfGenerator, Q)
    yGenerator.forEach((k, y) => {
        group[Y + y] = busOfGenerator[k]
    })
    const program: NonlinearProgram = {
        nX,
        nEquality: 2 * n + tie.length,
        nInequality: inequality.length,
        lower,
        upper,
        start: x0,
        equalityRow: Int32Array.from(eRow),
        equalityCol: Int32Array.from(eCol),
        inequalityRow: Int32Array.from(iRow),
        inequalityCol: Int32Array.from(iCol),
        hessianRow: Int32Array.from(hRow),
        hessianCol: Int32Array.from(hCol),
        group: { x: group, equality: Int32Array.from(equality, (_, e) => (e < 2 * n ? e % n : busOfGenerator[tie[e - 2 * n].term[0].k])) },
        evaluate,
        evaluateHessian,
    }
    const read = (x: Float64Array): OpfPoint => {
        const flows = new Float64Array(4 * nBranch)
        for (let k = 0; k < nBranch; k++) {
            computeFlow(x, k)
            flows.set(flow, 4 * k)
        }
        return { va: x.slice(0, n), vm: x.slice(V, P), p: x.slice(P, Q), q: x.slice(Q, Y), flow: flows }
    }
    return { frame, method: 'ac', program, equality, inequality, lower: lowerName, upper: upperName, read }
}
