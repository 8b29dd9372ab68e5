/**
 * The transmission grid of the shipped region: the figures of the IEEE Reliability Test System, 24 buses.
 *
 * Sources
 *   [RTS79] IEEE RTS Task Force, "IEEE Reliability Test System", IEEE Trans. PAS-98 no. 6 (1979) 2047–2054:
 *           tables 1 (bus loads), 8–10 (units), 11–12 (branches, ratings), reactor at bus 6.
 *   [RTS96] IEEE RTS Task Force, "The IEEE Reliability Test System – 1996", IEEE Trans. Power Systems 14 no. 3 (1999)
 *           1010–1020: voltage schedule, reactive limits, ramp rates, start-up heat, condenser at bus 14.
 *   [own]   chosen for this region.
 * Per-unit figures are on 100 MVA and the bus voltage; 60 Hz.
 */

/**
 * bus, kV, role, load MW, load Mvar [RTS79 tables 1 and 5], area [RTS96 table 1]. The roles follow the voltage schedule:
 * every bus with machines holds its voltage, bus 13 is the reference.
 */
export const buses: readonly (readonly [number, number, 'pq' | 'pv' | 'slack', number, number, number])[] = [
    [1, 138, 'pv', 108, 22, 1],
    [2, 138, 'pv', 97, 20, 1],
    [3, 138, 'pq', 180, 37, 1],
    [4, 138, 'pq', 74, 15, 1],
    [5, 138, 'pq', 71, 14, 1],
    [6, 138, 'pq', 136, 28, 2],
    [7, 138, 'pv', 125, 25, 2],
    [8, 138, 'pq', 171, 35, 2],
    [9, 138, 'pq', 175, 36, 1],
    [10, 138, 'pq', 195, 40, 2],
    [11, 230, 'pq', 0, 0, 3],
    [12, 230, 'pq', 0, 0, 3],
    [13, 230, 'slack', 265, 54, 3],
    [14, 230, 'pv', 194, 39, 3],
    [15, 230, 'pv', 317, 64, 4],
    [16, 230, 'pv', 100, 20, 4],
    [17, 230, 'pq', 0, 0, 4],
    [18, 230, 'pv', 333, 68, 4],
    [19, 230, 'pq', 181, 37, 3],
    [20, 230, 'pq', 128, 26, 3],
    [21, 230, 'pv', 0, 0, 4],
    [22, 230, 'pv', 0, 0, 4],
    [23, 230, 'pv', 0, 0, 3],
    [24, 230, 'pq', 0, 0, 4],
]

/** Operating band of every bus, p.u. [own]: a little wider than the ±5 % usual for the test system, so that a bus held at 1.05 is inside it. */
export const voltageBand = { vMinPu: 0.94, vMaxPu: 1.06 }

/**
 * Reactors, Mvar given at 1 p.u.: bus 6 [RTS79 table 2]; bus 10 [own], for the other end of the cable 6–10, which gives
 * 246 Mvar by itself and would lift the voltage of a light night beyond the band.
 */
export const reactors = [
    { bus: 6, bMvar: -100 },
    { bus: 10, bMvar: -75 },
] as const

/** from, to, r, x, b p.u., normal / long-time emergency / short-time emergency rating MVA [RTS79 tables 11, 12], ratio (1 for a line) [RTS96]. */
export const branches: readonly (readonly [number, number, number, number, number, number, number, number, number])[] = [
    [1, 2, 0.0026, 0.0139, 0.4611, 175, 193, 200, 1],
    [1, 3, 0.0546, 0.2112, 0.0572, 175, 208, 220, 1],
    [1, 5, 0.0218, 0.0845, 0.0229, 175, 208, 220, 1],
    [2, 4, 0.0328, 0.1267, 0.0343, 175, 208, 220, 1],
    [2, 6, 0.0497, 0.192, 0.052, 175, 208, 220, 1],
    [3, 9, 0.0308, 0.119, 0.0322, 175, 208, 220, 1],
    [3, 24, 0.0023, 0.0839, 0, 400, 510, 600, 1.03],
    [4, 9, 0.0268, 0.1037, 0.0281, 175, 208, 220, 1],
    [5, 10, 0.0228, 0.0883, 0.0239, 175, 208, 220, 1],
    [6, 10, 0.0139, 0.0605, 2.459, 175, 193, 200, 1],
    [7, 8, 0.0159, 0.0614, 0.0166, 175, 208, 220, 1],
    [8, 9, 0.0427, 0.1651, 0.0447, 175, 208, 220, 1],
    [8, 10, 0.0427, 0.1651, 0.0447, 175, 208, 220, 1],
    [9, 11, 0.0023, 0.0839, 0, 400, 510, 600, 1.03],
    [9, 12, 0.0023, 0.0839, 0, 400, 510, 600, 1.03],
    [10, 11, 0.0023, 0.0839, 0, 400, 510, 600, 1.02],
    [10, 12, 0.0023, 0.0839, 0, 400, 510, 600, 1.02],
    [11, 13, 0.0061, 0.0476, 0.0999, 500, 600, 625, 1],
    [11, 14, 0.0054, 0.0418, 0.0879, 500, 600, 625, 1],
    [12, 13, 0.0061, 0.0476, 0.0999, 500, 600, 625, 1],
    [12, 23, 0.0124, 0.0966, 0.203, 500, 600, 625, 1],
    [13, 23, 0.0111, 0.0865, 0.1818, 500, 600, 625, 1],
    [14, 16, 0.005, 0.0389, 0.0818, 500, 600, 625, 1],
    [15, 16, 0.0022, 0.0173, 0.0364, 500, 600, 625, 1],
    [15, 21, 0.0063, 0.049, 0.103, 500, 600, 625, 1],
    [15, 21, 0.0063, 0.049, 0.103, 500, 600, 625, 1],
    [15, 24, 0.0067, 0.0519, 0.1091, 500, 600, 625, 1],
    [16, 17, 0.0033, 0.0259, 0.0545, 500, 600, 625, 1],
    [16, 19, 0.003, 0.0231, 0.0485, 500, 600, 625, 1],
    [17, 18, 0.0018, 0.0144, 0.0303, 500, 600, 625, 1],
    [17, 22, 0.0135, 0.1053, 0.2212, 500, 600, 625, 1],
    [18, 21, 0.0033, 0.0259, 0.0545, 500, 600, 625, 1],
    [18, 21, 0.0033, 0.0259, 0.0545, 500, 600, 625, 1],
    [19, 20, 0.0051, 0.0396, 0.0833, 500, 600, 625, 1],
    [19, 20, 0.0051, 0.0396, 0.0833, 500, 600, 625, 1],
    [20, 23, 0.0028, 0.0216, 0.0455, 500, 600, 625, 1],
    [20, 23, 0.0028, 0.0216, 0.0455, 500, 600, 625, 1],
    [21, 22, 0.0087, 0.0678, 0.1424, 500, 600, 625, 1],
]

