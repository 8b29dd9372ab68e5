/**
 * The day of the virtual power plant, run in the field. A study of the live fleet is approved and applied: each period the
 * rest of the day is decided anew from what is measured, each minute the units' setpoints are shared out over the devices and
 * sent through the gate. While a decision is under way the plan's own setpoints hold. What is approved, decided and realised
 * is kept, so that a platform that was killed goes on with the day.
 */
import { toProfileTime } from '@gridverse/assets'
import type { LinearSolver } from '@gridverse/math'
import {
    type Availability,
    byPeriod,
    commitmentsByPeriod,
    type FixedPlan,
    joinSetpoints,
    keepLedger,
    type Ledger,
    limitPlant,
    NoSchedule,
    type PlanLimit,
    parseVpp,
    replan,
    type Scenario,
    type Setpoints,
    safeSetpoints,
    setpointsAt,
    settleDay,
    settledAnyway,
    updateOutlook,
    type Vpp,
} from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import {
    availabilityOfUnits,
    type DayPeriod,
    dayStateOfFleet,
    emptySums,
    type FleetNow,
    type FleetPlant,
    type FleetSummary,
    findUnits,
    gather,
    measuredScenario,
    ordersOfUnits,
    type PeriodSums,
    type PlannedFrame,
    planForDay,
    plannedFrame,
    realisedSetpoints,
    tilesOfSetpoints,
    type VppDayCard,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import type { Fleet } from './fleet.ts'
import { utcOffsetHours } from './local-time.ts'
import type { Studies } from './studies.ts'

/** What a study of the live fleet keeps beside its plant. */
export interface StudyFleet extends Pick<FleetPlant, 'units' | 'runs' | 'leftOut'> {
    readonly startMs: number
    readonly dtH: number
}

export interface VppDay {
    state(): VppDayCard['state']
    card(): VppDayCard
    approve(by: Person, study: string): Promise<VppDayCard>
    apply(by: Person): Promise<VppDayCard>
    stop(by: Person, reason: string): Promise<VppDayCard>
    /** once a second, after the fleet was looked at */
    tick(now: FleetNow, summary: FleetSummary): void
    /** the approved plan's period, device by device */
    planned(period: number): PlannedFrame
    ledger(): Ledger | undefined
    close(): Promise<void>
}

interface DayPorts {
    readonly records: Records
    readonly log: EvidenceLog
    readonly studies: Studies
    readonly fleet: Pick<Fleet, 'state' | 'now' | 'summary' | 'dispatch'>
    /** of the region, for profiles of the day */
    readonly timeZone: string
    onError(error: unknown): void
    nowMs(): number
}

/** what is kept: all of it JSON */
interface Kept {
    state: 'approved' | 'running' | 'stopped' | 'ended'
    study: string
    plant: string
    fleet: StudyFleet
    /** asked of the plan, and kept by every decision of the day */
    limits?: AskedLimits
    plan: { firstStage: FixedPlan['firstStage']; dispatch: FixedPlan['dispatch'] }
    approvedBy: string
    approvedMs: number
    appliedBy?: Person
    /** by period: what it was, once it is over */
    realised: (Setpoints | null)[]
    sums: (Omit<PeriodSums, 'unitKwS' | 'freeKwS'> | null)[]
    counts: { orders: number; lost: number }[]
    /** available sun, wind and load, as measured by period */
    known: { pv: number[][]; wind: number[][]; load: number[] }
    /** commitments as decided last, by period */
    commitments: number[][]
    turbines: { on: boolean; sinceH: number }[]
    reduced: number[]
    replans: { tMs: number; why: string; left: string[]; expectedCost: number | null }[]
    message: string
}
interface Running {
    readonly kept: Kept
    readonly vpp: Vpp
    readonly plan: FixedPlan
    readonly forecast: Scenario
    period: number
    setpoints: Setpoints | undefined
    sums: PeriodSums
    dispatchedMs: number
    lastMs: number
    lost: string
    deciding: boolean
}

const recordKind = 'vpp-run'
const minuteMs = 60_000
const mostReplans = 500

export async function createVppDay({ records, log, studies, fleet, timeZone, onError, nowMs }: DayPorts): Promise<VppDay> {
    let solver: LinearSolver | undefined
    let day: Running | undefined
    let work: Promise<unknown> = Promise.resolve()
    let closed = false
    const kept = await records.get<{ text: string }>(recordKind, 'current')
    if (kept) day = open(JSON.parse(kept.text) as Kept)

    function enter<T>(act: () => Promise<T>): Promise<T> {
        const done = work.then(act, act)
        work = done.catch(() => undefined)
        return done
    }
    const solving = () => {
        solver ??= createHighsSolver({ threads: 1 })
        return solver
    }
    const keep = (of: Kept) => records.put(recordKind, 'current', { text: JSON.stringify(of) })
    const note = (action: string, actor: string, of: Kept, detail: Record<string, unknown> = {}) =>
        log.append({ tMs: nowMs(), actor, action: `day.${action}`, target: `study/${of.study}`, detail })

    function open(of: Kept): Running {
        const { vpp, forecast } = readPlant(of.plant, of.limits)
        const now = nowMs()
        return {
            kept: of,
            vpp,
            forecast,
            plan: { ...of.plan, forecast },
            period: -1,
            setpoints: undefined,
            sums: emptySums(of.fleet.units.length),
            dispatchedMs: 0,
            lastMs: now,
            lost: '',
            deciding: false,
        }
    }
    const periodMs = ({ fleet: { dtH } }: Kept) => dtH * 3_600_000
    const need = (...states: Kept['state'][]): Running => {
        const now = day?.kept.state ?? 'none'
        if (!day || !states.includes(day.kept.state))
            throw new ApiError('day-state', `the day is ${now}; it must be ${states.join(' or ')}`)
        return day
    }

    async function approve(by: Person, study: string): Promise<VppDayCard> {
        if (day?.kept.state === 'running') throw new ApiError('day-state', 'a day is running; stop it first')
        const { card: asked, outcome } = await studies.get(study)
        const source = await studies.fleetOf(study)
        if (outcome?.kind !== 'report' || !source || !outcome.report.firstStage)
            throw new ApiError('day-state', `study "${asked.title}" is ${asked.state}; a day needs a finished study of the live fleet`)
        const { limits = [], clockH = 0 } = asked.preferences
        const { vpp, forecast } = readPlant(source.plant, { list: limits, clockH })
        const { firstStage } = outcome.report
        const { dispatch } = await planForDay(vpp, forecast, firstStage, solving()).catch((error) => {
            if (!(error instanceof NoSchedule)) throw error
            throw new ApiError('day-state', `study "${asked.title}" cannot be run on its forecast: ${error.message}`)
        })
        const now = nowMs()
        const of: Kept = {
            state: 'approved',
            study,
            plant: source.plant,
            fleet: JSON.parse(source.fleet) as StudyFleet,
            ...(limits.length > 0 ? { limits: { list: limits, clockH } } : {}),
            plan: { firstStage, dispatch },
            approvedBy: by.name,
            approvedMs: now,
            realised: new Array<null>(vpp.periods).fill(null),
            sums: new Array<null>(vpp.periods).fill(null),
            counts: Array.from({ length: vpp.periods }, () => ({ orders: 0, lost: 0 })),
            known: {
                pv: forecast.pv.map((s) => Array.from(s)),
                wind: forecast.wind.map((s) => Array.from(s)),
                load: Array.from(forecast.load ?? vpp.load),
            },
            commitments: commitmentsByPeriod(vpp, firstStage.u),
            turbines: vpp.gasTurbines.map((g) => ({ on: g.onBefore, sinceH: 8760 })),
            reduced: vpp.curtailable.map(() => 0),
            replans: [],
            message: '',
        }
        await note('approve', by.name, of, { buyKwh: energy(vpp, firstStage.buy), sellKwh: energy(vpp, firstStage.sell) })
        await keep(of)
        day = open(of)
        return card()
    }

    // ── a period ──────────────────────────────────────────────────────────────────────────────────────────────────

    /** What is measured of sun, wind and load goes into the courses known. */
    function learn(running: Running, now: FleetNow, t: number): Scenario {
        const { kept: of, vpp } = running
        const { known } = of
        const before: Scenario = {
            probability: 1,
            pv: known.pv.map((s) => Float64Array.from(s)),
            wind: known.wind.map((s) => Float64Array.from(s)),
            load: Float64Array.from(known.load),
        }
        const measured = measuredScenario(vpp, before, findUnits(of.fleet.units, fleet.state()), fleet.state(), now, t)
        known.pv = measured.pv.map((s) => Array.from(s))
        known.wind = measured.wind.map((s) => Array.from(s))
        known.load = Array.from(measured.load!)
        return measured
    }

    /** Decides the rest of the day; until it is decided the plan holds. */
    async function decide(running: Running, now: FleetNow, t: number, why: string): Promise<void> {
        const { kept: of, vpp, forecast } = running
        const plant = byPeriod(settledAnyway(vpp))
        const found = findUnits(of.fleet.units, fleet.state())
        const availability: Availability = availabilityOfUnits(found, fleet.state(), now)
        const state = dayStateOfFleet(
            plant,
            found,
            fleet.state(),
            now,
            t,
            of.turbines.map(({ sinceH }) => sinceH),
            of.reduced,
        )
        const outlook = updateOutlook(plant, forecast, learn(running, now, t), t)
        const { buy, sell } = of.plan.firstStage
        const position = { buy, sell, u: of.commitments }
        const answer = fleet.summary().mayPlan
            ? await replan(plant, position, state, [outlook], solving(), { availability, commitments: 'free', gap: 1e-3, timeLimitS: 30 })
            : {
                  status: 'safe' as const,
                  ...safeSetpoints(plant, position, state, outlook, availability),
                  restCost: Number.NaN,
                  message: 'too few measurements to plan with',
              }
        if (closed || day !== running || of.state !== 'running' || running.period !== t) return
        of.commitments = plant.gasTurbines.map((g, i) =>
            availability[g.name] === undefined ? [...of.commitments[i]!.slice(0, t), ...answer.commitments[i]!] : of.commitments[i]!,
        )
        running.setpoints = answer.setpoints
        const left = Object.keys(availability)
        of.replans.push({ tMs: nowMs(), why, left, expectedCost: Number.isFinite(answer.restCost) ? answer.restCost : null })
        if (of.replans.length > mostReplans) of.replans.shift()
        of.message = answer.status === 'optimal' ? '' : `period ${t + 1}: ${answer.status}${answer.message ? `, ${answer.message}` : ''}`
        await keep(of)
        await note('decide', 'system', of, {
            period: t,
            why,
            status: answer.status,
            left,
            restCost: Number.isFinite(answer.restCost) ? answer.restCost : null,
        })
        await dispatch(running)
    }

    /** The minute's setpoints: units shared out over their devices, through the gate. */
    async function dispatch(running: Running): Promise<void> {
        const { kept: of, vpp, period: t } = running
        if (t < 0 || t >= vpp.periods || of.state !== 'running') return
        running.dispatchedMs = nowMs()
        const setpoints = running.setpoints ?? setpointsAt(byPeriod(vpp), of.plan.dispatch, of.commitments, t)
        const state = fleet.state()
        const { perResource, release } = ordersOfUnits(
            vpp,
            findUnits(of.fleet.units, state),
            of.fleet.runs,
            setpoints,
            t,
            state,
            fleet.now(),
        )
        const by = of.appliedBy!
        const reason = `period ${t + 1} of ${vpp.periods}`
        const standing = fleet.dispatch.standing().orderedKw
        // only who was held before needs to be let go
        const toRelease = release.filter((id) => !Number.isNaN(standing[state.rowOf(id)]!))
        const told =
            Object.keys(perResource).length > 0 ? await fleet.dispatch.order(by, { perResource, reason }, { study: of.study }) : undefined
        if (toRelease.length > 0) await fleet.dispatch.order(by, { resources: toRelease, release: true, reason }, { study: of.study })
        const counts = of.counts[t]!
        if (told) counts.orders++
    }

    /** A period that is over becomes what it was. */
    function settle(running: Running): void {
        const { kept: of, vpp, period: t, sums } = running
        if (t < 0 || t >= vpp.periods || sums.seconds <= 0) return
        const { buy, sell } = of.plan.firstStage
        const what = realisedSetpoints(byPeriod(vpp), of.fleet.units, sums, t, sell[t]! - buy[t]!)
        of.realised[t] = what
        // what there was over the whole period, not only when it was decided
        of.fleet.units.forEach(({ list, index }, u) => {
            if (list !== 'pv' && list !== 'wind') return
            of.known[list][index]![t] = Math.max(what[list][index]!, sums.freeKwS[u]! / sums.seconds)
        })
        of.known.load[t] = sums.loadKwS / sums.seconds
        const { unitKwS: _u, freeKwS: _f, ...rest } = sums
        of.sums[t] = { ...rest }
        of.counts[t]!.lost = lostSince(of, t)
        vpp.gasTurbines.forEach((_, i) => {
            const before = of.turbines[i]!
            const on = what.on[i]!
            of.turbines[i] = { on, sinceH: on === before.on ? before.sinceH + vpp.dtH : vpp.dtH }
        })
        of.reduced = of.reduced.map((kwh, i) => kwh + vpp.dtH * what.curt[i]!)
    }
    function lostSince(of: Kept, t: number): number {
        const fromMs = of.fleet.startMs + t * periodMs(of)
        return fleet.dispatch
            .list(2000)
            .filter(({ plan, createdMs }) => plan === of.study && createdMs >= fromMs)
            .reduce((sum, { lost }) => sum + lost.length, 0)
    }

    function tick(now: FleetNow, summary: FleetSummary): void {
        const running = day
        if (!running || running.kept.state !== 'running') return
        const { kept: of, vpp } = running
        const t = Math.floor((now.tMs - of.fleet.startMs) / periodMs(of))
        const dtS = Math.min(5, Math.max(0, (now.tMs - running.lastMs) / 1000))
        running.lastMs = now.tMs
        if (t !== running.period) {
            settle(running)
            running.sums = emptySums(of.fleet.units.length)
            running.period = t
            running.setpoints = undefined
            if (t >= vpp.periods) {
                of.state = 'ended'
                enter(async () => {
                    await keep(of)
                    await note('end', 'system', of, { cost: ledgerOf(running)?.realised.total ?? null })
                }).catch(onError)
                return
            }
            // before the first period the day waits
            if (t >= 0) begin(running, now, t, 'a new period')
        } else if (t >= 0) {
            gather(running.sums, findUnits(of.fleet.units, fleet.state()), fleet.state(), now, summary.tiles, dtS)
            // who got lost, or came back, is planned without, or with again
            const lost = JSON.stringify(availabilityOfUnits(findUnits(of.fleet.units, fleet.state()), fleet.state(), now))
            if (lost !== running.lost && !running.deciding) begin(running, now, t, 'devices lost or found')
            else if (now.tMs - running.dispatchedMs >= Math.min(minuteMs, periodMs(of) / 2) && !running.deciding)
                enter(() => dispatch(running)).catch(onError)
        }
    }
    function begin(running: Running, now: FleetNow, t: number, why: string): void {
        running.deciding = true
        running.lost = JSON.stringify(availabilityOfUnits(findUnits(running.kept.fleet.units, fleet.state()), fleet.state(), now))
        enter(async () => {
            // the plan's own setpoints at once; better ones when they are known
            if (running.setpoints === undefined) await dispatch(running)
            await decide(running, now, t, why)
        })
            .catch(onError)
            .finally(() => {
                running.deciding = false
            })
    }

    // ── what is told of it ────────────────────────────────────────────────────────────────────────────────────────

    /** What the day came to: periods that were not run are as planned. */
    function ledgerOf({ kept: of, vpp, plan }: Running): Ledger | undefined {
        if (!of.realised.some((s) => s !== null)) return undefined
        const plant = byPeriod(settledAnyway(vpp))
        const planned = commitmentsByPeriod(vpp, plan.firstStage.u)
        const steps = of.realised.map((s, t) => s ?? setpointsAt(plant, plan.dispatch, planned, t))
        const courses = (measured: readonly (readonly number[])[], expected: readonly Float64Array[]) =>
            expected.map((s, i) => s.map((x, t) => (of.realised[t] ? measured[i]![t]! : x)))
        const load = (plan.forecast.load ?? vpp.load).map((x, t) =>
            of.realised[t] && of.sums[t] ? of.sums[t]!.loadKwS / of.sums[t]!.seconds : x,
        )
        const truth: Scenario = {
            probability: 1,
            pv: courses(of.known.pv, plan.forecast.pv),
            wind: courses(of.known.wind, plan.forecast.wind),
            load,
        }
        const { buy, sell } = plan.firstStage
        return keepLedger(
            plant,
            { scenario: plan.forecast, firstStage: { buy, sell, u: planned }, dispatch: plan.dispatch },
            {
                scenario: truth,
                firstStage: { buy, sell, u: plant.gasTurbines.map((_, i) => steps.map((s) => (s.on[i] ? 1 : 0))) },
                dispatch: joinSetpoints(plant, steps),
            },
        )
    }

    function card(): VppDayCard {
        if (!day) return { state: 'none', currency: '', replans: [], periods: [], ledger: null, settlement: null, message: '' }
        const { kept: of, vpp, plan } = day
        const plant = byPeriod(settledAnyway(vpp))
        const planned = commitmentsByPeriod(vpp, plan.firstStage.u)
        const statement = settleDay(plant, plan.forecast, { ...plan.firstStage, u: planned }, plan.dispatch)
        const ledger = ledgerOf(day)
        const costAt = (lines: typeof statement, t: number) => lines.lines.reduce((sum, { periods }) => sum + periods[t]!, 0) / lines.minor
        const { buy, sell } = plan.firstStage
        const periods = Array.from({ length: vpp.periods }, (_, t): DayPeriod => {
            const sums = of.sums[t]
            const s = setpointsAt(plant, plan.dispatch, planned, t)
            return {
                startMs: of.fleet.startMs + t * periodMs(of),
                predicted: {
                    ...tilesOfSetpoints(s, (plan.forecast.load ?? vpp.load)[t]!),
                    cost: costAt(statement, t),
                    tradeKw: sell[t]! - buy[t]!,
                },
                realised: sums
                    ? {
                          generationKw: sums.generationKwS / sums.seconds,
                          loadKw: sums.consumptionKwS / sums.seconds,
                          storageKw: sums.storageKwS / sums.seconds,
                          exchangeKw: (sums.consumptionKwS - sums.generationKwS - sums.storageKwS) / sums.seconds,
                          cost: ledger ? costAt(ledger.realised, t) : null,
                          minutes: sums.seconds / 60,
                      }
                    : null,
                ...of.counts[t]!,
            }
        })
        return {
            state: of.state,
            study: of.study,
            startMs: of.fleet.startMs,
            periodS: periodMs(of) / 1000,
            approvedBy: of.approvedBy,
            approvedMs: of.approvedMs,
            ...(of.appliedBy ? { appliedBy: of.appliedBy.name } : {}),
            currency: vpp.currency,
            replans: of.replans,
            periods,
            ledger: ledger ?? null,
            settlement: ledger?.realised ?? statement,
            message: of.message,
        }
    }

    return {
        state: () => day?.kept.state ?? 'none',
        card,
        planned(period) {
            const { kept: of, vpp, plan } = need('approved', 'running', 'stopped', 'ended')
            if (period >= vpp.periods)
                throw new ApiError('day-state', `the plan has periods 0 to ${vpp.periods - 1}; there is none numbered ${period}`)
            const { units, runs, startMs } = of.fleet
            const timeAt = (tMs: number) => toProfileTime(tMs, utcOffsetHours(timeZone, tMs))
            return plannedFrame({ vpp, plan, units, runs, startMs, timeAt }, fleet.state(), fleet.summary().revision, period)
        },
        approve: (by, study) => enter(() => approve(by, study)),
        apply: (by) =>
            enter(async () => {
                const { kept: of } = need('approved', 'stopped')
                if (!fleet.summary().mayPlan)
                    throw new ApiError(
                        'coverage-low',
                        `${(100 * fleet.summary().coverage).toFixed(0)} % of the fleet's measurements arrived, ${100 * fleet.summary().coverageNeeded} % are needed`,
                    )
                of.state = 'running'
                of.appliedBy = by
                await note('apply', by.name, of, { approvedBy: of.approvedBy })
                await keep(of)
                day = open(of)
                return card()
            }),
        stop: (by, reason) =>
            enter(async () => {
                const running = need('running', 'approved')
                const { kept: of } = running
                settle(running)
                of.state = 'stopped'
                await note('stop', by.name, of, { reason })
                await keep(of)
                // devices decide by themselves again
                const ids = of.fleet.units.flatMap(({ resources }) => resources).filter((id) => fleet.state().rowOf(id) >= 0)
                const standing = fleet.dispatch.standing().orderedKw
                const held = [...new Set(ids)].filter((id) => !Number.isNaN(standing[fleet.state().rowOf(id)]!))
                if (held.length > 0)
                    await fleet.dispatch.order(
                        by,
                        { resources: held, release: true, reason: `day stopped: ${reason}` },
                        { study: of.study },
                    )
                return card()
            }),
        tick,
        ledger: () => day && ledgerOf(day),
        async close() {
            closed = true
            await work
            await solver?.close()
        },
    }
}

interface AskedLimits {
    readonly list: readonly PlanLimit[]
    readonly clockH: number
}

/** The plant of a study within the limits asked for, with the day its plan believes in. */
function readPlant(text: string, limits: AskedLimits = { list: [], clockH: 0 }): { vpp: Vpp; forecast: Scenario } {
    const { vpp } = limitPlant(parseVpp(text).vpp, limits.list, limits.clockH)
    if (!vpp.forecast) throw new Error('A day is run on the forecast of its plant, and this has none.')
    return { vpp, forecast: { ...vpp.forecast, probability: 1 } }
}
const energy = (vpp: Vpp, kw: readonly number[]) => Math.round(kw.reduce((sum, p) => sum + p * vpp.dtH, 0))
