/** Instances small enough to be solved on paper, and a random one with every kind of resource. */
import { createRandom } from '@gridverse/math'

const head = { format: 'vpp-instance/1', currency: 'EUR' }

/** Two hours, one turbine, one battery: 36.78. */
export const oneDay = {
    ...head,
    name: 'one day',
    T: 2,
    dt: 1,
    risk: { alpha: 0.9, beta: 0 },
    grid: { buyPrice: 0.8, sellPrice: 0.3, shortPrice: 2, surplusPrice: 0, importMax: 500, exportMax: 500, imbalance: 'forbidden' },
    load: { fixed: 100 },
    pvPlants: [{ name: 'roof', capacity: 200 }],
    gasTurbines: [{ name: 'turbine', pmin: 0, segments: [{ width: 60, cost: 0.5 }], u0: 1, mustRun: true }],
    batteries: [{ name: 'battery', pCh: 30, pDis: 30, eMin: 0, eMax: 50, e0: 10, etaCh: 1, etaDis: 0.8, degCost: 0.02, final: 'geq' }],
    curtailable: [{ name: 'cold store', max: [10, 10], price: 0.75 }],
    scenarios: [{ prob: 1, pv: [[150, 0]] }],
}

/** One hour, sun 40 or 100: how much to sell. The choice turns at a risk weight of 1/7. */
export const newsvendor = {
    ...head,
    name: 'newsvendor',
    T: 1,
    dt: 1,
    risk: { alpha: 0.5, beta: 0 },
    grid: { buyPrice: 0.5, sellPrice: 0.3, shortPrice: 0.5, surplusPrice: 0.1, importMax: 0, exportMax: 500 },
    load: { fixed: 0 },
    pvPlants: [{ name: 'roof', capacity: 100 }],
    scenarios: [
        { prob: 0.5, pv: [[40]] },
        { prob: 0.5, pv: [[100]] },
    ],
}

/** One hour, sun 20 or 60, a turbine that can fill the gap. The choice turns at a risk weight of 0.8. */
export const coordination = {
    ...head,
    name: 'coordination',
    T: 1,
    dt: 1,
    risk: { alpha: 0.5, beta: 0 },
    grid: { buyPrice: 0.6, sellPrice: 0.45, shortPrice: 1, surplusPrice: 0, importMax: 500, exportMax: 500 },
    load: { fixed: 0 },
    pvPlants: [{ name: 'roof', capacity: 60 }],
    gasTurbines: [{ name: 'turbine', pmin: 0, segments: [{ width: 40, cost: 0.5 }], u0: 1, mustRun: true }],
    forecast: { pv: [[40]] },
    scenarios: [
        { prob: 0.5, pv: [[20]] },
        { prob: 0.5, pv: [[60]] },
    ],
}

/** A day of 12 two-hour periods with every kind of resource and a feeder, from a seed. */
export function randomDay(seed: number, scenarios = 3) {
    const random = createRandom(seed)
    const T = 12
    const around = (mean: number, spread: number) => mean * (1 + spread * (2 * random.uniform() - 1))
    const series = (mean: number, spread: number) => Array.from({ length: T }, () => around(mean, spread))
    const sun = (size: number) =>
        Array.from({ length: T }, (_, t) => Math.max(0, size * Math.sin((Math.PI * (t - 2)) / 8)) * around(0.7, 0.4))
    const buy = series(0.5, 0.5)
    return {
        ...head,
        name: `random ${seed}`,
        T,
        dt: 2,
        risk: { alpha: 0.7, beta: 0 },
        grid: {
            buyPrice: buy,
            sellPrice: buy.map((p) => 0.9 * p),
            shortPrice: buy.map((p) => p + 1),
            surplusPrice: 0,
            importMax: 4000,
            exportMax: 4000,
        },
        load: { fixed: series(900, 0.4) },
        pvPlants: [{ name: 'field', capacity: 900, curtailCost: 0.01 }],
        windPlants: [{ name: 'turbines', capacity: 300 }],
        gasTurbines: [
            {
                name: 'engine',
                pmin: 150,
                segments: [
                    { width: 200, cost: 0.35 },
                    { width: 150, cost: 0.5 },
                ],
                noLoadCost: 40,
                startCost: 60,
                om: 0.01,
                rampUp: 150,
                rampDown: 120,
                minUp: 4,
                minDown: 4,
                co2: 0.5,
                heatRatio: 1.1,
                commitBlock: 2,
            },
        ],
        batteries: [
            {
                name: 'battery',
                pCh: 150,
                pDis: 150,
                eMin: 40,
                eMax: 400,
                e0: 120,
                etaCh: 0.95,
                etaDis: 0.95,
                selfLoss: 0.001,
                degCost: 0.03,
            },
        ],
        curtailable: [{ name: 'freezers', frac: 0.1, price: 0.7, energyMax: 500 }],
        evs: [
            {
                name: 'street posts',
                arrive: 2,
                depart: 9,
                pCh: 80,
                pDis: 40,
                eArrive: 60,
                eDepart: 240,
                eMin: 20,
                eMax: 300,
                etaCh: 0.93,
                etaDis: 0.93,
                degCost: 0.05,
            },
        ],
        airConditioners: [
            {
                name: 'offices',
                mode: 'cool',
                R: 0.05,
                C: 150,
                cop: 3,
                pMax: 150,
                tOut: series(28, 0.15),
                gain: 50,
                tMin: 20,
                tMax: 26,
                t0: 24,
                tSet: 23,
                discomfortPrice: 0.3,
            },
        ],
        waterHeaters: [{ name: 'boilers', eta: 0.97, pMax: 60, hMin: 20, hMax: 250, h0: 100, loss: 0.01, draw: series(25, 0.6) }],
        heat: {
            demand: series(120, 0.3),
            boilers: [{ name: 'gas boiler', qMax: 300, eff: 0.9, fuelPrice: 0.25, co2: 0.2 }],
            electricBoilers: [{ name: 'electric boiler', pMax: 60, eff: 0.97 }],
            tanks: [
                {
                    name: 'tank',
                    pCh: 80,
                    pDis: 80,
                    eMin: 0,
                    eMax: 400,
                    e0: 100,
                    etaCh: 0.98,
                    etaDis: 0.98,
                    selfLoss: 0.005,
                    degCost: 0.001,
                },
            ],
        },
        cold: {
            demand: series(50, 0.3),
            chillers: [{ name: 'chiller', pMax: 30, cop: 4 }],
            absorption: [{ name: 'absorber', qMax: 80, cop: 0.7 }],
            ice: [{ name: 'ice', pMakeMax: 25, copMake: 2.7, meltMax: 60, cap: 300, i0: 80, loss: 0.003 }],
        },
        carbon: { price: 0.06 },
        network: {
            slack: 'a',
            v0: 1,
            vMin: 0.93,
            vMax: 1.05,
            baseKV: 10,
            loadPf: 0.95,
            buses: ['a', 'b', 'c'],
            branches: [
                { from: 'b', to: 'a', r: 0.4, x: 0.5, pMax: 1500 },
                { from: 'b', to: 'c', r: 0.8, x: 0.7, pMax: 900 },
            ],
            assign: { load: { b: 0.6, c: 0.4 }, pv: ['c'], wind: ['b'], gt: ['b'], bat: ['c'], ev: ['b'], other: 'b' },
        },
        scenarios: Array.from({ length: scenarios }, () => ({
            prob: 1 / scenarios,
            pv: [sun(900)],
            wind: [series(150, 0.8)],
            load: series(900, 0.3),
        })),
    }
}
