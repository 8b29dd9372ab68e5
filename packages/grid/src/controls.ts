/**
 * Controls: what moves to hold a voltage or a flow. Between solutions of the power flow the positions u of all controls
 * out of their band are moved together,
 *   S·Δu = target − y,   S = ∂y/∂u
 * with S found by moving each control a little, kept up to date by Broyden's rule, and the least step where several
 * controls hold one quantity; positions stay within limits. Where that gets no further, as with targets that cannot all
 * be met, each goes by its own slope, part of the way. Those with steps are then set on the nearest step, the others
 * follow, and a control still out of its band goes on step by step until it is in it, at its end, or would turn back:
 * a control turns back no more than once, so this ends.
 */
import type { Control, Network } from './network.ts'
import type { Outcome, PowerFlowSolver } from './power-flow.ts'

export interface ControlRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    readonly kind: Control['kind']
    readonly element: string
    readonly bus: number
    /** where it stands: ratio, shift in degrees, bMvar, or the set point of the generator, p.u. */
    readonly value: number
    /** what it holds, p.u. or MW */
    readonly measured: number
    readonly target: number
    /** `at-limit`: it, or its generator's reactive power, can go no further; `cannot-reach`: no position comes closer; `off`: nothing to move or to hold */
    readonly status: 'in-band' | 'at-limit' | 'cannot-reach' | 'off'
}

/** closeness at which a quantity counts as at its target: p.u., and MW per MVA of the base */
const close = 1e-7
/** a first small move: ratio or p.u., degrees, and share of the base for shunts */
const nudge = { tap: 1e-4, voltage: 1e-4, shift: 0.02, shunt: 1e-3 } as const
const mostRounds = 40

interface Device {
    readonly index: number
    readonly control: Control
    readonly low: number
    readonly high: number
    /** width of the band, never less than what a solution can tell */
    readonly band: number
    readonly size: number
    read(): number
    write(value: number): void
    measure(): number
    /** whether going on cannot help: its generator is at the limit on that side */
    saturated(): boolean
    /** ∂y/∂u as first found; 0 before */
    slope: number
    /** times its slope was found to be the other way */
    flips: number
    turned: number
    direction: number
}

/** Moves the controls of the network on a solver that holds a solution; `solve` must start from the last one. */
export function runControls(network: Network, solver: PowerFlowSolver, solve: () => Outcome): { outcome: Outcome; rows: ControlRow[] } {
    const devices = buildDevices(network, solver)
    let outcome: Outcome = { status: 'converged', iterations: 0, mismatchPu: 0 }
    let iterations = 0
    const solveAgain = () => {
        outcome = solve()
        iterations += outcome.iterations
        if (outcome.status === 'converged') solver.computeResult()
        return outcome.status === 'converged'
    }
    const rows = () => rowsOf(network, devices)

    // smoothly, all of them
    const column: Slopes = new Map()
    const smooth = moveSmoothly(devices, column, solveAgain, () => true)
    if (smooth) {
        const stepped = devices.filter((each) => each.control.step > 0)
        let rounded = false
        for (const each of stepped) {
            const place = nearestStep(each, each.read())
            if (place !== each.read()) rounded = true
            each.write(place)
        }
        const isSmooth = (each: Device) => each.control.step === 0
        if (!rounded || (solveAgain() && moveSmoothly(devices, column, solveAgain, isSmooth))) walkSteps(devices, column, solveAgain)
    }
    const ended = outcome as Outcome
    return { outcome: { ...ended, iterations }, rows: ended.status === 'converged' ? rows() : [] }
}

function buildDevices(network: Network, solver: PowerFlowSolver): Device[] {
    const { input, result } = solver
    const busRow = new Map(network.bus.map((b, i) => [b.id, i]))
    const find = (rows: readonly { id: string; inService: boolean }[], id: string) =>
        rows.findIndex((row) => row.id === id && row.inService)
    return (network.control ?? []).flatMap((control, index): Device[] => {
        if (!control.inService) return []
        const { kind, element } = control
        const at = find(kind === 'shunt' ? network.shunt : kind === 'voltage' ? network.generator : network.branch, element)
        const bus = busRow.get(control.bus) ?? -1
        const held = kind === 'shift' ? (network.branch[at] ? busRow.get(network.branch[at].fromBus)! : -1) : bus
        if (at < 0 || held < 0 || result.energised[held] === 0) return []
        const array = kind === 'tap' ? input.branchRatio : kind === 'shift' ? input.branchShiftDeg : input.shuntMvar
        const mates = kind === 'voltage' ? network.generator.flatMap((g, k) => (g.bus === network.generator[at].bus ? [k] : [])) : []
        return [
            {
                index,
                control,
                low: Math.max(control.min, kind === 'tap' || kind === 'voltage' ? 0.5 : -Infinity),
                high: Math.min(control.max, kind === 'tap' || kind === 'voltage' ? 2 : Infinity),
                band: Math.max(control.deadband, close * (kind === 'shift' ? network.baseMva : 1)),
                size: nudge[kind] * (kind === 'shunt' ? network.baseMva : 1),
                read: () => (kind === 'voltage' ? input.generatorVPu[at] : array[at]),
                write: (value) => {
                    if (kind === 'voltage') for (const g of mates) input.generatorVPu[g] = value
                    else array[at] = value
                },
                measure: () => (kind === 'shift' ? result.pFromMw[at] : result.vmPu[bus]),
                saturated: () => {
                    const side = kind === 'voltage' ? result.generatorAtLimit[at] : 0
                    return side !== 0 && side === Math.sign(control.target - result.vmPu[bus])
                },
                slope: 0,
                flips: 0,
                turned: 0,
                direction: 0,
            },
        ]
    })
}

