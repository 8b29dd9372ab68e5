/**
 * The two-stage program of a virtual power plant in extensive form: minimise (1 − β)·E[C] + β·CVaR(C) over the day-ahead
 * trades and commitments, shared by all scenarios, and each scenario's own dispatch. CVaR is linear by
 * z + E[max(0, C − z)]/(1 − α) (Rockafellar & Uryasev 2000).
 */
import { createProgramBuilder, type LinearProgram } from '@gridverse/math'
import { addFeeder } from './feeder-program.ts'
import { blockOf, loadOf, reductionMax, type Scenario, type Vpp } from './instance.ts'
import { addSeries, type Columns, type CostTerms, charge, feedBus, feedPower, type Work } from './program-work.ts'
import { owedBack, reboundKernel } from './rebound.ts'
import { addRuns, readRuns } from './runs.ts'
import type { Dispatch, FirstStage, Solution } from './solution.ts'
import { addFleet, addStore, forbidBoth, type StoreColumns } from './store-program.ts'
import { addAirConditioner, addHeatAndCold, addWaterHeater, type HeatColumns } from './thermal-program.ts'
import { addCommitment, addTurbine, type Commitment, type TurbineColumns } from './turbine-program.ts'

export interface ProgramOptions {
    readonly beta: number
    /** trades and commitments already decided */
    readonly given?: FirstStage
    /** stores that may not charge and discharge in the same period: keys of `exclusiveKey` */
    readonly exclusive?: ReadonlySet<string>
    /** so many first periods are dispatched alike in all scenarios: what is set before they part; 0 where absent */
    readonly shared?: number
    /** in place of expected cost and risk at β: distances and measures to be least */
    readonly goal?: Goal
    /** what measures may come to at most */
    readonly most?: Partial<Record<Measure, number>>
}

/** What a schedule can be judged by; means over the scenarios but for the CVaR. */
export type Measure = 'expectedCost' | 'cvar' | 'co2Kg' | 'curtailedKwh'

/** Minimise the greatest of per·(measure − from), plus Σ weight·measure. */
export interface Goal {
    readonly distance: Partial<Record<Measure, { readonly from: number; readonly per: number }>>
    readonly weight: Partial<Record<Measure, number>>
}

/** Names a period of a store within a scenario. */
export const exclusiveKey = (scenario: number, kind: 'bat' | 'ev' | 'tank', index: number, k: number) => `${scenario}/${kind}/${index}/${k}`

export interface VppProgram {
    readonly program: LinearProgram
    /** cost no decision changes, at the weights of the objective */
    readonly constant: number
    /** columns and rows of the first stage, which come first */
    readonly firstColumns: number
    readonly firstRows: number
    readFirst(x: Float64Array): FirstStage
    read(x: Float64Array): Solution
}

