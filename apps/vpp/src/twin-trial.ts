/**
 * A first plan of a twin nobody has built yet: a calm day, devices heard and half full, cars away until they usually come, the
 * forecast as the only day. It is feasible, or the limits that stand against each other are named.
 */
import { calmWeather, quantitiesOf, type Resource, resourcePoint, toProfileTime, weatherAt } from '@gridverse/assets'
import type { LinearSolver, StopSignal } from '@gridverse/math'
import { missedServices, parseVpp, type Relaxation, rulePlan, scheduleVpp, serviceOf, settledAnyway, verifySchedule } from '@gridverse/plan'
import { computeFleetNow } from './fleet-now.ts'
import { vppOfFleet } from './fleet-plan.ts'
import { createFleetState, type FleetState } from './fleet-state.ts'
import type { TwinFile } from './twin-write.ts'

export interface TrialPlan {
    readonly status: 'optimal' | 'infeasible' | 'stopped' | 'failed'
    readonly currency: string
    readonly units: number
    /** cost of the day on its forecast, and by rules; absent without a plan */
    readonly cost?: number
    readonly ruleCost?: number
    /** people and runs let down by it */
    readonly missed?: number
    readonly maxViolation?: number
    /** what must give way, and what stands against each other, where infeasible */
    readonly relaxation: readonly Relaxation[]
    readonly conflict: readonly string[]
    readonly message: string
}

export async function trialPlan(
    twin: TwinFile,
    solver: LinearSolver,
    /** the day planned is the next after `nowMs` (Unix ms UTC) by the clock of the twin's place */
    { nowMs, signal }: { readonly nowMs: number; readonly signal?: StopSignal },
): Promise<TrialPlan> {
    const { place, market, resources } = twin
    const periods = 24
    const utcOffsetH = aheadOfUtcH(place.timeZone, nowMs)
    const startMs = Math.ceil((nowMs + utcOffsetH * 3_600_000) / dayMs) * dayMs - utcOffsetH * 3_600_000
    const state = assumedState(resources, startMs)
    const now = computeFleetNow(state, startMs, toProfileTime(startMs, utcOffsetH), 0)
    const skies = Array.from({ length: periods }, (_, t) =>
        weatherAt(calmWeather, { gust: 0, cloud: 0 }, startMs + (t + 0.5) * 3_600_000, place.latDeg, place.lonDeg),
    )
    const plant = vppOfFleet(
        state,
        now,
        market,
        {
            airC: skies.map(({ temperatureC }) => temperatureC),
            cloudCover: skies.map(({ cloudCover }) => cloudCover),
            windMps: skies.map(({ windMps }) => windMps),
        },
        { startMs, periods, dtH: 1, utcOffsetH },
    )
    const { vpp } = parseVpp(JSON.stringify(plant.instance))
    const forecast = { ...vpp.forecast!, probability: 1 }
    const found = await scheduleVpp(vpp, solver, {
        beta: 0,
        gap: 1e-4,
        timeLimitS: 60,
        scenarios: [forecast],
        ...(signal ? { signal } : {}),
    })
    const common = {
        status: found.status,
        currency: market.currency,
        units: plant.units.length,
        relaxation: found.relaxation ?? [],
        conflict: found.conflict ?? [],
        message: found.message,
    }
    if (!found.solution || !found.verdict) return common
    const settled = settledAnyway(vpp)
    const rules = rulePlan(vpp)
    const byRules = verifySchedule(settled, [forecast], { beta: 0, firstStage: rules.firstStage, scenarios: [rules.dispatch] })
    return {
        ...common,
        cost: found.verdict.expected.operatingCost,
        ruleCost: byRules.expected.operatingCost,
        missed: missedServices(serviceOf(vpp, found.solution.scenarios[0]!)),
        maxViolation: found.verdict.maxViolation,
    }
}

const dayMs = 86_400_000

/** Local time ahead of UTC at an instant, h. */
function aheadOfUtcH(timeZone: string, tMs: number): number {
    const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(tMs)
    const [, sign, hours, minutes] =
        /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? []
    return hours === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60)
}

/** Devices as if heard this moment: at rest, half full, rooms at their thermostat, cars away. */
function assumedState(resources: readonly Resource[], nowMs: number): FleetState {
    const state = createFleetState(resources, nowMs)
    const points: number[] = []
    const values: number[] = []
    let index = 0
    for (const r of resources)
        for (const quantity of quantitiesOf(r.kind)) {
            const full = 'energyKwh' in r ? r.energyKwh : 0
            const half: Partial<Record<string, number>> = {
                energyKwh: full / 2,
                socPercent: 50,
                temperatureC: r.kind === 'air-conditioner' ? r.setpointC : 20,
            }
            state.learn(index, resourcePoint(r.id, quantity))
            points.push(index++)
            values.push(half[quantity] ?? 0)
        }
    state.apply(
        {
            count: points.length,
            point: Int32Array.from(points),
            tMs: new Float64Array(points.length).fill(nowMs),
            value: Float64Array.from(values),
            quality: new Uint8Array(points.length),
        },
        nowMs,
    )
    return state
}
