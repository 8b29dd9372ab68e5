/** Reads `vpp-instance/1` files (JSON): defaults filled, everything wrong told at once with its line. */
import type { Issue } from '@gridverse/units'
import { type NumberRule, type RecordReader, readRecords } from '../record-reader.ts'
import type { AirConditioner, Cold, EvFleet, Feeder, GasTurbine, Heat, Plant, Run, Scenario, Store, Vpp } from './instance.ts'

export interface VppFile {
    /** fit for use where no issue is an error */
    readonly vpp: Vpp
    readonly issues: readonly Issue[]
}

/** what is sold must not earn more than what is bought for it costs */
const circles = [
    ['surplusPrice', 'shortPrice'],
    ['surplusPrice', 'buyPrice'],
    ['sellPrice', 'buyPrice'],
    ['sellPrice', 'shortPrice'],
] as const
const positive = { above: 0 }
const notNegative = { min: 0 }
const orNothing = { min: 0, default: 0 }
const efficiency = { above: 0, max: 1, default: 1 }

export function parseVpp(text: string): VppFile {
    const { root, issues } = readRecords(text)
    root.choice('format', ['vpp-instance/1'])
    const periods = Math.max(1, root.number('T', { min: 1, max: 10_000, whole: true }))
    const dtH = root.number('dt', { above: 0, max: 24 }) || 1
    const pv = root.list('pvPlants').map(readPlant)
    const wind = root.list('windPlants').map(readPlant)
    const gasTurbines = root.list('gasTurbines').map((r) => readTurbine(r, dtH))
    const generators = root.list('generators').map((r) => ({ kind: 'generic' as const, ...readTurbine(r, dtH) }))
    const batteries = root.list('batteries').map(readStore)
    const fleets = root.list('evs').map((r) => readFleets(r, periods))
    const moved = [
        ...root.list('shiftable').map((r) => readShiftable(r, periods)),
        ...root.list('blocks').map((r) => readBlock(r, periods)),
    ]
    const busesOf = (kind: string) => root.list(kind).map((r) => (r.has('bus') ? r.text('bus') : undefined))
    const risk = root.record('risk')
    const grid = root.record('grid')
    const names = { pv: pv.map((p) => p.name), wind: wind.map((p) => p.name) }
    const readScenario = (r: RecordReader, probability: number): Scenario => ({
        probability,
        pv: r.seriesList('pv', names.pv, periods, notNegative),
        wind: r.seriesList('wind', names.wind, periods, notNegative),
        ...(r.has('load') ? { load: r.series('load', periods, notNegative) } : {}),
    })
    const forecast = root.record('forecast')
    const vpp: Vpp = {
        name: root.text('name', 'vpp'),
        periods,
        dtH,
        currency: root.text('currency', 'CU'),
        risk: {
            alpha: risk.number('alpha', { above: 0, below: 1, default: 0.9 }),
            beta: risk.number('beta', { min: 0, max: 1, default: 0 }),
        },
        grid: {
            buyPrice: grid.series('buyPrice', periods),
            sellPrice: grid.series('sellPrice', periods),
            shortPrice: grid.series('shortPrice', periods),
            surplusPrice: grid.series('surplusPrice', periods),
            importMax: grid.series('importMax', periods, notNegative),
            exportMax: grid.series('exportMax', periods, notNegative),
            imbalance: grid.choice('imbalance', ['penalised', 'forbidden'], 'penalised'),
            ...(grid.has('demandMax') ? { demandMax: grid.series('demandMax', periods, notNegative) } : {}),
            ...(grid.has('feedInMax') ? { feedInMax: grid.series('feedInMax', periods, notNegative) } : {}),
        },
        load: root.record('load').series('fixed', periods, notNegative),
        pv,
        wind,
        gasTurbines: [...gasTurbines, ...generators],
        batteries,
        curtailable: root.list('curtailable').map((r) => ({
            name: r.text('name', 'load'),
            frac: r.number('frac', { min: 0, max: 1, default: 0 }),
            ...(r.has('max') ? { max: r.series('max', periods, notNegative) } : {}),
            price: r.number('price'),
            energyMax: r.number('energyMax', { min: 0, default: Infinity }),
            ...(r.has('rebound') ? { rebound: r.number('rebound', orNothing) } : {}),
            ...(r.has('reboundH') ? { reboundH: r.number('reboundH', positive) } : {}),
            ...(r.has('owed') ? { owed: r.number('owed', notNegative) } : {}),
        })),
        ...(root.has('runs') ? { runs: root.list('runs').map((r) => readRun(r, periods, dtH)) } : {}),
        evs: [...fleets.flat(), ...moved],
        airConditioners: root.list('airConditioners').map((r) => readAirConditioner(r, periods)),
        waterHeaters: root.list('waterHeaters').map((r) => ({
            name: r.text('name', 'water heater'),
            eta: r.number('eta', efficiency),
            pMax: r.number('pMax', notNegative),
            hMin: r.number('hMin', orNothing),
            hMax: r.number('hMax', notNegative),
            h0: r.number('h0', notNegative),
            ...(r.has('hFinal') ? { hFinal: r.number('hFinal', notNegative) } : {}),
            loss: r.number('loss', { min: 0, max: 1, default: 0 }),
            draw: r.series('draw', periods, notNegative),
        })),
        heat: readHeat(root.record('heat'), periods),
        cold: readCold(root.record('cold'), periods),
        carbonPrice: root.record('carbon').number('price', { default: 0 }),
        ...(root.has('network')
            ? {
                  feeder: readFeeder(root.record('network'), {
                      pv: pv.length,
                      wind: wind.length,
                      gt: gasTurbines.length,
                      bat: batteries.length,
                      stays: fleets.map((fleet) => fleet.length),
                      generators: busesOf('generators'),
                      moved: [...busesOf('shiftable'), ...busesOf('blocks')],
                  }),
              }
            : {}),
        ...(forecast.present ? { forecast: readScenario(forecast, 1) } : {}),
        scenarios: root.list('scenarios').map((r) => readScenario(r, r.number('prob', notNegative))),
    }
    checkWhole(root, vpp)
    return { vpp, issues }
}

