/**
 * What a branch carries in two lanes at once. With u + j·w = Vf·conj(Vt) and admittances y = g + j·b
 *   Sf = conj(yff)·|Vf|² + conj(yft)·(u + j·w)     St = conj(ytt)·|Vt|² + conj(ytf)·(u − j·w)
 */

/** active power lost, of the call before */
export let lost: v128 = f64x2.splat(0)

/**
 * The larger |S|² of both ends; voltages lie at the addresses, imaginary parts 64 bytes behind; admittances as
 * g and b of yff, yft, ytf and ytt.
 */
export function greaterFlow(from: usize, to: usize, g0: v128, b0: v128, g1: v128, b1: v128, g2: v128, b2: v128, g3: v128, b3: v128): v128 {
    const e = v128.load(from)
    const f = v128.load(from, 64)
    const et = v128.load(to)
    const ft = v128.load(to, 64)
    const fromSquare = f64x2.add(f64x2.mul(e, e), f64x2.mul(f, f))
    const toSquare = f64x2.add(f64x2.mul(et, et), f64x2.mul(ft, ft))
    const u = f64x2.add(f64x2.mul(e, et), f64x2.mul(f, ft))
    const w = f64x2.sub(f64x2.mul(f, et), f64x2.mul(e, ft))
    const pFrom = f64x2.add(f64x2.mul(g0, fromSquare), f64x2.add(f64x2.mul(g1, u), f64x2.mul(b1, w)))
    const qFrom = f64x2.sub(f64x2.sub(f64x2.mul(g1, w), f64x2.mul(b1, u)), f64x2.mul(b0, fromSquare))
    const pTo = f64x2.add(f64x2.mul(g3, toSquare), f64x2.sub(f64x2.mul(g2, u), f64x2.mul(b2, w)))
    const qTo = f64x2.add(f64x2.add(f64x2.mul(g2, w), f64x2.mul(b2, u)), f64x2.mul(b3, toSquare))
    lost = f64x2.add(pFrom, pTo)
    return f64x2.pmax(f64x2.add(f64x2.mul(pFrom, pFrom), f64x2.mul(qFrom, qFrom)), f64x2.add(f64x2.mul(pTo, pTo), f64x2.mul(qTo, qTo)))
}
