/**
 * One second of the power system: weather and people, units and batteries, frequency, power flow.
 *
 * Mechanical power of every machine is its base point plus its governor's answer. What is left over accelerates all rotors
 * together, each in proportion to its inertia, so the power into the grid adds up to load and losses:
 *   P_i = base_i + primary_i − (H_i·S_i / ΣH·S) · (Σ base + Σ primary − load(f) − losses)
 */
import {
    advanceBasePoint,
    advanceBattery,
    advanceEvPosts,
    advanceFlexibleLoad,
    advanceFrequency,
    advanceTapControl,
    calmWeather,
    defaultTapControl,
    type EvSessions,
    governorDeadBandHz,
    hubWind,
    loadFactor,
    pvAvailable,
    rampTowards,
    type SiteWeatherState,
    stepSiteWeather,
    stepWeather,
    toProfileTime,
    type WeatherState,
    weatherAt,
    windShare,
} from '@gridverse/assets'
import { createPowerFlow, ratioAtTap } from '@gridverse/grid'
import type { Random } from '@gridverse/math'
import { createDispatch } from './dispatch.ts'
import type { ConnectedFleet } from './fleet.ts'
import { createSwitching, type GridState } from './grid-state.ts'
import { createConsumers, createMachines, knowsFuels, role } from './units.ts'

/** What physics remembers beside the columns; all of it can be saved. */
export interface Memory {
    weather: WeatherState
    siteWeather: SiteWeatherState[]
    deviationHz: number
    primaryMw: number
    /** small random part of every load, standard normal */
    readonly loadNoise: Float64Array
    readonly owedMwh: Float64Array
    evSessions: EvSessions[]
    /** 1 where somebody commanded a setpoint: the plant's own dispatch leaves it alone */
    readonly generatorManual: Uint8Array
    readonly storageManual: Uint8Array
    readonly tapManual: Uint8Array
    readonly tapOutsideS: Float64Array
    /** share wind and sun may give */
    renewableShare: number
    /** stages of load shedding that have acted */
    shedStages: number
    /** it has run before: base points stand where they were */
    started: boolean
}

export interface PlantEvent {
    readonly kind: 'diverged' | 'load-shed' | 'island-lost' | 'tap-step'
    readonly detail: string
}

export interface Physics {
    readonly memory: Memory
    /** Advances everything by `dtS` seconds to the instant `tMs` and solves. */
    step(tMs: number, dtS: number): void
    /** Solves again after a switch or tap has moved, without time passing. */
    resolve(): void
    /** MW */
    losses(): number
    lastStatus(): 'converged' | 'diverged' | 'singular'
}

const loadDamping = 1.5
const governorLagS = 6
// the head of a long feeder is held high, so that its end stays within the band
const tapControl = { ...defaultTapControl, targetPu: 1.04 }

