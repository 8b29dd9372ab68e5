import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as grid from '@gridverse/grid'
import * as math from '@gridverse/math'
import * as units from '@gridverse/units'
import { expect, test } from 'vitest'
import { exists, read, root } from './sources.ts'

const libraries: Readonly<Record<string, object>> = { '@gridverse/grid': grid, '@gridverse/math': math, '@gridverse/units': units }

/** What the blocks of a README leave to the reader: a network and what was measured in it. */
function surroundings() {
    const { network } = grid.loadShippedRegion()
    const flow = grid.solvePowerFlow(network)
    const measurements: grid.StateMeasurement[] = [
        ...flow.bus.map(({ id, vmPu }) => ({ kind: 'vm' as const, bus: id, value: vmPu, sigma: 0.004 })),
        ...flow.branch
            .filter(({ inService }) => inService)
            .flatMap(({ index, pFromMw, qFromMvar }) => [
                { kind: 'pFrom' as const, branch: index, value: pFromMw, sigma: 0.5 },
                { kind: 'qFrom' as const, branch: index, value: qFromMvar, sigma: 0.5 },
            ]),
    ]
    const value = measurements.map((m) => m.value)
    const data = grid.parseShortCircuitData('{}', network).data
    return { network, flow, text: grid.writeMatpower(network), measurements, layout: measurements, value, scans: [{ value }], data }
}

/** Runs a block by itself: imports become the libraries, names it does not make come from the surroundings. */
function runBlock(block: string, printed: unknown[][]): void {
    const body = block.replace(/^import (?:type )?\{([^}]*)\} from '([^']+)'\n/gm, (_, names: string, from: string) => {
        if (!libraries[from]) throw new Error(`${from} is not a library of examples.`)
        return `const {${names.replace(/ as /g, ': ')}} = libraries['${from}'];\n`
    })
    const around = { ...units, ...math, ...grid, ...surroundings() }
    // what the block declares hides what stands around it
    new Function('libraries', 'console', 'around', `with (around) { return (() => {\n${body}\n})() }`)(
        libraries,
        { log: (...words: unknown[]) => printed.push(words) },
        around,
    )
}

for (const name of readdirSync(join(root, 'packages'))) {
    const path = `packages/${name}/README.md`
    if (!exists(path) || !['grid', 'math', 'units'].includes(name)) continue
    const blocks = [...read(path).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!)
    test(`${path}: ${blocks.length} examples run`, () => {
        expect(blocks.length).toBeGreaterThan(0)
        const printed: unknown[][] = []
        for (const block of blocks) expect(() => runBlock(block, printed), block).not.toThrow()
        expect(printed.flat().every((word) => word !== undefined && !Number.isNaN(word))).toBe(true)
    })
}