function readPlant(r: RecordReader): Plant {
    return { name: r.text('name', r.path), capacity: r.number('capacity', orNothing), curtailCost: r.number('curtailCost', { default: 0 }) }
}

function readTurbine(r: RecordReader, dtH: number): GasTurbine {
    const first = r.has('partLoad') ? r.record('partLoad').list('points')[0] : undefined
    const pMin = first ? first.number('p', notNegative) : r.number('pmin', orNothing)
    const rampUp = r.number('rampUp', { above: 0, default: Infinity })
    const rampDown = r.number('rampDown', { above: 0, default: Infinity })
    const curve = r.has('partLoad') ? readPartLoad(r.record('partLoad')) : undefined
    const segments = curve?.segments ?? r.list('segments').map((s) => ({ width: s.number('width', notNegative), cost: s.number('cost') }))
    segments.forEach((s, k) => {
        if (k > 0 && s.cost < segments[k - 1]!.cost)
            r.complain(
                'falling-cost',
                `segments/${k}`,
                `costs ${s.cost}, less than the ${segments[k - 1]!.cost} before; costs must not fall`,
            )
    })
    const onBefore = r.flag('u0', false)
    return {
        name: r.text('name', r.path),
        pMin,
        segments,
        noLoadCost: (curve?.noLoadCost ?? 0) + r.number('noLoadCost', { default: 0 }),
        startCost: r.number('startCost', orNothing),
        om: r.number('om', { default: 0 }),
        rampUp,
        rampDown,
        startRamp: r.number('startRamp', { above: 0, default: Math.max(pMin, rampUp * dtH) }),
        stopRamp: r.number('stopRamp', { above: 0, default: Math.max(pMin, rampDown * dtH) }),
        minUpH: r.number('minUp', orNothing),
        minDownH: r.number('minDown', orNothing),
        onBefore,
        pBefore: r.number('p0', orNothing),
        co2: r.number('co2', { default: 0 }),
        heatRatio: r.number('heatRatio', orNothing),
        commitBlock: r.number('commitBlock', { min: 1, whole: true, default: 1 }),
        integer: r.flag('integer', true),
        mustRun: r.flag('mustRun', false),
    }
}

/** Efficiencies at part load as costs: fuel per hour at the least power, and per kWh between the points. */
function readPartLoad(r: RecordReader) {
    const fuelPrice = r.number('fuelPrice')
    const points = r.list('points').map((point) => ({ p: point.number('p', notNegative), eff: point.number('eff', { above: 0, max: 1 }) }))
    if (points.length < 2) r.complain('missing-value', 'points', 'needs at least two points of power and efficiency')
    const cost = points.map(({ p, eff }) => (fuelPrice * p) / (eff || 1))
    const segments = points.slice(1).map(({ p }, k) => {
        const width = p - points[k]!.p
        if (!(width > 0)) r.complain('limits-crossed', `points/${k + 1}/p`, `is ${p}, but powers must rise`)
        return { width: Math.max(0, width), cost: width > 0 ? (cost[k + 1]! - cost[k]!) / width : 0 }
    })
    return { noLoadCost: cost[0] ?? 0, segments }
}