export function buildProgram(vpp: Vpp, scenarios: readonly Scenario[], options: ProgramOptions): VppProgram {
    const { beta, given } = options
    const builder = createProgramBuilder()
    const first: CostTerms = { terms: [], constant: 0 }
    const trade = (name: string, most: Float64Array, price: Float64Array, sign: number, fixed?: readonly number[]) =>
        Array.from(most, (upper, t) => {
            const column = builder.column(`${name} in period ${t}`, { lower: fixed?.[t] ?? 0, upper: fixed?.[t] ?? upper })
            first.terms.push(column, sign * price[t]! * vpp.dtH)
            return column
        })
    const buy = trade('purchase', vpp.grid.importMax, vpp.grid.buyPrice, 1, given?.buy)
    const sell = trade('sale', vpp.grid.exportMax, vpp.grid.sellPrice, -1, given?.sell)
    const commitments = vpp.gasTurbines.map((g, i) => addCommitment(builder, vpp, g, first, given?.u[i]))

    const runs = addRuns(builder, vpp, given?.runs)
    const firstColumns = builder.columns
    const firstRows = builder.rows
    let constant = 0
    const { goal, most = {} } = options
    const parts = scenarios.map((scenario, s) => {
        const part = addScenario(s)
        const weight = goal ? 0 : (1 - beta) * scenario.probability
        addWeighted(part.work.cost, weight)
        constant += weight * part.work.cost.constant
        return part
    })
    if (!goal) addWeighted(first, 1 - beta)
    const tail = beta > 0 || goal?.distance.cvar || goal?.weight.cvar || most.cvar !== undefined ? addTail(goal ? 0 : beta) : []
    if (goal) addGoal(goal)
    for (const measure of Object.keys(most) as Measure[]) {
        const { terms, constant: already } = measured(measure)
        builder.row(`most of ${measureNames[measure]}`, -Infinity, most[measure]! - already, terms)
    }
    for (let t = 0; t < (options.shared ?? 0); t++) {
        const common = columnsAt(parts[0]!, t)
        for (let s = 1; s < parts.length; s++)
            columnsAt(parts[s]!, t).forEach((column, k) => {
                builder.row(`setpoint ${k} of period ${t} in scenario ${s} as in scenario 0`, 0, 0, [column, 1, common[k]!, -1])
            })
    }
    const program = builder.build()

    function addWeighted(cost: CostTerms, weight: number) {
        for (let k = 0; k < cost.terms.length; k += 2) builder.addCost(cost.terms[k]!, weight * cost.terms[k + 1]!)
    }

    /** Columns of the conditional value at risk, with its terms. */
    function addTail(weight: number): number[] {
        const z = builder.column('value at risk', { lower: -Infinity, cost: weight })
        const terms = [z, 1]
        scenarios.forEach(({ probability }, s) => {
            const share = probability / (1 - vpp.risk.alpha)
            const excess = builder.column(`cost above the value at risk in scenario ${s}`, { cost: weight * share })
            const { cost } = parts[s]!.work
            const less = [...first.terms, ...cost.terms].map((x, k) => (k % 2 === 0 ? x : -x))
            builder.row(`tail of scenario ${s}`, cost.constant, Infinity, [excess, 1, z, 1, ...less])
            terms.push(excess, share)
        })
        return terms
    }

    function measured(measure: Measure): CostTerms {
        if (measure === 'cvar') return { terms: tail, constant: 0 }
        const sum: CostTerms = { terms: [], constant: 0 }
        const add = ({ terms, constant: more }: CostTerms, weight: number) => {
            for (let k = 0; k < terms.length; k += 2) sum.terms.push(terms[k]!, weight * terms[k + 1]!)
            sum.constant += weight * more
        }
        if (measure === 'expectedCost') add(first, 1)
        parts.forEach((part, s) => {
            const terms =
                measure === 'expectedCost' ? part.work.cost : measure === 'co2Kg' ? emitted(vpp, part, commitments) : curtailed(part)
            add(terms, scenarios[s]!.probability)
        })
        return sum
    }

    function addGoal({ distance, weight }: Goal) {
        const furthest = builder.column('greatest distance', {
            lower: -Infinity,
            cost: Object.keys(distance).length > 0 ? 1 : 0,
            upper: Object.keys(distance).length > 0 ? Infinity : 0,
        })
        for (const measure of Object.keys(distance) as Measure[]) {
            const { from, per } = distance[measure]!
            const { terms, constant: already } = measured(measure)
            builder.row(`distance of ${measureNames[measure]}`, -Infinity, per * (from - already), [
                ...terms.map((x, k) => (k % 2 === 0 ? x : per * x)),
                furthest,
                -1,
            ])
        }
        for (const measure of Object.keys(weight) as Measure[]) addWeighted(measured(measure), weight[measure]!)
    }

    function addScenario(s: number): Part {
        const scenario = scenarios[s]!
        const empty = () => Array.from({ length: vpp.periods }, (): number[] => [])
        const work: Work = {
            builder,
            vpp,
            scenario,
            load: loadOf(vpp, scenario),
            runs: runs.drawn,
            label: scenarios.length > 1 ? ` in scenario ${s}` : '',
            power: empty(),
            heat: empty(),
            cold: empty(),
            atBus: new Map(),
            cost: { terms: [], constant: 0 },
        }
        const { feeder } = vpp
        feedPower(work, buy, 1, undefined)
        feedPower(work, sell, -1, undefined)
        const most = vpp.grid.imbalance === 'penalised' ? Infinity : 0
        const short = addSeries(work, 'missing energy', most)
        const surplus = addSeries(work, 'excess energy', most)
        charge(work, short, vpp.grid.shortPrice)
        charge(work, surplus, vpp.grid.surplusPrice, -1)
        feedPower(work, short, 1, undefined)
        feedPower(work, surplus, -1, undefined)
        const renewable = (plants: Vpp['pv'], available: Scenario['pv'], buses: readonly string[] | undefined) =>
            plants.map((plant, n) => {
                const columns = addSeries(work, `power of ${plant.name}`, available[n]!)
                feedPower(work, columns, 1, buses?.[n])
                if (plant.curtailCost !== 0) {
                    charge(work, columns, plant.curtailCost, -1)
                    for (const power of available[n]!) work.cost.constant += plant.curtailCost * power * vpp.dtH
                }
                return columns
            })
        const pv = renewable(vpp.pv, scenario.pv, feeder?.pv)
        const wind = renewable(vpp.wind, scenario.wind, feeder?.wind)
        const gt = vpp.gasTurbines.map((g, i) => addTurbine(work, g, commitments[i]!, feeder?.gt[i]))
        const store = (columns: StoreColumns, bus: string | undefined) => {
            feedPower(work, columns.dis, 1, bus, columns.from)
            feedPower(work, columns.ch, -1, bus, columns.from)
            return columns
        }
        const bat = vpp.batteries.map((b, i) => store(addStore(work, b), feeder?.bat[i]))
        const ev = vpp.evs.map((fleet, i) => store(addFleet(work, fleet), feeder?.ev[i]))
        const curt = vpp.curtailable.map((tier) => addReduction(work, tier))
        const ac = vpp.airConditioners.map((unit) => addAirConditioner(work, unit, feeder?.other))
        const wh = vpp.waterHeaters.map((unit) => addWaterHeater(work, unit, feeder?.other))
        const heat = addHeatAndCold(work, feeder?.other)
        for (let t = 0; t < vpp.periods; t++) {
            const drawn = work.load[t]! + owedBack(vpp, t)
            builder.row(`power balance in period ${t}${work.label}`, drawn, drawn, [
                ...work.power[t]!,
                ...runs.drawn[t]!.map((x, k) => (k % 2 === 0 ? x : -x)),
            ])
        }
        for (const [what, most, sign] of [
            ['demand from', vpp.grid.demandMax, 1],
            ['feed-in to', vpp.grid.feedInMax, -1],
        ] as const)
            most?.forEach((limit, t) => {
                const terms = [buy[t]!, sign, short[t]!, sign, sell[t]!, -sign, surplus[t]!, -sign]
                builder.row(`${what} the grid in period ${t}${work.label}`, -Infinity, limit, terms)
            })
        if (feeder) addFeeder(work, feeder)
        const exclude = (
            kind: 'bat' | 'ev' | 'tank',
            units: readonly { name: string; pCh: number; pDis: number }[],
            columns: readonly StoreColumns[],
        ) =>
            units.forEach((unit, i) => {
                columns[i]!.ch.forEach((_, k) => {
                    if (options.exclusive?.has(exclusiveKey(s, kind, i, k))) forbidBoth(work, unit, columns[i]!, k)
                })
            })
        exclude('bat', vpp.batteries, bat)
        exclude('ev', vpp.evs, ev)
        exclude('tank', vpp.heat.tanks, heat.tank)
        return { work, short, surplus, pv, wind, gt, bat, ev, curt, ac, wh, heat }
    }

    const readFirst = (x: Float64Array): FirstStage => ({
        buy: take(x, buy),
        sell: take(x, sell),
        u: commitments.map((c, i) => valuesOf(c, x, vpp.gasTurbines[i]!.integer)),
        ...(vpp.runs?.length ? { runs: readRuns(vpp, runs, x) } : {}),
    })
    const read = (x: Float64Array): Solution => {
        const firstStage = readFirst(x)
        return { beta, firstStage, scenarios: parts.map((part) => readDispatch(vpp, part, firstStage.u, x)) }
    }
    return { program, constant, firstColumns, firstRows, readFirst, read }
}

