/**
 * The day of the virtual power plant, run in the field. A study of the live fleet is approved and applied: each period the
 * rest of the day is decided anew from what is measured, each minute the units' setpoints are shared out over the devices and
 * sent through the gate. While a decision is under way the plan's own setpoints hold. What is approved, decided and realised
 * is kept, so that a platform that was killed goes on with the day.
 */
import { toProfileTime, utcOffsetHours } from '@gridverse/assets'
import type { LinearSolver } from '@gridverse/math'
import {
    type Availability,
    byPeriod,
    caughtUpKw,
    commitmentsByPeriod,
    type DayState,
    type Ledger,
    NoSchedule,
    owedAfter,
    type Replan,
    replan,
    type Scenario,
    type Setpoints,
    safeSetpoints,
    setpointsAt,
    settledAnyway,
    updateOutlook,
    type Vpp,
} from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import {
    availabilityOfUnits,
    beginRuns,
    type DecidedSide,
    dayStateOfFleet,
    emptySums,
    type FleetNow,
    type FleetSummary,
    findLosses,
    findUnits,
    gather,
    gatherLosses,
    type Loss,
    measuredScenario,
    offeredKw,
    ordersOfUnits,
    type PlannedFrame,
    planForDay,
    plannedFrame,
    type Redecision,
    realisedSetpoints,
    thermalOfHeard,
    unitPowers,
    type VppDayCard,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import { dayCard, ledgerOf, noDay } from './day-card.ts'
import { createDayField, dispatchEveryS } from './day-field.ts'
import { type KeptDay, periodMsOf, type RunningDay, readPlant, type StudyFleet } from './day-record.ts'
import type { Fleet } from './fleet.ts'
import type { Studies } from './studies.ts'

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
    readonly fleet: Pick<Fleet, 'state' | 'now' | 'summary' | 'dispatch' | 'notices'>
    /** of the region, for profiles of the day */
    readonly timeZone: string
    onError(error: unknown): void
    nowMs(): number
}

const recordKind = 'vpp-run'
const newPeriod = 'a new period'
const mostReplans = 500

