/**
 * Devices of a virtual power plant in the simulated plant: how fast 10,000 of them move by themselves, with the shipped
 * grid under them, and with their meters, readings and memory on top. CPU time of one thread.
 *
 *   npm run bench fleet-plant        node --conditions=source --import tsx bench/fleet-plant.ts [devices]
 */
import { createDeviceFleet, manyResources, shippedFleet, toProfileTime } from '@gridverse/assets'
import { loadShippedRegion } from '@gridverse/grid'
import { createRandom } from '@gridverse/math'
import { createSimulation } from '../hosts/plant/src/simulation.ts'
import { createReport } from './system/report.ts'

const devices = Number(process.argv[2] ?? 10_000)
const seconds = 600
const startMs = Date.UTC(2026, 5, 16, 14)
const report = createReport()

/** CPU ms of one call, mean over `seconds` calls after a warm-up. */
function cpuMs(step: () => void): number {
    for (let s = 0; s < 60; s++) step()
    const before = process.cpuUsage()
    for (let s = 0; s < seconds; s++) step()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / seconds
}

const resources = [...shippedFleet(), ...manyResources(devices, 1)]
const fleet = createDeviceFleet(resources)
const random = createRandom(1)
const one = (x: number) => Float64Array.of(x)
let tMs = startMs
const alone = cpuMs(() => {
    tMs += 1000
    const sky = { irradianceWm2: one(600), temperatureC: one(22), windMps: one(6), sunElevationDeg: one(50), sunAzimuthDeg: one(190) }
    fleet.step({ tMs, utcOffsetH: -2, time: toProfileTime(tMs, -2), random, ...sky }, 1)
})
report.add(`a second of ${devices} devices`, alone, 'ms CPU')

let now = startMs
let [messages, readings] = [0, 0]
const simulate = (list: typeof resources) =>
    createSimulation(loadShippedRegion(), {
        seed: 1,
        utcOffsetH: -2,
        nowMs: () => now,
        resources: list,
        send(_, __, sent) {
            messages++
            readings += sent.length
        },
        setLink: () => {},
        onEvent: () => {},
    })
const bare = simulate([])
const tick = (simulation: typeof bare) => () => {
    now += 1000
    simulation.tick(now, 1)
}
const bareMs = cpuMs(tick(bare))
const plant = simulate(resources)
;[messages, readings] = [0, 0]
const plantMs = cpuMs(tick(plant))
report.add('a second of the shipped grid without them', bareMs, 'ms CPU')
report.add('a second of grid and devices, meters read', plantMs, 'ms CPU')
report.add('seconds of plant in a CPU second', 1000 / plantMs, '')
report.add('messages a second', messages / (seconds + 60), '')
report.add('readings a second', readings / (seconds + 60), '')
const batteries = resources.filter((r) => r.kind === 'battery')
const before = process.cpuUsage()
for (const r of batteries) plant.command(`resource/${r.id}/pSetKw`, 1)
now += 100
plant.act()
const { user, system } = process.cpuUsage(before)
report.add(`setpoints taken and read back, each of ${batteries.length}`, (user + system) / batteries.length, 'µs CPU')
const memoryBegan = process.cpuUsage()
const size = JSON.stringify(plant.fleet.remember()).length
const memory = process.cpuUsage(memoryBegan)
report.add('memory of the devices packed', (memory.user + memory.system) / 1000, 'ms CPU')
report.add('the same', size / 1000, 'kB')
report.print()
