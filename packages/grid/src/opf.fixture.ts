/** Small cases for optimal power flow whose answers are published or follow by hand; for tests. */
import { parseMatpower } from './matpower.ts'
import type { Branch, Bus, Generator, GeneratorCost, Network } from './network.ts'

/**
 * The nine-bus system after J. H. Chow (Time-Scale Modeling of Dynamic Networks, 1982, p. 70) with the quadratic costs of
 * P. W. Sauer that go with it; its optima are in the MATPOWER manual and many papers.
 */
const chow = `function mpc = chow
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
    1 3   0  0 0 0 1 1 0 345 1 1.1 0.9;
    2 2   0  0 0 0 1 1 0 345 1 1.1 0.9;
    3 2   0  0 0 0 1 1 0 345 1 1.1 0.9;
    4 1   0  0 0 0 1 1 0 345 1 1.1 0.9;
    5 1  90 30 0 0 1 1 0 345 1 1.1 0.9;
    6 1   0  0 0 0 1 1 0 345 1 1.1 0.9;
    7 1 100 35 0 0 1 1 0 345 1 1.1 0.9;
    8 1   0  0 0 0 1 1 0 345 1 1.1 0.9;
    9 1 125 50 0 0 1 1 0 345 1 1.1 0.9;
];
mpc.gen = [
    1   0 0 300 -300 1 100 1 250 10;
    2 163 0 300 -300 1 100 1 300 10;
    3  85 0 300 -300 1 100 1 270 10;
];
mpc.branch = [
    1 4 0      0.0576 0     250 250 250 0 0 1 -360 360;
    4 5 0.017  0.092  0.158 250 250 250 0 0 1 -360 360;
    5 6 0.039  0.17   0.358 150 150 150 0 0 1 -360 360;
    3 6 0      0.0586 0     300 300 300 0 0 1 -360 360;
    6 7 0.0119 0.1008 0.209 150 150 150 0 0 1 -360 360;
    7 8 0.0085 0.072  0.149 250 250 250 0 0 1 -360 360;
    8 2 0      0.0625 0     250 250 250 0 0 1 -360 360;
    8 9 0.032  0.161  0.306 250 250 250 0 0 1 -360 360;
    9 4 0.01   0.085  0.176 250 250 250 0 0 1 -360 360;
];
mpc.gencost = [
    2 1500 0 3 0.11   5   150;
    2 2000 0 3 0.085  1.2 600;
    2 3000 0 3 0.1225 1   335;
];
`
export const chowNetwork = parseMatpower(chow).network
export const chowOptimum = { ac: 5296.69, dc: 5216.03 } as const

/** Money per hour for MW: a·P² + b·P + c. */
export const quadratic = (a: number, b: number, c = 0): GeneratorCost => ({
    model: 'polynomial',
    startup: 0,
    shutdown: 0,
    coefficients: [a, b, c],
})
/** Straight lines through MW, money/h pairs. */
export const piecewise = (...coefficients: number[]): GeneratorCost => ({
    model: 'piecewise-linear',
    startup: 0,
    shutdown: 0,
    coefficients,
})

export const busOf = (id: number, rest: Partial<Bus> = {}): Bus => ({
    id,
    name: '',
    type: id === 1 ? 'slack' : 'pq',
    baseKv: 110,
    vmPu: 1,
    vaDeg: 0,
    vMinPu: 0.9,
    vMaxPu: 1.1,
    area: 1,
    zone: 1,
    site: '',
    ...rest,
})
export const lineOf = (fromBus: number, toBus: number, rest: Partial<Branch> = {}): Branch => ({
    id: `L${fromBus}-${toBus}`,
    kind: 'line',
    fromBus,
    toBus,
    rPu: 0,
    xPu: 0.1,
    bPu: 0,
    ratio: 1,
    shiftDeg: 0,
    rateMva: 0,
    rateShortMva: 0,
    rateEmergencyMva: 0,
    angleMinDeg: -360,
    angleMaxDeg: 360,
    inService: true,
    ...rest,
})
export const generatorOf = (bus: number, pMaxMw: number, rest: Partial<Generator> = {}): Generator => ({
    id: `G${bus}`,
    bus,
    pMw: 0,
    qMvar: 0,
    qMinMvar: -100,
    qMaxMvar: 100,
    vSetPu: 1,
    baseMva: 100,
    pMinMw: 0,
    pMaxMw,
    inService: true,
    ...rest,
})
export const loadOf = (bus: number, pMw: number, qMvar = 0) => ({ id: `D${bus}`, bus, pMw, qMvar, inService: true })
export const networkOf = (rest: Partial<Network>): Network => ({
    name: 'test',
    baseMva: 100,
    frequencyHz: 50,
    bus: [],
    load: [],
    shunt: [],
    generator: [],
    storage: [],
    branch: [],
    generatorCost: [],
    ...rest,
})

/** Two buses: cheap power at 1, dear power and the load at 2, a line between. */
export const twoBuses = (line: Partial<Branch>, loadMw: number, rest: Partial<Network> = {}): Network =>
    networkOf({
        bus: [busOf(1), busOf(2)],
        branch: [lineOf(1, 2, line)],
        generator: [generatorOf(1, 100), generatorOf(2, 100)],
        generatorCost: [quadratic(0, 10), quadratic(0, 30)],
        load: [loadOf(2, loadMw)],
        ...rest,
    })