function readStore(r: RecordReader): Store {
    const store: Store = {
        name: r.text('name', r.path),
        pCh: r.number('pCh', notNegative),
        pDis: r.number('pDis', notNegative),
        eMin: r.number('eMin', orNothing),
        eMax: r.number('eMax', notNegative),
        e0: r.number('e0', notNegative),
        etaCh: r.number('etaCh', efficiency),
        etaDis: r.number('etaDis', efficiency),
        selfLoss: r.number('selfLoss', { min: 0, max: 1, default: 0 }),
        degCost: r.number('degCost', { default: 0 }),
        final: r.choice('final', ['eq', 'geq', 'free'], 'eq'),
        ...(r.has('eFull') ? { eFull: r.number('eFull', positive) } : {}),
    }
    within(r, 'e0', store.e0, store.eMin, store.eMax)
    return store
}

/** A fleet, or one for each of its sessions, which have what they do not say from it. */
function readFleets(r: RecordReader, periods: number): EvFleet[] {
    if (!r.has('sessions')) return [readFleet(r, periods)]
    return r.list('sessions').map((session, k) => ({ ...readFleet(session, periods, r), name: `${r.text('name', r.path)} ${k + 1}` }))
}

function readFleet(own: RecordReader, periods: number, fleet = own): EvFleet {
    const r = { ...own, number: (key: string, rule?: NumberRule) => (own.has(key) ? own : fleet).number(key, rule) }
    const kind = own.has('kind') ? own : fleet
    const arrive = r.number('arrive', { min: 0, max: periods, whole: true })
    const depart = r.number('depart', { min: 0, max: periods, whole: true })
    if (depart <= arrive) r.complain('limits-crossed', 'depart', `is ${depart}, but must come after the arrival at ${arrive}`)
    const stay: EvFleet = {
        name: r.text('name', r.path),
        ...(kind.has('kind') ? { kind: kind.choice('kind', ['household', 'public']) } : {}),
        ...(r.has('readyBy') ? { readyBy: r.number('readyBy', { min: arrive + 1, max: depart, whole: true }) } : {}),
        arrive,
        depart,
        pCh: r.number('pCh', notNegative),
        pDis: r.number('pDis', orNothing),
        eArrive: r.number('eArrive', notNegative),
        eDepart: r.number('eDepart', notNegative),
        eMin: r.number('eMin', orNothing),
        eMax: r.number('eMax', notNegative),
        etaCh: r.number('etaCh', efficiency),
        etaDis: r.number('etaDis', efficiency),
        degCost: r.number('degCost', { default: 0 }),
    }
    within(r, 'eArrive', stay.eArrive, stay.eMin, stay.eMax)
    within(r, 'eDepart', stay.eDepart, stay.eMin, stay.eMax)
    return stay
}

const stillStore = { eMin: 0, etaCh: 1, etaDis: 1 }

function readWindow(r: RecordReader, periods: number) {
    const arrive = r.number('from', { min: 0, max: periods, whole: true, default: 0 })
    const depart = r.number('to', { min: 0, max: periods, whole: true, default: periods })
    if (depart <= arrive) r.complain('limits-crossed', 'to', `is ${depart}, but must come after ${arrive}`)
    return { arrive, depart }
}

/**
 * Load that can be moved within periods: reduced by up to `down`, made up for by up to `up`, no more than `energy` outstanding, paid
 * per kWh reduced; `rebound` kWh come back for each of them, and with `ahead` some may come before.
 */
function readShiftable(r: RecordReader, periods: number): EvFleet {
    const energy = r.number('energy', notNegative)
    return {
        ...stillStore,
        ...readWindow(r, periods),
        name: r.text('name', r.path),
        kind: 'shiftable',
        pDis: r.number('down', notNegative),
        pCh: r.number('up', notNegative),
        eArrive: energy,
        eDepart: energy,
        eMax: r.flag('ahead', false) ? 2 * energy : energy,
        etaDis: 1 / r.number('rebound', { above: 0, default: 1 }),
        degCost: r.number('price', orNothing),
    }
}

/** A load of a given energy that runs within periods, whenever it suits. */
function readBlock(r: RecordReader, periods: number): EvFleet {
    const energy = r.number('energy', notNegative)
    return {
        ...stillStore,
        ...readWindow(r, periods),
        name: r.text('name', r.path),
        kind: 'block',
        pDis: 0,
        pCh: r.number('power', notNegative),
        eArrive: 0,
        eDepart: energy,
        eMax: energy,
        degCost: 0,
    }
}

