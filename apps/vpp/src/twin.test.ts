import { shippedFleet } from '@gridverse/assets'
import { loadShippedRegion } from '@gridverse/grid'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { checkTwin } from './twin-check.ts'
import { parseTwin } from './twin-file.ts'
import { feedersOf } from './twin-reach.ts'
import { trialPlan } from './twin-trial.ts'
import { emptyTwin, type TwinFile, writeTwin } from './twin-write.ts'

const solver = createHighsSolver({ threads: 1 })
afterAll(() => solver.close())
const region = loadShippedRegion()
const [feeder] = feedersOf(region).filter(({ loads }) => loads.length > 10)
const shipped: TwinFile = {
    ...emptyTwin,
    name: 'Alderford',
    place: { timeZone: region.timeZone, latDeg: region.latDeg, lonDeg: region.lonDeg, feeder: feeder!.id },
    twoPersonKw: 800,
    resources: shippedFleet(),
}
const day = { nowMs: Date.UTC(2026, 5, 20, 12) }

test('TW1 a twin written and read again is the same, and a bare fleet is a twin of its resources', () => {
    const text = writeTwin(shipped)
    const { twin, issues } = parseTwin(text)
    expect(issues).toEqual([])
    expect(twin).toEqual(shipped)
    expect(writeTwin(twin)).toBe(text)
    expect(parseTwin('id,kind,group,ratedKw\nroof,pv,lane,8\n').twin.resources).toMatchObject([{ id: 'roof', ratedKw: 8 }])
})

test('TW2 everything wrong is told at once with its line, and nothing that is right is lost', () => {
    const text = writeTwin(shipped)
        .replace('"socMinPercent":10', '"socMinPercent":110')
        .replace('"importMaxKw": 4000', '"importMaxKw": -1')
        .replace(`"timeZone":${JSON.stringify(region.timeZone)}`, '"timeZone":"Mars/Olympus"')
    const { twin, issues } = parseTwin(text)
    const lines = text.split('\n')
    const told = issues.map(({ path, line }) => [path.split('/')[0], lines[(line ?? 0) - 1]])
    expect(told).toEqual(
        expect.arrayContaining([
            ['place', expect.stringContaining('Mars/Olympus')],
            ['market', expect.stringContaining('-1')],
            ['resource', expect.stringContaining('"socMinPercent":110')],
        ]),
    )
    expect(twin.resources).toHaveLength(shipped.resources.length - 1)
    const exchanged = { ...shipped, market: { ...shipped.market, sellPrice: shipped.market.buyPrice.map((p) => p + 1) } }
    expect(parseTwin(writeTwin(exchanged)).issues.filter(({ path }) => path.startsWith('market/sellPrice'))).toHaveLength(24)
    expect(parseTwin('{"format":"vpp-twin/1"}').issues.map(({ path }) => path)).toEqual(['place', 'resources'])
    expect(parseTwin('{"name":').issues.length).toBeGreaterThan(0)
})

test('TW3 the shipped fleet can be built: reached by its feeder, and its extremes are solved on it', () => {
    const report = checkTwin(shipped, { region, days: 3 })
    expect(report).toMatchObject({ buildable: true, count: shipped.resources.length, metered: 1 })
    expect(report.findings.filter(({ level }) => level === 'error')).toEqual([])
    expect(report.extremes.map(({ name, status }) => [name, status])).toEqual([
        ['as-is', 'converged'],
        ['all-draw', 'converged'],
        ['all-give', 'converged'],
    ])
    const [asIs, draw, give] = report.extremes
    // what is drawn lowers voltages, what is given raises them
    expect(draw!.vMinPu!).toBeLessThan(asIs!.vMinPu!)
    expect(give!.vMaxPu!).toBeGreaterThan(asIs!.vMaxPu!)
    expect(report.findings.find(({ code }) => code === 'days')).toMatchObject({
        level: 'warning',
        message: expect.stringContaining('3 days'),
    })
})

test('TW3 what is missing, out of reach or senseless is found and named', () => {
    const [battery] = shipped.resources.filter(({ kind }) => kind === 'battery')
    const [car] = shipped.resources.filter(({ kind }) => kind === 'home-ev')
    const [roof] = shipped.resources.filter(({ kind }) => kind === 'pv')
    const far = region.network.load.find((l) => !feeder!.loads.some(({ id }) => id === `load/${l.id}`))!
    const odd: TwinFile = {
        ...shipped,
        place: { ...shipped.place, timeZone: 'Asia/Shanghai' },
        market: {
            ...shipped.market,
            exportMaxKw: 0,
            importMaxKw: 1,
            buyPrice: new Array(24).fill(0.3),
            sellPrice: new Array(24).fill(0.2),
        },
        resources: [
            ...shipped.resources.filter((r) => r !== battery && r !== car && r !== roof),
            { ...battery!, energyKwh: 1, chargeKw: 100, connection: '' } as never,
            { ...car!, chargeKw: 0.5, arriveH: 6, departH: 7 } as never,
            { ...roof!, latDeg: 0, lonDeg: 0, connection: `load/${far.id}` } as never,
            { ...roof!, id: 'lost', latDeg: 10, connection: 'load/nowhere' } as never,
        ],
    }
    const codes = checkTwin(odd, { region }).findings.map(({ code }) => code)
    for (const code of [
        'zone-differs',
        'import-small',
        'export-small',
        'no-meter',
        'no-place',
        'far',
        'never-ready',
        'fast-battery',
        'flat-prices',
        'outside-feeder',
        'unknown-connection',
    ])
        expect(codes).toContain(code)
    expect(checkTwin(odd, { region }).buildable).toBe(false)
    expect(checkTwin({ ...shipped, place: { ...shipped.place, feeder: 'branch/none' } }, { region }).findings.map((f) => f.code)).toContain(
        'unknown-feeder',
    )
    expect(checkTwin(emptyTwin).findings.map((f) => f.code)).toContain('no-resources')
})

test('TW4 a first plan is solved, cheaper than rules and letting nobody down; what cannot be planned names its limits', async () => {
    const plan = await trialPlan(shipped, solver, day)
    expect(plan).toMatchObject({ status: 'optimal', missed: 0, relaxation: [] })
    expect(plan.cost!).toBeLessThan(plan.ruleCost!)
    expect(plan.maxViolation).toBeLessThan(1e-6)
    // a heating network whose engine and heater bring a hundredth of what is wanted
    const engine = { ...shipped.resources.find(({ kind }) => kind === 'gas-turbine')!, pMinKw: 1, pMaxKw: 4, heatNetwork: 'town' }
    const tank = { ...shipped.resources.find(({ kind }) => kind === 'heat-tank')!, heatNetwork: 'town', demandKw: 500, dischargeKw: 500 }
    const cold = { ...shipped, resources: [engine, { ...tank, heaterKw: 1, energyKwh: 10 }] as never }
    const never = await trialPlan(cold, solver, { nowMs: Date.UTC(2026, 0, 15, 12) })
    expect(never.status).toBe('infeasible')
    expect(never.relaxation[0]!.what).toContain('heat balance')
})