export interface MachineType {
    readonly kind: 'nuclear' | 'coal' | 'oil' | 'gas' | 'hydro' | 'condenser'
    readonly pMinMw: number
    readonly pMaxMw: number
    readonly qMinMvar: number
    readonly qMaxMvar: number
    readonly rampMwPerMin: number
    /** fuel price times full-load heat rate, money/MWh */
    readonly costPerMwh: number
    /** fuel price times cold start-up heat, money */
    readonly startCost: number
}

/**
 * Unit types. Sizes [RTS79 table 8], reactive limits and ramps [RTS96 tables 9, 10]. Costs are the fuel price of [RTS79]
 * ($/MBtu: nuclear 0.60, coal 1.20, no. 6 oil 2.30, no. 2 oil 3.00) times the full-load heat rate [RTS79 table 9] or
 * the cold start-up heat [RTS96 table 8]. The 20 MW combustion turbines burn gas here [own]; the ramp of the hydro units
 * and of the condenser is [own].
 */
export const machineTypes: Readonly<Record<string, MachineType>> = {
    U12: { kind: 'oil', pMinMw: 2.4, pMaxMw: 12, qMinMvar: 0, qMaxMvar: 6, rampMwPerMin: 1, costPerMwh: 27.6, startCost: 156.4 },
    U20: { kind: 'gas', pMinMw: 16, pMaxMw: 20, qMinMvar: 0, qMaxMvar: 10, rampMwPerMin: 3, costPerMwh: 43.5, startCost: 15 },
    U50: { kind: 'hydro', pMinMw: 10, pMaxMw: 50, qMinMvar: -10, qMaxMvar: 16, rampMwPerMin: 50, costPerMwh: 0, startCost: 0 },
    U76: { kind: 'coal', pMinMw: 15.2, pMaxMw: 76, qMinMvar: -25, qMaxMvar: 30, rampMwPerMin: 2, costPerMwh: 14.4, startCost: 715.2 },
    U100: { kind: 'oil', pMinMw: 25, pMaxMw: 100, qMinMvar: 0, qMaxMvar: 60, rampMwPerMin: 7, costPerMwh: 23, startCost: 1301.8 },
    U155: { kind: 'coal', pMinMw: 54.3, pMaxMw: 155, qMinMvar: -50, qMaxMvar: 80, rampMwPerMin: 3, costPerMwh: 11.64, startCost: 1143.6 },
    U197: { kind: 'oil', pMinMw: 69, pMaxMw: 197, qMinMvar: 0, qMaxMvar: 80, rampMwPerMin: 3, costPerMwh: 22.08, startCost: 1782.5 },
    U350: { kind: 'coal', pMinMw: 140, pMaxMw: 350, qMinMvar: -25, qMaxMvar: 150, rampMwPerMin: 4, costPerMwh: 11.4, startCost: 5361.6 },
    U400: { kind: 'nuclear', pMinMw: 100, pMaxMw: 400, qMinMvar: -50, qMaxMvar: 200, rampMwPerMin: 20, costPerMwh: 6, startCost: 0 },
    SC: { kind: 'condenser', pMinMw: 0, pMaxMw: 0, qMinMvar: -50, qMaxMvar: 200, rampMwPerMin: 1, costPerMwh: 0, startCost: 0 },
}

/** type, bus, how many [RTS79 table 10], voltage held p.u. [RTS96 table 9], MW each in the start case [own: room left for wind and sun; turbines stopped]. */
export const machines: readonly (readonly [string, number, number, number, number])[] = [
    ['U20', 1, 2, 1.035, 0],
    ['U76', 1, 2, 1.035, 76],
    ['U20', 2, 2, 1.035, 0],
    ['U76', 2, 2, 1.035, 76],
    ['U100', 7, 3, 1.025, 75],
    ['U197', 13, 3, 1.02, 75],
    ['SC', 14, 1, 0.98, 0],
    ['U12', 15, 5, 1.014, 6],
    ['U155', 15, 1, 1.014, 155],
    ['U155', 16, 1, 1.017, 155],
    ['U400', 18, 1, 1.05, 400],
    ['U400', 21, 1, 1.05, 400],
    ['U50', 22, 6, 1.05, 40],
    ['U155', 23, 2, 1.05, 155],
    ['U350', 23, 1, 1.05, 350],
]