/** A load of so much power for so many hours that runs once; the last period of it may be a part of one. */
function readRun(r: RecordReader, periods: number, dtH: number): Run {
    const power = r.number('power', notNegative)
    const hours = r.number('hours', positive)
    const length = Math.min(10_000, Math.max(1, Math.ceil(hours / dtH - 1e-9)))
    const own = r.has('windows') ? r.list('windows') : [r]
    const windows = own.map((w) => {
        const { arrive: from, depart: to } = readWindow(w, periods)
        if (to > from && to - from < length)
            w.complain(
                'out-of-range',
                'to',
                `is ${to}, ${to - from} periods after ${from}, but a run of ${hours} h takes ${length}: is the window too narrow, or the run given in minutes?`,
            )
        return { from, to }
    })
    if (own.length === 0) r.complain('missing-value', 'windows', 'is empty: a run needs periods to run in')
    const course = Float64Array.from({ length }, (_, k) => power * Math.min(1, hours / dtH - k))
    return { name: r.text('name', r.path), course, windows }
}

function readAirConditioner(r: RecordReader, periods: number): AirConditioner {
    const tMin = r.number('tMin')
    const tMax = r.number('tMax')
    if (tMin > tMax) r.complain('limits-crossed', 'tMin', `is ${tMin}, above tMax ${tMax}`)
    return {
        name: r.text('name', r.path),
        mode: r.choice('mode', ['cool', 'heat'], 'cool'),
        r: r.number('R', positive),
        c: r.number('C', positive),
        cop: r.number('cop', positive),
        pMax: r.number('pMax', notNegative),
        tOut: r.series('tOut', periods),
        gain: r.series('gain', periods, { default: 0 }),
        tMin,
        tMax,
        t0: r.number('t0'),
        final: r.choice('final', ['geq', 'free'], 'geq'),
        ...(r.has('comfort') ? { comfort: readComfort(r.record('comfort')) } : {}),
        ...(r.has('tSet') ? { tSet: r.number('tSet') } : {}),
        discomfortPrice: r.number('discomfortPrice', orNothing),
    }
}

function readComfort(r: RecordReader): readonly [number, number] {
    const [coldest, warmest] = [r.number('min'), r.number('max')]
    if (coldest > warmest) r.complain('limits-crossed', 'min', `is ${coldest}, above max ${warmest}`)
    return [coldest, warmest]
}

function readHeat(r: RecordReader, periods: number): Heat {
    return {
        demand: r.series('demand', periods, orNothing),
        boilers: r.list('boilers').map((b) => ({
            name: b.text('name', b.path),
            qMax: b.number('qMax', notNegative),
            eff: b.number('eff', { above: 0, default: 1 }),
            fuelPrice: b.number('fuelPrice'),
            co2: b.number('co2', { default: 0 }),
        })),
        electricBoilers: r.list('electricBoilers').map((b) => ({
            name: b.text('name', b.path),
            pMax: b.number('pMax', notNegative),
            eff: b.number('eff', { above: 0, default: 1 }),
        })),
        tanks: r.list('tanks').map(readStore),
    }
}

function readCold(r: RecordReader, periods: number): Cold {
    return {
        demand: r.series('demand', periods, orNothing),
        chillers: r
            .list('chillers')
            .map((c) => ({ name: c.text('name', c.path), pMax: c.number('pMax', notNegative), cop: c.number('cop', positive) })),
        absorption: r
            .list('absorption')
            .map((c) => ({ name: c.text('name', c.path), qMax: c.number('qMax', notNegative), cop: c.number('cop', positive) })),
        ice: r.list('ice').map((c) => {
            const cap = c.number('cap', notNegative)
            const i0 = c.number('i0', notNegative)
            within(c, 'i0', i0, 0, cap)
            return {
                name: c.text('name', c.path),
                pMakeMax: c.number('pMakeMax', notNegative),
                copMake: c.number('copMake', positive),
                meltMax: c.number('meltMax', notNegative),
                cap,
                i0,
                loss: c.number('loss', { min: 0, max: 1, default: 0 }),
            }
        }),
    }
}

interface Placed {
    readonly pv: number
    readonly wind: number
    readonly gt: number
    readonly bat: number
    /** sessions of each fleet */
    readonly stays: readonly number[]
    /** buses told beside the machine or load; that of everything else where there is none */
    readonly generators: readonly (string | undefined)[]
    readonly moved: readonly (string | undefined)[]
}

