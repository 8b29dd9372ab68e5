/**
 * A district's virtual power plant to begin with: shops, flats and a swimming hall on a 10 kV feeder in the warm half of
 * the year, latitude 42.5° as the shipped region. Sizes are ours, chosen so that every kind of resource has something to
 * do; prices follow the shape of European day-ahead days of 2024 with their midday valley; efficiencies are those in use
 * (lithium batteries 95 % each way, gas engines 0.42 €/kWh of fuel at part load).
 */

/** kW each hour: an evening peak of flats over the plateau of shops. */
const load = [
    1080, 1020, 990, 980, 1000, 1090, 1290, 1560, 1740, 1810, 1830, 1850, 1840, 1800, 1770, 1790, 1880, 2060, 2290, 2380, 2250, 1930, 1560,
    1260,
]
/** € per kWh, day ahead */
const price = [
    0.31, 0.29, 0.28, 0.28, 0.3, 0.36, 0.47, 0.53, 0.49, 0.39, 0.31, 0.26, 0.23, 0.22, 0.25, 0.32, 0.43, 0.56, 0.66, 0.69, 0.6, 0.48, 0.4,
    0.34,
]
/** share of the wind turbines' capacity expected */
const wind = [
    0.46, 0.47, 0.48, 0.48, 0.47, 0.45, 0.42, 0.38, 0.34, 0.31, 0.29, 0.28, 0.28, 0.29, 0.31, 0.33, 0.36, 0.38, 0.4, 0.42, 0.43, 0.44, 0.45,
    0.46,
]
const outsideC = [
    17, 16.4, 15.9, 15.6, 15.6, 16.1, 17.3, 19, 21, 23, 24.8, 26.2, 27.2, 27.8, 27.9, 27.5, 26.6, 25.3, 23.7, 22.1, 20.7, 19.5, 18.5, 17.7,
]

export const district = {
    format: 'vpp-instance/1',
    name: 'district',
    T: 24,
    dt: 1,
    currency: '€',
    risk: { alpha: 0.9, beta: 0.2 },
    grid: {
        buyPrice: price,
        sellPrice: price.map((p) => Number((0.94 * p).toFixed(4))),
        shortPrice: price.map((p) => Number((p + 0.9).toFixed(4))),
        surplusPrice: 0,
        importMax: 4000,
        exportMax: 4000,
        imbalance: 'penalised',
    },
    load: { fixed: load },
    pvPlants: [
        { name: 'hall roofs', capacity: 1900 },
        { name: 'car parks', capacity: 700 },
    ],
    windPlants: [{ name: 'hill turbines', capacity: 600 }],
    gasTurbines: [
        {
            name: 'gas engine',
            pmin: 300,
            segments: [
                { width: 400, cost: 0.4 },
                { width: 300, cost: 0.46 },
            ],
            noLoadCost: 95,
            startCost: 120,
            om: 0.012,
            rampUp: 1800,
            rampDown: 1800,
            minUp: 3,
            minDown: 2,
            co2: 0.5,
            heatRatio: 1.1,
        },
    ],
    batteries: [
        {
            name: 'battery',
            pCh: 600,
            pDis: 600,
            eMin: 120,
            eMax: 1200,
            e0: 400,
            etaCh: 0.95,
            etaDis: 0.95,
            selfLoss: 0.0002,
            degCost: 0.05,
        },
    ],
    curtailable: [
        { name: 'cold stores', frac: 0.08, price: 0.62 },
        { name: 'flats', frac: 0.05, price: 1.05, energyMax: 600 },
    ],
    evs: [
        { name: 'home posts', arrive: 18, depart: 24, pCh: 300, pDis: 0, eArrive: 500, eDepart: 1200, eMax: 1900, etaCh: 0.93, degCost: 0 },
        {
            name: 'street posts',
            arrive: 8,
            depart: 17,
            pCh: 240,
            pDis: 120,
            eArrive: 260,
            eDepart: 900,
            eMax: 1300,
            etaCh: 0.93,
            etaDis: 0.93,
            degCost: 0.08,
        },
    ],
    airConditioners: [
        { name: 'shops', mode: 'cool', R: 0.05, C: 170, cop: 3.2, pMax: 160, tOut: outsideC, gain: 55, tMin: 20.5, tMax: 26, t0: 24.2 },
    ],
    waterHeaters: [
        {
            name: 'hot water',
            eta: 0.97,
            pMax: 120,
            hMin: 50,
            hMax: 380,
            h0: 180,
            loss: 0.01,
            draw: outsideC.map((_, t) => (t >= 6 && t < 9 ? 60 : t >= 18 && t < 22 ? 50 : 12)),
        },
    ],
    heat: {
        demand: outsideC.map((c) => Number((620 - 18 * c).toFixed(1))),
        boilers: [{ name: 'gas boiler', qMax: 700, eff: 0.92, fuelPrice: 0.11, co2: 0.2 }],
        electricBoilers: [{ name: 'electric boiler', pMax: 150, eff: 0.98 }],
        tanks: [
            {
                name: 'heat tank',
                pCh: 300,
                pDis: 300,
                eMin: 0,
                eMax: 1200,
                e0: 300,
                etaCh: 0.98,
                etaDis: 0.98,
                selfLoss: 0.008,
                degCost: 0.001,
            },
        ],
    },
    cold: {
        demand: outsideC.map((c) => Number(Math.max(30, 14 * (c - 14)).toFixed(1))),
        chillers: [{ name: 'chiller', pMax: 60, cop: 4 }],
        absorption: [{ name: 'absorption chiller', qMax: 120, cop: 0.7 }],
        ice: [{ name: 'ice store', pMakeMax: 60, copMake: 2.7, meltMax: 150, cap: 700, i0: 200, loss: 0.004 }],
    },
    carbon: { price: 0.07 },
    // sun: the clear day's course at the roofs' mean clearness; the samples drawn about it replace it
    forecast: {
        pv: [1900, 700].map((capacity) =>
            Array.from({ length: 24 }, (_, t) =>
                Number((0.52 * capacity * Math.max(0, Math.sin((Math.PI * (t + 0.5 - 5.5)) / 13.5))).toFixed(1)),
            ),
        ),
        wind: [wind.map((share) => 600 * share)],
    },
}
