#!/usr/bin/env node
/** Runs the plant by itself: `gridverse-plant --platform URL --token T --data DIR [--case F] [--control-port N] [--speed X] [--seed N]`. */
import { parseArgs } from 'node:util'
import { type Plant, runPlant } from './plant.ts'

const { values } = parseArgs({
    options: {
        platform: { type: 'string', default: 'http://127.0.0.1:7400' },
        token: { type: 'string', default: process.env.GRIDVERSE_ENROL_TOKEN ?? '' },
        data: { type: 'string', default: 'plant-data' },
        case: { type: 'string' },
        'control-port': { type: 'string', default: '0' },
        speed: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
    },
})

const say = (kind: string, detail: string) => process.stderr.write(`${new Date().toISOString()} plant ${kind} ${detail}\n`)
// below a platform only what is wrong is worth a line; the platform tells the rest
const routine = new Set(process.connected ? ['tap-step', 'ready', 'online', 'waiting', 'fleet'] : ['tap-step'])
const tell = (kind: string, detail: string) => routine.has(kind) || say(kind, detail)
let plant: Plant | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
        // a broker that no longer answers must not hold the process
        setTimeout(() => process.exit(0), 3000).unref()
        Promise.resolve(plant?.close()).finally(() => process.exit(0))
    })
try {
    plant = await runPlant({
        platformUrl: values.platform,
        enrolToken: values.token,
        dataDir: values.data,
        ...(values.case === undefined ? {} : { caseFile: values.case }),
        controlPort: Number(values['control-port']),
        speed: Number(values.speed),
        seed: Number(values.seed),
        exitWithParent: true,
        onEvent: tell,
    })
    tell('ready', `${plant.region.name}, control port ${plant.controlUrl}`)
} catch (error) {
    say('cannot-start', (error as Error).message)
    process.exit(1)
}
