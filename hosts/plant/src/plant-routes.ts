/** What the control port offers: the truth, faults, work by hand, storms of data. */
import type { Issue } from '@gridverse/units'
import { Refusal, type Routes } from './control-port.ts'
import { checkFault, type FaultRequest, faultRules } from './faults.ts'
import type { Simulation } from './simulation.ts'

export interface Storm {
    readonly pointsPerS: number
    readonly untilMs: number
}
export interface PlantControl {
    plantMs(): number
    nowMs(): number
    counters(): Record<string, number>
    startStorm(storm: Storm): void
}

const mostPointsPerS = 500_000
const refuse = (status: number, code: string, path: string, message: string): never => {
    throw new Refusal(status, [{ code, path, message }])
}
const sum = (column: Float64Array) => column.reduce((a, b) => a + b, 0)

export function createRoutes(simulation: Simulation, plant: PlantControl): Routes {
    const { region, state, physics, faults, targets } = simulation
    return {
        'GET /state': () => ({
            region: region.id,
            tMs: plant.nowMs(),
            plantMs: plant.plantMs(),
            status: physics.lastStatus(),
            frequencyHz: state.frequencyHz[0],
            generationMw: sum(state.generatorMw),
            loadMw: sum(state.loadMw),
            storageMw: sum(state.storageMw),
            lossesMw: physics.losses(),
            counters: plant.counters(),
            points: simulation.truth(),
        }),
        'GET /notices': () => simulation.fleet.notices(),
        'GET /faults': () => ({ rules: faultRules, faults: faults.list() }),
        'POST /faults': (_, body) => {
            const issues = checkFault(body, targets)
            if (issues.length > 0) throw new Refusal(400, issues)
            return simulation.addFault(body as unknown as FaultRequest)
        },
        'DELETE /faults/{id}': (id) =>
            simulation.removeFault(id) ??
            refuse(
                404,
                'unknown-fault',
                'id',
                `there is no fault ${id}; active: ${
                    faults
                        .list()
                        .map((f) => f.id)
                        .join(', ') || 'none'
                }`,
            ),
        'POST /switches/{id}': (id, body) => {
            if (typeof body.closed !== 'boolean')
                return refuse(400, 'wrong-type', 'closed', `closed must be true or false, got ${JSON.stringify(body.closed)}`)
            if (!simulation.operateLocally(id, body.closed))
                return refuse(404, 'unknown-switch', 'id', `there is no switch ${id}, such as ${region.switch[0]?.id}`)
            return { id, closed: body.closed }
        },
        'POST /release/{component}': (component) =>
            simulation.release(component)
                ? { component }
                : refuse(
                      404,
                      'unknown-component',
                      'component',
                      `there is no unit ${component}, such as generator/${region.network.generator[0]?.id}`,
                  ),
        'POST /storm': (_, body) => {
            const issues: Issue[] = []
            const { pointsPerS, durationS } = body
            const within = (x: unknown, least: number, most: number) => typeof x === 'number' && x >= least && x <= most
            if (!within(pointsPerS, 0, mostPointsPerS))
                issues.push({
                    code: 'out-of-range',
                    path: 'pointsPerS',
                    message: `pointsPerS must be 0 … ${mostPointsPerS}, got ${JSON.stringify(pointsPerS)}`,
                })
            if (!within(durationS, 0, 86_400))
                issues.push({
                    code: 'out-of-range',
                    path: 'durationS',
                    message: `durationS must be 0 … 86400 s, got ${JSON.stringify(durationS)}`,
                })
            if (issues.length > 0) throw new Refusal(400, issues)
            const storm = { pointsPerS: pointsPerS as number, untilMs: plant.nowMs() + 1000 * (durationS as number) }
            plant.startStorm(storm)
            return storm
        },
    }
}