export function createPhysics(
    state: GridState,
    random: Random,
    onEvent: (event: PlantEvent) => void,
    utcOffsetH = 0,
    fleet?: ConnectedFleet,
): Physics {
    const { region } = state
    const { network } = region
    const machines = createMachines(region)
    const consumers = createConsumers(region)
    const switching = createSwitching(state)
    const dispatch = createDispatch(state, machines, knowsFuels(region))
    const solver = createPowerFlow(network)
    const { input } = solver
    const [nGen, nStorage, nLoad, nBranch] = [network.generator.length, network.storage.length, network.load.length, network.branch.length]
    const memory: Memory = {
        weather: calmWeather,
        siteWeather: region.site.map(() => ({ gust: 0, cloud: 0 })),
        deviationHz: 0,
        primaryMw: 0,
        loadNoise: new Float64Array(nLoad),
        owedMwh: new Float64Array(nLoad),
        evSessions: network.load.map(() => []),
        generatorManual: new Uint8Array(nGen),
        storageManual: new Uint8Array(nStorage),
        tapManual: new Uint8Array(nBranch),
        tapOutsideS: new Float64Array(nBranch),
        renewableShare: 1,
        shedStages: 0,
        started: false,
    }
    // the automatic tap changers: transformers that feed a feeder
    const feederSites = new Set(region.site.filter((s) => s.kind === 'feeder').map((s) => s.id))
    const fedByFeeder = new Set(network.branch.flatMap((b) => (isFeederEnd(b.toBus) ? [b.fromBus] : [])))
    function isFeederEnd(busId: number): boolean {
        return feederSites.has(network.bus[state.busAt.get(busId)!]!.site)
    }
    const automaticTaps = network.branch.flatMap((b, k) => (b.kind === 'transformer' && fedByFeeder.has(b.toBus) ? [k] : []))
    const tapBus = automaticTaps.map((k) => state.busAt.get(network.branch[k]!.toBus)!)
    const weatherSites = [...new Set(machines.site)].filter((s) => s >= 0)
    const wantMw = new Float64Array(nLoad)
    const busOfLoad = Int32Array.from(network.load, (l) => state.busAt.get(l.bus)!)
    const busOfGenerator = Int32Array.from(network.generator, (g) => state.busAt.get(g.bus)!)
    const busOfStorage = Int32Array.from(network.storage, (s) => state.busAt.get(s.bus)!)
    const busOfShunt = Int32Array.from(network.shunt, (s) => state.busAt.get(s.bus)!)
    const fromRow = Int32Array.from(network.branch, (b) => state.busAt.get(b.fromBus)!)
    const toRow = Int32Array.from(network.branch, (b) => state.busAt.get(b.toBus)!)
    const currentBase = Float64Array.from(network.branch, (b) => kaPerPu(b.fromBus))
    const currentBaseTo = Float64Array.from(network.branch, (b) => kaPerPu(b.toBus))
    function kaPerPu(busId: number): number {
        const kv = network.bus[state.busAt.get(busId)!]!.baseKv
        return kv > 0 ? 1 / (Math.sqrt(3) * kv) : 0
    }
    let sinceDispatchS = Infinity
    let status: 'converged' | 'diverged' | 'singular' = 'converged'
    let solvedOnce = false

    function step(tMs: number, dtS: number): void {
        advanceWeather(tMs, dtS)
        fleet?.step(tMs, dtS, memory.weather, isFed)
        advanceLoads(tMs, dtS)
        advanceUnits(tMs, dtS)
        advanceTaps(dtS)
        if (!solvedOnce) begin()
        else {
            shareSurplus(advanceSystem(dtS))
            solve()
        }
        protect()
    }

    /** The first second: unless it goes on from before, units stand where dispatch wants them; twice, for the losses are not known at first. */
    function begin(): void {
        for (let round = 0; round < 2; round++) {
            if (!memory.started) {
                const { base, stored, demand, automatic, renewable } = addUp()
                assignDispatch(demand - stored - (base - automatic), renewable, false)
                for (let g = 0; g < nGen; g++)
                    if (state.generatorOn[g] === 1 && machines.role[g] === role.dispatched)
                        state.generatorBaseMw[g] = state.generatorSetMw[g]!
            }
            shareSurplus(0)
            solve()
            if (!memory.started) settleTaps()
        }
        memory.started = true
    }
    /** The automatic tap changers have been at work before anyone looked. */
    function settleTaps(): void {
        const { targetPu, halfBandPu, range } = tapControl
        for (let moved = true, steps = 0; moved && steps < 2 * range; steps++) {
            moved = false
            automaticTaps.forEach((k, n) => {
                const error = state.vmPu[tapBus[n]!]! - targetPu
                const next = state.tapPosition[k]! + Math.sign(error)
                if (state.branchOn[k] === 0 || Math.abs(error) <= halfBandPu || Math.abs(next) > range) return
                state.tapPosition[k] = next
                moved = true
            })
            if (moved) solve()
        }
    }

    function advanceWeather(tMs: number, dtS: number): void {
        memory.weather = stepWeather(memory.weather, dtS, random)
        for (const s of weatherSites) {
            memory.siteWeather[s] = stepSiteWeather(memory.siteWeather[s]!, dtS, random)
            const site = region.site[s]!
            const weather = weatherAt(memory.weather, memory.siteWeather[s]!, tMs, site.latDeg, site.lonDeg)
            state.windMps[s] = weather.windMps
            state.windFromDeg[s] = weather.windFromDeg
            state.irradianceWm2[s] = weather.irradianceWm2
            state.temperatureC[s] = weather.temperatureC
        }
    }

    function advanceLoads(tMs: number, dtS: number): void {
        const time = toProfileTime(tMs, utcOffsetH)
        const factor = new Map<string, number>()
        const keep = Math.exp(-dtS / 90)
        const fresh = Math.sqrt(1 - keep * keep)
        for (let d = 0; d < nLoad; d++) {
            const profile = consumers.profile[d]!
            let share = factor.get(profile)
            if (share === undefined) {
                share = loadFactor(profile, time)
                factor.set(profile, share)
            }
            memory.loadNoise[d] = memory.loadNoise[d]! * keep + fresh * random.normal()
            // the larger a load, the more its many parts even out
            const spread = 0.012 / Math.sqrt(1 + Math.abs(consumers.peakMw[d]!) / 50)
            wantMw[d] = consumers.peakMw[d]! * share * (1 + spread * memory.loadNoise[d]!)
            const kind = consumers.kind[d]
            let pMw = wantMw[d]!
            if (kind === 'ev-post') {
                const posts = { pMaxMw: consumers.peakMw[d]! }
                const ev = advanceEvPosts(posts, memory.evSessions[d]!, time.hour, state.loadSetMw[d]!, dtS, random)
                memory.evSessions[d] = ev.sessions as number[]
                pMw = ev.pMw
            } else if (kind === 'flexible-load') {
                const peak = consumers.peakMw[d]!
                const load = { pMaxMw: peak, rampMwPerMin: consumers.rampMwPerMin[d]!, storeMwh: 2 * peak }
                const now = { pMw: state.loadOn[d] ? state.loadMw[d]! : 0, owedMwh: memory.owedMwh[d]! }
                const next = advanceFlexibleLoad(load, now, wantMw[d]!, state.loadSetMw[d]!, dtS)
                memory.owedMwh[d] = next.owedMwh
                pMw = next.pMw
            }
            let motorsMw = pMw
            if (fleet && fleet.carries[d] === 1) {
                const nativeMw = fleet.replaces[d] === 1 ? 0 : pMw
                pMw = nativeMw + fleet.drawMw[d]!
                motorsMw = nativeMw + fleet.demandMw[d]!
            }
            const ratio = consumers.peakMw[d] ? motorsMw / consumers.peakMw[d]! : 1
            input.loadMw[d] = pMw
            input.loadMvar[d] = consumers.peakMvar[d]! * (consumers.peakMw[d] ? ratio : 1)
        }
    }

    function advanceUnits(tMs: number, dtS: number): void {
        for (let g = 0; g < nGen; g++) {
            const kind = machines.role[g]!
            if (kind >= role.wind) advanceRenewable(g, kind, dtS)
            else if (state.generatorOn[g] === 0) state.generatorBaseMw[g] = 0
            else if (kind === role.dispatched) {
                const limits = {
                    pMinMw: machines.pMinMw[g]!,
                    pMaxMw: machines.pMaxMw[g]!,
                    rampMwPerMin: machines.rampMwPerMin[g]!,
                    droop: 0,
                }
                state.generatorBaseMw[g] = advanceBasePoint(limits, state.generatorBaseMw[g]!, state.generatorSetMw[g]!, dtS)
            } else state.generatorBaseMw[g] = machines.startMw[g]!
        }
        const hour = toProfileTime(tMs, utcOffsetH).hour
        for (let s = 0; s < nStorage; s++) {
            const row = network.storage[s]!
            // at night and at noon it fills, in the evening it helps, unless somebody says otherwise
            if (memory.storageManual[s] === 0) state.storageSetMw[s] = 0.5 * row.pMaxMw * storageShare(hour, state.socPercent[s]!)
            if (state.storageOn[s] === 0 || !isEnergised(busOfStorage[s]!)) {
                state.storageMw[s] = 0
                continue
            }
            // by its own schedule it moves gently; a command it follows in ten seconds
            const rate = (memory.storageManual[s] === 0 ? 0.1 : 6) * Math.max(row.pMaxMw, -row.pMinMw)
            const wanted = rampTowards(state.storageMw[s]!, state.storageSetMw[s]!, rate, dtS)
            const next = advanceBattery(row, state.socPercent[s]!, wanted, dtS)
            state.storageMw[s] = next.pMw
            state.socPercent[s] = next.socPercent
        }
    }

    function advanceRenewable(g: number, kind: number, dtS: number): void {
        const site = machines.site[g]!
        const rated = machines.pMaxMw[g]!
        const available =
            kind === role.wind
                ? rated * windShare(hubWind(state.windMps[site]!))
                : pvAvailable({ ratedMw: rated }, state.irradianceWm2[site]!, state.temperatureC[site]!)
        state.generatorAvailableMw[g] = available
        if (memory.generatorManual[g] === 0) state.generatorSetMw[g] = rated * memory.renewableShare
        // the source may fall at once; only the way up is ramped
        const held = Math.min(available, state.generatorSetMw[g]!)
        const ramped = rampTowards(state.generatorBaseMw[g]!, held, machines.rampMwPerMin[g]!, dtS)
        const isOn = state.generatorOn[g] === 1 && isEnergised(busOfGenerator[g]!)
        state.generatorBaseMw[g] = isOn ? Math.max(0, Math.min(available, ramped)) : 0
    }

    function advanceTaps(dtS: number): void {
        automaticTaps.forEach((k, n) => {
            if (memory.tapManual[k] === 1 || state.branchOn[k] === 0) return
            const before = { position: state.tapPosition[k]!, outsideS: memory.tapOutsideS[k]! }
            const after = advanceTapControl(tapControl, before, state.vmPu[tapBus[n]!]!, dtS)
            memory.tapOutsideS[k] = after.outsideS
            if (after.position === before.position) return
            state.tapPosition[k] = after.position
            onEvent({ kind: 'tap-step', detail: `${network.branch[k]!.id} to ${after.position}` })
        })
    }

    /** Sums over what is connected: base points (all, automatic, wind and sun), storage, demand with losses; what governors can do. */
    function addUp() {
        const sums = { base: 0, automatic: 0, renewable: 0, stored: 0, demand: 0, energy: 0, stiffness: 0, up: 0, down: 0 }
        for (let g = 0; g < nGen; g++) {
            if (state.generatorOn[g] === 0 || !isEnergised(busOfGenerator[g]!)) continue
            const p = state.generatorBaseMw[g]!
            sums.base += p
            if (machines.role[g]! >= role.wind) sums.renewable += p
            else if (machines.role[g] === role.dispatched && memory.generatorManual[g] === 0) sums.automatic += p
            sums.energy += machines.energyMws[g]!
            if (machines.stiffnessMw[g]! === 0) continue
            sums.stiffness += machines.stiffnessMw[g]!
            sums.up += Math.max(0, machines.pMaxMw[g]! - p)
            sums.down += Math.max(0, p - machines.pMinMw[g]!)
        }
        for (let s = 0; s < nStorage; s++) if (state.storageOn[s] === 1) sums.stored += state.storageMw[s]!
        for (let d = 0; d < nLoad; d++) if (isFed(d)) sums.demand += input.loadMw[d]!
        sums.demand += solvedOnce ? Math.max(0, solver.result.lossesMw) : 0.02 * sums.demand
        for (let s = 0; s < network.shunt.length; s++) {
            const v = state.vmPu[busOfShunt[s]!]!
            if (state.shuntOn[s] === 1) sums.demand += network.shunt[s]!.gMw * v * v
        }
        return sums
    }

    /** Frequency and dispatch; returns what accelerates the rotors, MW. */
    function advanceSystem(dtS: number): number {
        const { base, automatic, renewable, stored, demand, energy, stiffness, up, down } = addUp()
        const nominalHz = network.frequencyHz
        const model = { nominalHz, energyMws: energy, damping: loadDamping, governorLagS }
        const wish = (hz: number) => {
            const beyond = Math.sign(hz) * Math.max(0, Math.abs(hz) - governorDeadBandHz)
            return Math.min(up, Math.max(-down, (-beyond / nominalHz) * stiffness))
        }
        const surplus = base + stored - demand
        const next = advanceFrequency(model, memory, surplus, demand, wish, dtS)
        memory.deviationHz = Math.min(0.1 * nominalHz, Math.max(-0.1 * nominalHz, next.deviationHz))
        memory.primaryMw = next.primaryMw
        state.frequencyHz[0] = nominalHz + memory.deviationHz
        sinceDispatchS += dtS
        if (sinceDispatchS >= 4) {
            sinceDispatchS = 0
            // enough to serve the demand and bring the frequency back with the governors' help handed over
            const bias = (memory.deviationHz / nominalHz) * (stiffness + loadDamping * demand)
            assignDispatch(demand - stored - (base - automatic) - 0.3 * bias, renewable)
        }
        // devices behind inverters and thermostats draw what they draw at any frequency
        const stiffMw = (d: number) => fleet?.drawMw[d] ?? 0
        let fleetMw = 0
        const share = (loadDamping * memory.deviationHz) / nominalHz
        for (let d = 0; d < nLoad; d++) {
            if (isFed(d)) fleetMw += stiffMw(d)
            input.loadMw[d] = input.loadMw[d]! + share * (input.loadMw[d]! - stiffMw(d))
        }
        const relief = share * (demand - fleetMw)
        return surplus + memory.primaryMw - relief
    }

    function assignDispatch(wantedMw: number, renewableMw: number, isMoving = true): void {
        const share = dispatch.assign(wantedMw, memory.generatorManual, renewableMw, isMoving)
        // what is held down comes back slowly, so that dispatch and curtailment do not chase each other
        memory.renewableShare = share < 1 ? memory.renewableShare * share : Math.min(1, memory.renewableShare + 0.02)
    }

    /** generatorMw ← base point, governor and inertia. */
    function shareSurplus(acceleratingMw: number): void {
        let [energy, stiffness] = [0, 0]
        for (let g = 0; g < nGen; g++) {
            if (state.generatorOn[g] === 0) continue
            energy += machines.energyMws[g]!
            stiffness += machines.stiffnessMw[g]!
        }
        for (let g = 0; g < nGen; g++) {
            const on = state.generatorOn[g] === 1
            const primary = stiffness > 0 ? (memory.primaryMw * machines.stiffnessMw[g]!) / stiffness : 0
            const inertial = energy > 0 ? (acceleratingMw * machines.energyMws[g]!) / energy : 0
            input.generatorMw[g] = on ? state.generatorBaseMw[g]! + primary - inertial : 0
        }
    }

    function isFed(d: number): boolean {
        return state.loadOn[d] === 1 && isEnergised(busOfLoad[d]!)
    }
    function isEnergised(i: number): boolean {
        return !solvedOnce || solver.result.energised[i] === 1
    }

    function solve(): void {
        switching.apply()
        input.branchOn.set(state.branchOn)
        input.generatorOn.set(state.generatorOn)
        input.storageOn.set(state.storageOn)
        input.loadOn.set(state.loadOn)
        input.shuntOn.set(state.shuntOn)
        input.storageMw.set(state.storageMw)
        input.generatorVPu.set(state.generatorSetPu)
        for (let k = 0; k < nBranch; k++) {
            const b = network.branch[k]!
            input.branchRatio[k] = state.tapPosition[k] === 0 ? b.ratio : ratioAtTap(b.ratio, state.tapPosition[k]!)
        }
        let outcome = solver.solve({ start: 'last', qLimits: true, tolerance: 1e-6, maxIterations: 15 })
        if (outcome.status !== 'converged') outcome = solver.solve({ start: 'flat', qLimits: false, tolerance: 1e-6, maxIterations: 30 })
        status = outcome.status
        if (status === 'diverged') return
        if (status === 'converged') {
            solver.computeResult()
            solvedOnce = true
        }
        readResult(status === 'converged')
    }

    function readResult(alive: boolean): void {
        const { result } = solver
        if (!alive) {
            for (const column of [result.vmPu, result.vaDeg, result.pFromMw, result.qFromMvar, result.pToMw, result.qToMvar]) column.fill(0)
            for (const column of [result.loadingPercent, result.generatorMw, result.generatorMvar]) column.fill(0)
            result.energised.fill(0)
        }
        state.vmPu.set(result.vmPu)
        state.vaDeg.set(result.vaDeg)
        state.pFromMw.set(result.pFromMw)
        state.qFromMvar.set(result.qFromMvar)
        state.pToMw.set(result.pToMw)
        state.qToMvar.set(result.qToMvar)
        state.loadingPercent.set(result.loadingPercent)
        state.generatorMw.set(result.generatorMw)
        state.generatorMvar.set(result.generatorMvar)
        for (let k = 0; k < nBranch; k++) {
            const vFrom = state.vmPu[fromRow[k]!]!
            const vTo = state.vmPu[toRow[k]!]!
            state.iFromKa[k] = vFrom > 0 ? (Math.hypot(state.pFromMw[k]!, state.qFromMvar[k]!) / vFrom) * currentBase[k]! : 0
            state.iToKa[k] = vTo > 0 ? (Math.hypot(state.pToMw[k]!, state.qToMvar[k]!) / vTo) * currentBaseTo[k]! : 0
        }
        for (let d = 0; d < nLoad; d++) {
            const fed = isFed(d) && alive
            state.loadMw[d] = fed ? input.loadMw[d]! : 0
            state.loadMvar[d] = fed ? input.loadMvar[d]! : 0
        }
        for (let s = 0; s < nStorage; s++) if (state.storageOn[s] === 0 || !isEnergised(busOfStorage[s]!)) state.storageMw[s] = 0
        for (let s = 0; s < network.shunt.length; s++) {
            const v = state.vmPu[busOfShunt[s]!]!
            state.shuntMvar[s] = state.shuntOn[s] === 1 ? network.shunt[s]!.bMvar * v * v : 0
        }
    }

    /** What relays do by themselves: shed load at low frequency or collapsing voltage, drop islands that cannot live. */
    function protect(): void {
        // 0.7 Hz below nominal at 60 Hz, then every 0.2 Hz (NERC PRC-006), each stage about a fifteenth of the load
        const stages = Math.floor((-memory.deviationHz / network.frequencyHz) * 60 * 5 - 2.5)
        while (memory.shedStages < Math.min(stages, 6)) {
            shedLoad(`frequency ${state.frequencyHz[0]!.toFixed(2)} Hz`)
            memory.shedStages++
        }
        if (memory.deviationHz > -0.05) memory.shedStages = 0
        for (let attempt = 0; status === 'diverged' && attempt < 8; attempt++) {
            if (attempt === 0) onEvent({ kind: 'diverged', detail: 'no steady state: voltage collapses until load is shed' })
            shedLoad('voltage collapse')
            solve()
        }
        if (dropWeakIslands()) solve()
    }

    function shedLoad(why: string): void {
        const open = region.switch.flatMap((s, n) => (s.component.startsWith('load/') && state.switchClosed[n] === 1 ? [n] : []))
        const power = (n: number) => Math.abs(state.loadMw[loadRow.get(region.switch[n]!.component)!]!)
        let total = 0
        for (let d = 0; d < nLoad; d++) total += Math.abs(state.loadMw[d]!)
        open.sort((a, b) => power(b) - power(a) || a - b)
        let shed = 0
        // every third of the largest, so that no one town bears it all
        for (let n = memory.shedStages % 3; n < open.length && shed < total / 15; n += 3) {
            state.switchClosed[open[n]!] = 0
            shed += power(open[n]!)
        }
        if (shed > 0) onEvent({ kind: 'load-shed', detail: `${shed.toFixed(1)} MW, ${why}` })
    }
    const loadRow = new Map(network.load.map((l, d) => [`load/${l.id}`, d]))
    const unitSwitches = new Map(region.switch.flatMap((s, n) => (s.side === 'unit' ? [[s.component, n] as const] : [])))

    /** Opens the machines of an island whose balancing unit is pushed beyond what it can do; true when one was. */
    function dropWeakIslands(): boolean {
        const holders = solver.slackBuses()
        if (holders.length < 2 || status !== 'converged') return false
        const main = mainHolder(holders)
        let dropped = false
        for (const busId of holders) {
            if (busId === main) continue
            const here = [...machines.role.keys()].filter((g) => network.generator[g]!.bus === busId && state.generatorOn[g] === 1)
            const power = here.reduce((sum, g) => sum + state.generatorMw[g]!, 0)
            const most = here.reduce((sum, g) => sum + 1.1 * Math.max(0, machines.pMaxMw[g]!), 0)
            if (power <= most + 1 && power >= -1) continue
            for (const g of here) {
                const s = unitSwitches.get(`generator/${network.generator[g]!.id}`)
                if (s !== undefined) state.switchClosed[s] = 0
            }
            dropped = true
            onEvent({ kind: 'island-lost', detail: `bus ${busId}: ${power.toFixed(1)} MW asked of ${most.toFixed(1)} MW` })
        }
        return dropped
    }
    /** the island with the most machine power is the system whose frequency we follow */
    function mainHolder(holders: readonly number[]): number {
        const declared = holders.find((b) => network.bus[state.busAt.get(b)!]!.type === 'slack')
        return declared ?? holders[0]!
    }

    return { memory, step, resolve: solve, losses: () => solver.result.lossesMw, lastStatus: () => status }
}

/** Share of half its power a battery gives by hour: fills 1–5 and 11–14 h, gives 17–21 h, within 15–90 % charge. */
function storageShare(hour: number, socPercent: number): number {
    if ((hour >= 1 && hour < 5) || (hour >= 11 && hour < 14)) return socPercent < 90 ? -1 : 0
    return hour >= 17 && hour < 21 && socPercent > 15 ? 1 : 0
}