const missOf = (each: Device) => each.control.target - each.measure()
const isOut = (each: Device) => Math.abs(missOf(each)) > each.band
/** whether the way it would have to go lies beyond its end */
function isPinned(each: Device): boolean {
    const way = Math.sign(missOf(each) * each.slope)
    return (way < 0 && each.read() <= each.low + 1e-9) || (way > 0 && each.read() >= lastPlace(each) - 1e-9)
}
const clamp = (each: Device, value: number) => Math.min(each.high, Math.max(each.low, value))
/** the step nearest to a position, within limits */
function nearestStep(each: Device, value: number): number {
    const { min, step } = each.control
    const most = Math.floor((each.high - min) / step + 1e-9)
    return min + step * Math.min(most, Math.max(0, Math.round((value - min) / step)))
}

/** Moves the chosen controls until none can come closer; false when the power flow gives out. */
/** ∂y/∂u of every device for u of each that was moved */
type Slopes = Map<Device, Map<Device, number>>

function moveSmoothly(devices: readonly Device[], column: Slopes, solveAgain: () => boolean, chosen: (each: Device) => boolean): boolean {
    const acting = new Set<Device>()
    let worst = Infinity
    let idle = 0
    let alone = false
    for (let round = 0; round < mostRounds; round++) {
        for (const each of devices) if (chosen(each) && isOut(each)) acting.add(each)
        // one that has begun goes on to its target, not just to the edge of its band
        const busy = [...acting].filter((each) => (Math.abs(missOf(each)) > 0.01 * each.band || isOut(each)) && !isPinned(each))
        // orders of magnitude from the bands, so that one that is stuck does not hide that others come nearer
        const total = busy.reduce((sum, each) => sum + Math.log1p(Math.abs(missOf(each)) / each.band), 0)
        if (busy.length === 0 || !busy.some(isOut)) return true
        idle = total < worst - 0.3 ? 0 : idle + 1
        worst = Math.min(worst, total)
        if (idle > (alone ? 6 : 3)) {
            // targets that cannot all be met: from here each looks after its own
            if (alone) return true
            ;[alone, idle, worst] = [true, 0, Infinity]
        }
        if (!probe([...acting], column, devices, solveAgain)) return false
        const moved = alone ? stepAlone(busy) : step(busy, column)
        if (moved.size === 0) return true
        const before = new Map(busy.map((each) => [each, each.measure()]))
        const from = new Map(busy.map((each) => [each, each.read()]))
        for (const [each, value] of moved) each.write(value)
        if (!solveAgain()) {
            // half the way, and half again
            let found = false
            for (let part = 0.5; part > 0.05 && !found; part /= 2) {
                for (const [each, value] of moved) each.write(from.get(each)! + part * (value - from.get(each)!))
                found = solveAgain()
            }
            if (!found) {
                for (const each of moved.keys()) each.write(from.get(each)!)
                return solveAgain()
            }
        }
        if (!alone) broyden(busy, column, from, before)
        else for (const each of moved.keys()) learnSlope(each, each.read() - from.get(each)!, each.measure() - before.get(each)!)
    }
    return true
}

/** column ← ∂y/∂u of every device for u of those not there yet, by a small move of each and back. */
function probe(wanted: readonly Device[], column: Slopes, devices: readonly Device[], solveAgain: () => boolean): boolean {
    const fresh = wanted.filter((each) => !column.has(each))
    if (fresh.length === 0) return true
    const before = devices.map((other) => other.measure())
    for (const each of fresh) {
        const home = each.read()
        const size = home + each.size > each.high ? -each.size : each.size
        each.write(home + size)
        const found = solveAgain()
        const own = new Map(devices.map((other, k) => [other, found ? (other.measure() - before[k]) / size : 0]))
        column.set(each, own)
        each.slope = own.get(each)!
        each.write(home)
    }
    return solveAgain()
}