function readFeeder(r: RecordReader, { pv, wind, gt, bat, stays, generators, moved }: Placed): Feeder {
    const assign = r.record('assign')
    const share = assign.record('load')
    const other = assign.text('other', r.text('slack'))
    const feeder: Feeder = {
        slack: r.text('slack'),
        v0: r.number('v0', positive),
        vMin: r.number('vMin', notNegative),
        vMax: r.number('vMax', positive),
        baseKv: r.number('baseKV', positive),
        loadPf: r.number('loadPf', { above: 0, max: 1, default: 1 }),
        buses: r.texts('buses', undefined),
        branches: r.list('branches').map((b) => ({
            from: b.text('from'),
            to: b.text('to'),
            r: b.number('r', notNegative),
            x: b.number('x', notNegative),
            pMax: b.number('pMax', { min: 0, default: Infinity }),
        })),
        loadShare: Object.fromEntries(share.keys().map((bus) => [bus, share.number(bus, { min: 0, max: 1 })])),
        pv: assign.texts('pv', pv),
        wind: assign.texts('wind', wind),
        gt: [...assign.texts('gt', gt), ...generators.map((bus) => bus ?? other)],
        bat: assign.texts('bat', bat),
        ev: [
            ...assign.texts('ev', stays.length).flatMap((bus, i) => new Array<string>(stays[i] ?? 1).fill(bus)),
            ...moved.map((bus) => bus ?? other),
        ],
        other,
    }
    return { ...feeder, branches: orderBranches(r, feeder) }
}

/** The branches from the slack bus outwards; complains of loops, islands and unknown buses. */
function orderBranches(r: RecordReader, feeder: Feeder): Feeder['branches'] {
    const known = new Set(feeder.buses)
    const named = [...Object.keys(feeder.loadShare), ...feeder.pv, ...feeder.wind, ...feeder.gt, ...feeder.bat, ...feeder.ev, feeder.other]
    for (const bus of new Set([feeder.slack, ...named, ...feeder.branches.flatMap((b) => [b.from, b.to])]))
        if (!known.has(bus)) r.complain('missing-bus', 'buses', `lacks the bus ${bus}, which is named elsewhere`)
    const reached = new Set([feeder.slack])
    const left = new Set(feeder.branches)
    const ordered: Feeder['branches'][number][] = []
    for (let grew = true; grew; ) {
        grew = false
        for (const b of left) {
            if (!reached.has(b.from) && !reached.has(b.to)) continue
            left.delete(b)
            grew = true
            if (reached.has(b.from) && reached.has(b.to)) {
                r.complain('loop', 'branches', `holds a loop at ${b.from}–${b.to}; a feeder must be radial`)
                continue
            }
            const outward = reached.has(b.from) ? b : { ...b, from: b.to, to: b.from }
            ordered.push(outward)
            reached.add(outward.to)
        }
    }
    const islands = feeder.buses.filter((bus) => !reached.has(bus))
    if (islands.length) r.complain('dead-island', 'buses', `holds buses no branch joins to ${feeder.slack}: ${islands.join(', ')}`)
    return ordered
}

function within(r: RecordReader, key: string, value: number, low: number, high: number) {
    if (low > high) r.complain('limits-crossed', key, `cannot lie within ${low} … ${high}: the limits cross`)
    else if (value < low || value > high) r.complain('out-of-range', key, `is ${value}, outside ${low} … ${high}`)
}

function checkWhole(root: RecordReader, vpp: Vpp) {
    const { grid } = vpp
    for (const [dear, cheap] of circles) {
        const periods = Array.from(vpp.load.keys()).filter((t) => grid[dear][t]! > grid[cheap][t]!)
        const t = periods[0]
        if (t === undefined) continue
        const often = periods.length > 1 ? ` and ${periods.length - 1} more` : ''
        root.complain(
            'arbitrage',
            `grid/${dear}`,
            `is ${grid[dear][t]} in period ${t}${often}, above ${cheap} ${grid[cheap][t]}: trading in a circle would earn by itself; are the two exchanged?`,
        )
    }
    if (vpp.scenarios.length === 0) root.complain('missing-value', 'scenarios', 'is empty: at least one scenario is needed')
    const sum = vpp.scenarios.reduce((total, s) => total + s.probability, 0)
    if (vpp.scenarios.length > 0 && Math.abs(sum - 1) > 1e-6)
        root.complain('probabilities', 'scenarios', `has probabilities that add up to ${sum}, not 1`)
}