export const measureNames: Readonly<Record<Measure, string>> = {
    expectedCost: 'expected cost',
    cvar: 'conditional value at risk',
    co2Kg: 'carbon dioxide',
    curtailedKwh: 'curtailed energy',
}

/** What turbines and boilers emit, kg. */
function emitted({ gasTurbines, heat, dtH }: Vpp, part: Part, commitments: readonly Commitment[]): CostTerms {
    const terms: number[] = []
    gasTurbines.forEach((g, i) => {
        const perKw = g.co2 * dtH
        if (perKw === 0) return
        part.gt[i]!.above[0]?.forEach((_, t) => void terms.push(commitments[i]!.on[blockOf(g, t)]!, perKw * g.pMin))
        for (const columns of part.gt[i]!.above) for (const column of columns) terms.push(column, perKw)
    })
    heat.boilers.forEach((unit, i) => {
        if (unit.co2 !== 0) for (const column of part.heat.boiler[i]!) terms.push(column, (unit.co2 / unit.eff) * dtH)
    })
    return { terms, constant: 0 }
}

/** Sun and wind available and not taken, kWh. */
function curtailed({ work, pv, wind }: Part): CostTerms {
    const { dtH } = work.vpp
    const available = [...work.scenario.pv, ...work.scenario.wind].reduce((sum, series) => sum + series.reduce((a, b) => a + b, 0), 0)
    return { terms: [...pv, ...wind].flatMap((columns) => columns.flatMap((column) => [column, -dtH])), constant: dtH * available }
}

interface Part {
    readonly work: Work
    readonly short: Columns
    readonly surplus: Columns
    readonly pv: readonly Columns[]
    readonly wind: readonly Columns[]
    readonly gt: readonly TurbineColumns[]
    readonly bat: readonly StoreColumns[]
    readonly ev: readonly StoreColumns[]
    readonly curt: readonly Columns[]
    readonly ac: readonly Columns[]
    readonly wh: readonly Columns[]
    readonly heat: HeatColumns
}