/** New positions of the busy controls: the least scaled step that meets all targets to first order, within limits. */
function step(busy: readonly Device[], column: ReadonlyMap<Device, ReadonlyMap<Device, number>>): Map<Device, number> {
    const moved = new Map<Device, number>()
    let free = busy.filter((each) => !each.saturated())
    for (let round = 0; round <= busy.length && free.length > 0; round++) {
        // Δu = Sᵀ·(S·Sᵀ + ε)⁻¹·r, every control in units of its small move
        const s = free.map((row) => free.map((each) => (column.get(each)!.get(row) ?? 0) * each.size))
        const m = free.length
        const a = s.map((row) => s.map((other) => row.reduce((sum, x, k) => sum + x * other[k], 0)))
        const scale = a.reduce((most, row, k) => Math.max(most, row[k]), 0)
        if (!(scale > 0)) return new Map()
        a.forEach((row, k) => {
            row[k] += 1e-12 * scale
        })
        const fixed = [...moved].filter(([each]) => !free.includes(each))
        const r = free.map(
            (row) => missOf(row) - fixed.reduce((sum, [each, value]) => sum + (column.get(each)!.get(row) ?? 0) * (value - each.read()), 0),
        )
        const y = solveDense(a, r)
        const target = free.map((each, k) => {
            let move = 0
            for (let i = 0; i < m; i++) move += s[i][k] * y[i]
            return each.read() + move * each.size
        })
        const beyond = free.filter((each, k) => target[k] < each.low - 1e-12 || target[k] > each.high + 1e-12)
        free.forEach((each, k) => {
            moved.set(each, clamp(each, target[k]))
        })
        if (beyond.length === 0) break
        free = free.filter((each) => !beyond.includes(each))
    }
    for (const [each, value] of moved) if (Math.abs(value - each.read()) < 1e-10 * Math.max(1, Math.abs(value))) moved.delete(each)
    return moved
}

/** New positions of the busy controls, each by its own slope and part of the way only. */
function stepAlone(busy: readonly Device[]): Map<Device, number> {
    const moved = new Map<Device, number>()
    for (const each of busy) {
        if (each.slope === 0 || each.saturated()) continue
        const most = 200 * each.size
        const wanted = (0.6 * missOf(each)) / each.slope
        const value = clamp(each, each.read() + Math.min(most, Math.max(-most, wanted)))
        if (Math.abs(value - each.read()) > 1e-9 * Math.max(1, Math.abs(value))) moved.set(each, value)
    }
    return moved
}

/** The slope of a control ← nearer to what its last move showed, where that was not the doing of others. */
function learnSlope(each: Device, du: number, dy: number): void {
    const seen = dy / du
    // the other way than believed, by a move that counts: it turns back once, then stays
    if (seen / each.slope < -0.05 && Math.abs(du) >= 5 * each.size) {
        each.slope = each.flips === 0 ? seen : 0
        each.flips++
    } else if (seen / each.slope > 0.05 && seen / each.slope < 20) each.slope = 0.5 * (each.slope + seen)
}

/** Broyden's rule: S changes least so that the move just made explains what was measured. */
function broyden(busy: readonly Device[], column: Slopes, from: ReadonlyMap<Device, number>, before: ReadonlyMap<Device, number>): void {
    const du = busy.map((each) => (each.read() - from.get(each)!) / each.size)
    const length = du.reduce((sum, x) => sum + x * x, 0)
    if (length === 0) return
    for (const row of busy) {
        const expected = busy.reduce((sum, each, k) => sum + (column.get(each)!.get(row) ?? 0) * each.size * du[k], 0)
        const off = row.measure() - before.get(row)! - expected
        busy.forEach((each, k) => {
            const own = column.get(each)!
            own.set(row, (own.get(row) ?? 0) + (off * du[k]) / length / each.size)
        })
    }
}

/**
 * Steps, one at a time, of all controls out of their band, the smooth ones following. A control stops for good where
 * its step brings it no nearer, which is then taken back, and where it would turn back a second time.
 */
