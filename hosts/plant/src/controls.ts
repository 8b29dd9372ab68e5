/**
 * Commands on their way through the equipment: a breaker's drive takes 60–200 ms, a tap changer 2–5 s a step, a setpoint is
 * taken over at once and then followed by the unit's ramp. Limits of the equipment are kept here, whatever is asked.
 */
import { splitComponent, tapRange } from '@gridverse/grid'
import type { Random } from '@gridverse/math'
import { createRowFinder, type GridState } from './grid-state.ts'
import type { Memory } from './physics.ts'
import { createMachines, role } from './units.ts'

export interface Controls {
    /** Takes a command for a point over; says why where the equipment refuses. */
    command(point: string, value: number): { accepted: true } | { accepted: false; reason: string }
    /** Moves a switch at once, as relays and field crews do. */
    moveSwitch(row: number, closed: boolean): void
    /** Carries out what is due at `nowMs`; true where a switch or tap has moved. */
    advance(nowMs: number): boolean
    /** When the next thing is due, ms; Infinity for nothing. */
    nextMs(): number
}

interface Pending {
    readonly dueMs: number
    act(): void
}

export function createControls(state: GridState, memory: Memory, random: Random, nowMs: () => number): Controls {
    const { region } = state
    const { network } = region
    const find = createRowFinder(region)
    const machines = createMachines(region)
    const flexible = new Set(region.unit.filter((u) => u.kind === 'flexible-load' || u.kind === 'ev-post').map((u) => u.component))
    let pending: Pending[] = []
    const tapTarget = new Map<number, number>()
    const refuse = (reason: string) => ({ accepted: false, reason }) as const
    const between = (low: number, high: number) => low + (high - low) * random.uniform()

    function command(point: string, value: number): ReturnType<Controls['command']> {
        const cut = point.lastIndexOf('/')
        const [component, quantity] = [point.slice(0, cut), point.slice(cut + 1)]
        const row = find(component)
        if (row < 0) return refuse(`${component} is not a component of this plant`)
        if (!Number.isFinite(value)) return refuse(`${point} needs a number, got ${value}`)
        const { kind } = splitComponent(component)
        if (kind === 'switch' && quantity === 'closed') return operateSwitch(row, value >= 0.5)
        if (kind === 'branch' && quantity === 'tapPosition') return driveTap(row, value)
        if (kind === 'generator' && quantity === 'pSetMw') return setGenerator(row, value)
        if (kind === 'generator' && quantity === 'vSetPu') return setVoltage(row, value)
        if (kind === 'storage' && quantity === 'pSetMw') {
            const { pMinMw, pMaxMw } = network.storage[row]!
            state.storageSetMw[row] = Math.min(pMaxMw, Math.max(pMinMw, value))
            memory.storageManual[row] = 1
            return { accepted: true }
        }
        if (kind === 'load' && quantity === 'pSetMw') {
            if (!flexible.has(component)) return refuse(`${component} is a fixed load`)
            state.loadSetMw[row] = Math.min(Math.abs(network.load[row]!.pMw), Math.max(0, value))
            return { accepted: true }
        }
        return refuse(`${point} takes no command`)
    }

    function operateSwitch(row: number, closed: boolean) {
        pending.push({ dueMs: nowMs() + between(60, 200), act: () => moveSwitch(row, closed) })
        return { accepted: true } as const
    }
    function moveSwitch(row: number, closed: boolean): void {
        state.switchClosed[row] = closed ? 1 : 0
    }

    function driveTap(row: number, value: number) {
        if (network.branch[row]!.kind !== 'transformer') return refuse(`branch/${network.branch[row]!.id} has no tap changer`)
        memory.tapManual[row] = 1
        const running = tapTarget.has(row)
        tapTarget.set(row, Math.min(tapRange, Math.max(-tapRange, Math.round(value))))
        if (!running) scheduleStep(row, nowMs())
        return { accepted: true } as const
    }
    function scheduleStep(row: number, fromMs: number): void {
        const left = tapTarget.get(row)! - state.tapPosition[row]!
        if (left === 0) {
            tapTarget.delete(row)
            return
        }
        const dueMs = fromMs + between(2000, 5000)
        const act = () => {
            const now = tapTarget.get(row)! - state.tapPosition[row]!
            state.tapPosition[row] = state.tapPosition[row]! + Math.sign(now)
            scheduleStep(row, dueMs)
        }
        pending.push({ dueMs, act })
    }

    function setGenerator(row: number, value: number) {
        if (machines.role[row] === role.fixed) return refuse(`generator/${network.generator[row]!.id} gives no active power on command`)
        state.generatorSetMw[row] = Math.min(
            machines.pMaxMw[row]!,
            Math.max(machines.role[row]! >= role.wind ? 0 : machines.pMinMw[row]!, value),
        )
        memory.generatorManual[row] = 1
        return { accepted: true } as const
    }
    /** The exciters of one busbar hold one voltage. */
    function setVoltage(row: number, value: number) {
        const held = Math.min(1.1, Math.max(0.9, value))
        network.generator.forEach((g, n) => {
            if (g.bus === network.generator[row]!.bus) state.generatorSetPu[n] = held
        })
        return { accepted: true } as const
    }

    function advance(now: number): boolean {
        if (nextMs() > now) return false
        const due = pending.filter((p) => p.dueMs <= now).sort((a, b) => a.dueMs - b.dueMs)
        pending = pending.filter((p) => p.dueMs > now)
        for (const p of due) p.act()
        return due.length > 0
    }
    const nextMs = () => pending.reduce((least, p) => Math.min(least, p.dueMs), Infinity)
    return { command, moveSwitch, advance, nextMs }
}