/** Everything decided for a period in one scenario, always in the same order. */
function columnsAt(part: Part, t: number): number[] {
    const { heat } = part
    const stores = [...part.bat, ...part.ev, ...heat.tank].flatMap(({ ch, dis, from }) =>
        t >= from && t < from + ch.length ? [ch[t - from]!, dis[t - from]!] : [],
    )
    const turbines = part.gt.flatMap((g) => [...g.above, ...(g.heat ? [g.heat] : [])])
    const ice = heat.ice.flatMap(({ make, melt }) => [make, melt])
    const thermal = [...part.ac, ...part.wh, ...heat.boiler, ...heat.eb, heat.dump, ...heat.chiller, ...heat.abs, ...ice]
    const series = [part.short, part.surplus, ...part.pv, ...part.wind, ...turbines, ...part.curt, ...thermal]
    return [...series.map((columns) => columns[t]!), ...stores]
}

function addReduction(work: Work, tier: Vpp['curtailable'][number]): Columns {
    const { vpp, load, builder, runs } = work
    const shared = (t: number) => !tier.max && tier.frac > 0 && runs[t]!.length > 0
    const columns = addSeries(
        work,
        `reduction of ${tier.name}`,
        load.map((_, t) => (shared(t) ? Infinity : reductionMax(tier, load, t))),
    )
    // a share of the load is one of the runs in it too
    columns.forEach((column, t) => {
        if (!shared(t)) return
        const ofRuns = runs[t]!.map((x, k) => (k % 2 === 0 ? x : -tier.frac * x))
        builder.row(`most reduced of ${tier.name} in period ${t}${work.label}`, -Infinity, reductionMax(tier, load, t), [
            column,
            1,
            ...ofRuns,
        ])
    })
    charge(work, columns, tier.price)
    const shares = Object.entries(vpp.feeder?.loadShare ?? {})
    const feed = (of: Columns, factor: number, from: number) => {
        feedPower(work, of, factor, undefined, from)
        for (const [bus, share] of shares) feedBus(work, of, share * factor, bus, from)
    }
    // each reduction gives in its own period, and takes in those in which it is caught up on
    reboundKernel(tier, vpp.dtH, vpp.periods).forEach((back, j) => {
        const factor = (j === 0 ? 1 : 0) - back
        if (factor !== 0) feed(columns.slice(0, vpp.periods - j), factor, j)
    })
    if (tier.energyMax < Infinity)
        builder.row(
            `energy reduced of ${tier.name}${work.label}`,
            -Infinity,
            tier.energyMax,
            columns.flatMap((column) => [column, vpp.dtH]),
        )
    return columns
}

/** Values of columns; what rounding put below zero is zero. */
const take = (x: Float64Array, columns: Columns): number[] => columns.map((c) => Math.max(0, x[c]!))
const flow = (x: Float64Array, { ch, dis }: StoreColumns) => ({ ch: take(x, ch), dis: take(x, dis) })
const valuesOf = (c: Commitment, x: Float64Array, whole: boolean) =>
    c.on.map((column) => Math.max(0, whole ? Math.round(x[column]!) : x[column]!))

function readDispatch(vpp: Vpp, part: Part, u: readonly (readonly number[])[], x: Float64Array): Dispatch {
    const { heat } = part
    return {
        short: take(x, part.short),
        surplus: take(x, part.surplus),
        pv: part.pv.map((c) => take(x, c)),
        wind: part.wind.map((c) => take(x, c)),
        gt: part.gt.map(({ above }, i) => {
            const g = vpp.gasTurbines[i]!
            return Array.from({ length: vpp.periods }, (_, t) =>
                above.reduce((sum, c) => sum + Math.max(0, x[c[t]!]!), g.pMin * u[i]![blockOf(g, t)]!),
            )
        }),
        gtHeat: part.gt.flatMap(({ heat: h }) => (h ? [take(x, h)] : [])),
        bat: part.bat.map((c) => flow(x, c)),
        curt: part.curt.map((c) => take(x, c)),
        ev: part.ev.map((c) => flow(x, c)),
        ac: part.ac.map((c) => take(x, c)),
        wh: part.wh.map((c) => take(x, c)),
        boiler: heat.boiler.map((c) => take(x, c)),
        eb: heat.eb.map((c) => take(x, c)),
        tank: heat.tank.map((c) => flow(x, c)),
        dump: take(x, heat.dump),
        chiller: heat.chiller.map((c) => take(x, c)),
        abs: heat.abs.map((c) => take(x, c)),
        ice: heat.ice.map(({ make, melt }) => ({ make: take(x, make), melt: take(x, melt) })),
    }
}