function walkSteps(devices: readonly Device[], column: Slopes, solveAgain: () => boolean): void {
    const stopped = new Set<Device>()
    const follow = () => moveSmoothly(devices, column, solveAgain, (each) => each.control.step === 0)
    for (let round = 0; round < mostRounds; round++) {
        const out = devices.filter((each) => each.control.step > 0 && isOut(each) && !stopped.has(each))
        if (out.length === 0 || !probe(out, column, devices, solveAgain)) return
        const moved = out.flatMap((each) => {
            const home = each.read()
            const direction = Math.sign(missOf(each) * (each.slope || (column.get(each)?.get(each) ?? 0)))
            const value = nearestStep(each, home + direction * each.control.step)
            if (each.direction !== 0 && direction !== each.direction) each.turned++
            if (direction === 0 || value === home || each.turned > 1) {
                stopped.add(each)
                return []
            }
            each.direction = direction
            each.write(value)
            return [{ each, home, miss: Math.abs(missOf(each)) }]
        })
        if (moved.length === 0) return
        if (!solveAgain() || !follow()) return
        const worse = moved.filter(({ each, miss }) => isOut(each) && Math.abs(missOf(each)) >= miss)
        for (const { each, home } of worse) {
            each.write(home)
            stopped.add(each)
        }
        if (worse.length > 0 && !(solveAgain() && follow())) return
    }
}

function rowsOf(network: Network, devices: readonly Device[]): ControlRow[] {
    const working = new Map(devices.map((each) => [each.index, each]))
    return (network.control ?? []).map(({ id, kind, element, bus, target }, index): ControlRow => {
        const each = working.get(index)
        const head = { index, id, kind, element, bus }
        if (!each) return { ...head, value: Number.NaN, measured: Number.NaN, target, status: 'off' }
        const value = each.read()
        const status = !isOut(each) ? 'in-band' : isPinned(each) || each.saturated() ? 'at-limit' : 'cannot-reach'
        return { ...head, value, measured: each.measure(), target, status }
    })
}
const lastPlace = (each: Device) => (each.control.step > 0 && each.high < Infinity ? nearestStep(each, each.high) : each.high)

/** x of A·x = b, by elimination with row pivots. */
function solveDense(a: number[][], b: readonly number[]): number[] {
    const n = b.length
    const x = [...b]
    for (let i = 0; i < n; i++) {
        let pivot = i
        for (let k = i + 1; k < n; k++) if (Math.abs(a[k][i]) > Math.abs(a[pivot][i])) pivot = k
        ;[a[i], a[pivot]] = [a[pivot], a[i]]
        ;[x[i], x[pivot]] = [x[pivot], x[i]]
        for (let k = i + 1; k < n; k++) {
            const factor = a[k][i] / a[i][i]
            if (factor === 0) continue
            for (let c = i; c < n; c++) a[k][c] -= factor * a[i][c]
            x[k] -= factor * x[i]
        }
    }
    for (let i = n - 1; i >= 0; i--) {
        for (let c = i + 1; c < n; c++) x[i] -= a[i][c] * x[c]
        x[i] /= a[i][i]
    }
    return x
}

/** The network with every element where its control left it. */
export function applyControls(network: Network, rows: readonly ControlRow[]): Network {
    const at = (...kinds: Control['kind'][]) =>
        new Map(
            rows.filter((row) => row.status !== 'off' && kinds.includes(row.kind)).map((row) => [`${row.kind}/${row.element}`, row.value]),
        )
    const moved = at('tap', 'shift', 'shunt', 'voltage')
    if (moved.size === 0) return network
    const place = (key: string, otherwise: number) => moved.get(key) ?? otherwise
    const home = new Map(network.generator.map((g) => [g.id, g.bus]))
    const setAt = new Map(
        rows.filter((row) => row.kind === 'voltage' && row.status !== 'off').map((row) => [home.get(row.element), row.value]),
    )
    return {
        ...network,
        // a generator that holds a voltage elsewhere moves that of its own bus
        bus: network.bus.map((b) => (b.type === 'pq' && setAt.has(b.id) ? { ...b, type: 'pv' } : b)),
        branch: network.branch.map((k) => ({ ...k, ratio: place(`tap/${k.id}`, k.ratio), shiftDeg: place(`shift/${k.id}`, k.shiftDeg) })),
        shunt: network.shunt.map((s) => ({ ...s, bMvar: place(`shunt/${s.id}`, s.bMvar) })),
        generator: network.generator.map((g) => ({ ...g, vSetPu: setAt.get(g.bus) ?? g.vSetPu })),
        ...(network.transformer3
            ? {
                  transformer3: network.transformer3.map((t) => ({
                      ...t,
                      ratio1: place(`tap/${t.id}/1`, t.ratio1),
                      ratio2: place(`tap/${t.id}/2`, t.ratio2),
                      ratio3: place(`tap/${t.id}/3`, t.ratio3),
                      shift1Deg: place(`shift/${t.id}/1`, t.shift1Deg),
                      shift2Deg: place(`shift/${t.id}/2`, t.shift2Deg),
                      shift3Deg: place(`shift/${t.id}/3`, t.shift3Deg),
                  })),
              }
            : {}),
    }
}