export async function createVppDay({ records, log, studies, fleet, timeZone, onError, nowMs }: DayPorts): Promise<VppDay> {
    let solver: LinearSolver | undefined
    let day: RunningDay | undefined
    let work: Promise<unknown> = Promise.resolve()
    let closed = false
    const kept = await records.get<{ text: string }>(recordKind, 'current')
    if (kept) day = open(JSON.parse(kept.text) as KeptDay)

    function enter<T>(act: () => Promise<T>): Promise<T> {
        const done = work.then(act, act)
        work = done.catch(() => undefined)
        return done
    }
    const solving = () => {
        solver ??= createHighsSolver({ threads: 1 })
        return solver
    }
    const field = createDayField({ fleet, nowMs })
    const card = () => (day ? dayCard(day, field.tell(day)) : noDay)
    const keep = (of: KeptDay) => records.put(recordKind, 'current', { text: JSON.stringify(of) })
    const note = (action: string, actor: string, of: KeptDay, detail: Record<string, unknown> = {}) =>
        log.append({ tMs: nowMs(), actor, action: `day.${action}`, target: `study/${of.study}`, detail })

    function open(of: KeptDay): RunningDay {
        const { vpp, forecast } = readPlant(of.plant, of.limits, of.plan.firstStage.runs)
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
            availability: {},
            losses: [],
            lossSums: {},
            deciding: false,
        }
    }
    const periodMs = periodMsOf
    const need = (...states: KeptDay['state'][]): RunningDay => {
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
        const { firstStage } = outcome.report
        const { vpp, forecast } = readPlant(source.plant, { list: limits, clockH }, firstStage.runs)
        const told = JSON.parse(source.fleet) as StudyFleet
        const { dispatch } = await planForDay(vpp, forecast, firstStage, solving()).catch((error) => {
            if (!(error instanceof NoSchedule)) throw error
            throw new ApiError('day-state', `study "${asked.title}" cannot be run on its forecast: ${error.message}`)
        })
        const now = nowMs()
        const of: KeptDay = {
            state: 'approved',
            study,
            plant: source.plant,
            fleet: { ...told, runs: beginRuns(told.runs, firstStage.runs) },
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
            losses: new Array<null>(vpp.periods).fill(null),
            message: '',
        }
        await note('approve', by.name, of, { buyKwh: energy(vpp, firstStage.buy), sellKwh: energy(vpp, firstStage.sell) })
        await keep(of)
        day = open(of)
        return card()
    }

    // ── a period ──────────────────────────────────────────────────────────────────────────────────────────────────

    /** What is measured of sun, wind and load goes into the courses known. */
    function learn(running: RunningDay, now: FleetNow, t: number): Scenario {
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
        // what is measured holds the catching up of what was reduced before: that is told by what is owed, not known twice
        const back = caughtUpKw(
            vpp,
            owedBefore(running, t),
            vpp.curtailable.map(() => 0),
        )
        measured.load![t] = Math.max(0, measured.load![t]! - back)
        known.load = Array.from(measured.load!)
        return measured
    }

    /** Decides the rest of the day; until it is decided the plan holds. */
    async function decide(running: RunningDay, now: FleetNow, t: number, why: string): Promise<void> {
        const { kept: of, vpp, forecast } = running
        const found = findUnits(of.fleet.units, fleet.state())
        const plant = thermalOfHeard(byPeriod(settledAnyway(vpp)), found, fleet.state(), now)
        const availability: Availability = availabilityOfUnits(found, fleet.state(), now)
        const state = dayStateOfFleet(
            plant,
            found,
            fleet.state(),
            now,
            t,
            of.turbines.map(({ sinceH }) => sinceH),
            of.reduced,
            owedBefore(running, t),
        )
        const outlook = updateOutlook(plant, forecast, learn(running, now, t), t)
        const { buy, sell } = of.plan.firstStage
        const position = { buy, sell, u: of.commitments }
        const options = { commitments: 'free', gap: 1e-3, timeLimitS: 30 } as const
        const losses = findLosses(found, fleet.state(), now)
        const answer = fleet.summary().mayPlan
            ? await replan(plant, position, state, [outlook], solving(), { ...options, availability })
            : {
                  status: 'safe' as const,
                  ...safeSetpoints(plant, position, state, outlook, availability),
                  restCost: Number.NaN,
                  message: 'too few measurements to plan with',
              }
        // the same rest of the day as if nothing had changed, for what the change costs
        const change = changeOf(running.losses, losses)
        const told = running.setpoints ?? setpointsAt(byPeriod(vpp), of.plan.dispatch, of.commitments, t)
        const other =
            change && answer.status !== 'safe'
                ? await replan(plant, position, asRunning(state, told), [outlook], solving(), {
                      ...options,
                      availability: running.availability,
                  })
                : undefined
        if (closed || day !== running || of.state !== 'running' || running.period !== t) return
        running.availability = availability
        running.losses = losses
        of.commitments = plant.gasTurbines.map((g, i) =>
            availability[g.name] === undefined ? [...of.commitments[i]!.slice(0, t), ...answer.commitments[i]!] : of.commitments[i]!,
        )
        running.setpoints = answer.setpoints
        const left = Object.keys(availability)
        const sideOf = ({ setpoints, restCost }: Pick<Replan, 'setpoints' | 'restCost'>): DecidedSide => ({
            committedKw: sell[t]! - buy[t]!,
            imbalanceKw: setpoints.surplus - setpoints.short,
            restCost: Number.isFinite(restCost) ? restCost : null,
            units: unitPowers(plant, found, setpoints),
        })
        of.replans.push({
            tMs: nowMs(),
            why,
            left,
            expectedCost: Number.isFinite(answer.restCost) ? answer.restCost : null,
            ...(change && other ? { change: { ...change, before: sideOf(other), after: sideOf(answer) } } : {}),
        })
        if (of.replans.length > mostReplans) of.replans.shift()
        of.message = answer.status === 'optimal' ? '' : `period ${t + 1}: ${answer.status}${answer.message ? `, ${answer.message}` : ''}`
        await keep(of)
        await note('decide', 'system', of, {
            period: t,
            why,
            status: answer.status,
            left,
            restCost: Number.isFinite(answer.restCost) ? answer.restCost : null,
            ...(change ? { lost: change.lost.map(({ resource, why }) => `${resource} ${why}`), found: change.found } : {}),
        })
        await dispatch(running)
        // who was away has heard nothing of the hours to come; a new period is told to everybody
        await field.announce(running, why === newPeriod ? undefined : (change?.found ?? []))
    }

    /** The minute's setpoints: units shared out over their devices, through the gate. */
    async function dispatch(running: RunningDay): Promise<void> {
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
            Object.keys(perResource).length > 0 ? await fleet.dispatch.order(by, { perResource, reason }, field.planOf(running)) : undefined
        if (toRelease.length > 0) await fleet.dispatch.order(by, { resources: toRelease, release: true, reason }, field.planOf(running))
        const counts = of.counts[t]!
        if (told) counts.orders++
    }

    /** A period that is over becomes what it was. */
    function settle(running: RunningDay): void {
        const { kept: of, vpp, period: t, sums } = running
        if (t < 0 || t >= vpp.periods || sums.seconds <= 0) return
        const { buy, sell } = of.plan.firstStage
        const what = realisedSetpoints(byPeriod(vpp), of.fleet.units, sums, t, sell[t]! - buy[t]!)
        of.realised[t] = what
        // what there was over the whole period, not only when it was decided
        of.fleet.units.forEach(({ list, index, name }, u) => {
            if (list !== 'pv' && list !== 'wind') return
            const measured = Math.max(what[list][index]!, sums.freeKwS[u]! / sums.seconds)
            const lost = running.lossSums[name]
            of.known[list][index]![t] = lost ? offeredKw(measured, running.forecast[list][index]![t]!, lost, sums.seconds) : measured
        })
        of.losses ??= new Array<null>(vpp.periods).fill(null)
        of.losses[t] = Object.keys(running.lossSums).length > 0 ? running.lossSums : null
        of.known.load[t] = sums.loadKwS / sums.seconds - caughtUpKw(vpp, owedBefore(running, t), what.curt)
        const { seconds, loadKwS, generationKwS, consumptionKwS, storageKwS } = sums
        of.sums[t] = { seconds, loadKwS, generationKwS, consumptionKwS, storageKwS }
        of.counts[t]!.lost = lostSince(of, t)
        vpp.gasTurbines.forEach((_, i) => {
            const before = of.turbines[i]!
            const on = what.on[i]!
            of.turbines[i] = { on, sinceH: on === before.on ? before.sinceH + vpp.dtH : vpp.dtH }
        })
        of.reduced = of.reduced.map((kwh, i) => kwh + vpp.dtH * what.curt[i]!)
    }
    function lostSince(of: KeptDay, t: number): number {
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
            running.lossSums = {}
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
            if (t >= 0) begin(running, now, t, newPeriod)
        } else if (t >= 0) {
            const found = findUnits(of.fleet.units, fleet.state())
            gather(running.sums, found, fleet.state(), now, summary.tiles, dtS)
            gatherLosses(running.lossSums, found, fleet.state(), now, dtS)
            // who got lost, or came back, is planned without, or with again
            const lost = JSON.stringify(availabilityOfUnits(found, fleet.state(), now))
            if (lost !== running.lost && !running.deciding) begin(running, now, t, 'devices lost or found')
            else if (now.tMs - running.dispatchedMs >= 1000 * dispatchEveryS(of) && !running.deciding)
                enter(() => dispatch(running)).catch(onError)
        }
    }
    function begin(running: RunningDay, now: FleetNow, t: number, why: string): void {
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
                await field.withdraw(running, by)
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

/** Devices lost and found since a decision; undefined where nothing changed. */
function changeOf(before: readonly Loss[], after: readonly Loss[]): Pick<Redecision, 'lost' | 'found'> | undefined {
    const key = ({ resource, why }: Loss) => `${resource} ${why}`
    const [was, is] = [new Set(before.map(key)), new Set(after.map(({ resource }) => resource))]
    const lost = after.filter((loss) => !was.has(key(loss))).map(({ resource, unit, why }) => ({ resource, unit, why }))
    const found = before.filter(({ resource }) => !is.has(resource)).map(({ resource }) => resource)
    return lost.length + found.length > 0 ? { lost, found } : undefined
}

/** A state in which turbines run as they were told, whatever has happened to them since. */
const asRunning = (state: DayState, told: Setpoints): DayState => ({
    ...state,
    turbines: state.turbines.map((turbine, i) => ({ ...turbine, on: told.on[i]!, p: told.on[i] ? told.gt[i]! : 0 })),
})

/** kWh each tier has still to catch up on of the day's reductions when period `t` begins. */
const owedBefore = ({ kept, vpp }: RunningDay, t: number): number[] =>
    vpp.curtailable.map((tier, i) =>
        kept.realised.slice(0, t).reduce((owed, was) => owedAfter(tier, vpp.dtH, owed, was?.curt[i] ?? 0), tier.owed ?? 0),
    )

const energy = (vpp: Vpp, kw: readonly number[]) => Math.round(kw.reduce((sum, p) => sum + p * vpp.dtH, 0))
