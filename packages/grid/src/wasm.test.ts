import { afterEach, expect, test, vi } from 'vitest'
import { buildPattern } from './admittance-pattern.ts'
import { createLanes, createPowerFlow } from './index.ts'
import { toPerUnit } from './per-unit.ts'
import { buildRandomNetwork } from './random-network.ts'
import { openKernel } from './wasm.ts'
import { newtonCode } from './wasm-code.ts'
import { openNewton } from './wasm-newton.ts'

afterEach(() => void vi.unstubAllGlobals())

test('PF15 without WebAssembly, or without memory for it, everything works the same', () => {
    const network = buildRandomNetwork(700, 1)
    const pu = toPerUnit(network)
    const usual = createPowerFlow(network)
    usual.solve({ start: 'flat' })
    const expected = usual.computeResult()
    const noMemory = {
        ...WebAssembly,
        Module: WebAssembly.Module,
        Instance: WebAssembly.Instance,
        Memory: class {
            constructor() {
                throw new RangeError('could not allocate memory')
            }
        },
    }
    for (const platform of [undefined, noMemory]) {
        vi.stubGlobal('WebAssembly', platform)
        expect(openKernel(newtonCode, 65_536)).toBeUndefined()
        expect(openNewton(buildPattern(pu.nBus, pu.from, pu.to)).iterate).toBeUndefined()
        const solver = createPowerFlow(network)
        expect(solver.solve({ start: 'flat' }).status).toBe('converged')
        solver.computeResult().vmPu.forEach((vm, i) => {
            expect(Math.abs(vm - expected.vmPu[i])).toBeLessThan(1e-9)
        })
        const lanes = createLanes(network)
        lanes.input[2].loadMvar.set(lanes.input[2].loadMvar.map((q) => q + 1))
        lanes.solve(3).forEach((outcome, lane) => {
            if (lane < 3) expect(outcome).toMatchObject({ status: 'converged', by: 'newton' })
        })
        expect(lanes.sumVmPu(0)).toBeCloseTo(
            expected.vmPu.reduce((a, b) => a + b, 0),
            6,
        )
        expect(lanes.sumVmPu(2)).not.toBe(lanes.sumVmPu(0))
    }
})

test('a kernel gives no more room than it has', () => {
    const kernel = openKernel(newtonCode, 1000)
    expect(kernel?.room.float64(10).byteOffset).toBe(64)
    expect(kernel?.room.uint8(1).byteOffset).toBe(192)
    expect(() => kernel?.room.float64(10_000)).toThrow(/no room for 80000/)
})
