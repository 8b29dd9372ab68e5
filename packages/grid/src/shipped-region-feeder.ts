/**
 * The feeder that hangs below two substations of the shipped region: 33 buses at 12.66 kV, 32 branches and 5 ties that
 * are normally open.
 *
 * Source: M. E. Baran and F. F. Wu, "Network reconfiguration in distribution systems for loss reduction and load
 * balancing", IEEE Trans. Power Delivery 4 no. 2 (1989) 1401–1407, appendix: impedances in Ω, loads in kW and kvar.
 * Ratings, positions, the capacitor bank and the supplying transformer are this region's own.
 */

export const feederKv = 12.66

/** from, to, R Ω, X Ω; the last five are the ties. */
export const feederBranches: readonly (readonly [number, number, number, number])[] = [
    [1, 2, 0.0922, 0.047],
    [2, 3, 0.493, 0.2511],
    [3, 4, 0.366, 0.1864],
    [4, 5, 0.3811, 0.1941],
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: a reactance of the source, not 1/√2
    [5, 6, 0.819, 0.707],
    [6, 7, 0.1872, 0.6188],
    [7, 8, 0.7114, 0.2351],
    [8, 9, 1.03, 0.74],
    [9, 10, 1.044, 0.74],
    [10, 11, 0.1966, 0.065],
    [11, 12, 0.3744, 0.1238],
    [12, 13, 1.468, 1.155],
    [13, 14, 0.5416, 0.7129],
    [14, 15, 0.591, 0.526],
    [15, 16, 0.7463, 0.545],
    [16, 17, 1.289, 1.721],
    [17, 18, 0.732, 0.574],
    [2, 19, 0.164, 0.1565],
    [19, 20, 1.5042, 1.3554],
    [20, 21, 0.4095, 0.4784],
    [21, 22, 0.7089, 0.9373],
    [3, 23, 0.4512, 0.3083],
    [23, 24, 0.898, 0.7091],
    [24, 25, 0.896, 0.7011],
    [6, 26, 0.203, 0.1034],
    [26, 27, 0.2842, 0.1447],
    [27, 28, 1.059, 0.9337],
    [28, 29, 0.8042, 0.7006],
    [29, 30, 0.5075, 0.2585],
    [30, 31, 0.9744, 0.963],
    [31, 32, 0.3105, 0.3619],
    [32, 33, 0.341, 0.5302],
    [21, 8, 2, 2],
    [9, 15, 2, 2],
    [12, 22, 2, 2],
    [18, 33, 0.5, 0.5],
    [25, 29, 0.5, 0.5],
]
/** the first so many branches are normally closed */
export const feederClosedBranches = 32

/** kW and kvar at buses 2 … 33. */
export const feederLoads: readonly (readonly [number, number])[] = [
    [100, 60],
    [90, 40],
    [120, 80],
    [60, 30],
    [60, 20],
    [200, 100],
    [200, 100],
    [60, 20],
    [60, 20],
    [45, 30],
    [60, 35],
    [60, 35],
    [120, 80],
    [60, 10],
    [60, 20],
    [60, 20],
    [90, 40],
    [90, 40],
    [90, 40],
    [90, 40],
    [90, 40],
    [90, 50],
    [420, 200],
    [420, 200],
    [60, 25],
    [60, 25],
    [60, 20],
    [120, 70],
    [200, 600],
    [150, 70],
    [210, 100],
    [60, 40],
]

/** Where buses 1 … 33 stand, in blocks along and across the main street, drawn so that both ends of each tie are near. */
export const feederStreets: readonly (readonly [number, number])[] = [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [5, 0],
    [6, 0],
    [7, 0],
    [8, 0],
    [9, 0],
    [10, 0],
    [11, 0],
    [12, 0],
    [12, -1],
    [11, -1],
    [10, -1],
    [9, -1],
    [9, -2],
    [1, 2],
    [3, 2],
    [6, 2],
    [9, 2],
    [2, -1],
    [2, -3],
    [3, -4],
    [5, -1],
    [5, -2],
    [5, -3],
    [5, -4],
    [6, -4],
    [7, -4],
    [8, -4],
    [8, -3],
]
/** side of one block, km */
export const feederBlockKm = 0.32

/** Ratings, MVA: 400 A conductor on the trunk (branches 1–5), 200 A beyond. */
export const feederRateMva = { trunk: 8.77, lateral: 4.39, trunkBranches: 5 }

/** Capacitor bank beside the load of 600 kvar, Mvar at 1 p.u. */
export const feederCapacitor = { bus: 30, bMvar: 0.6 }

/** Supplying transformer, 138/12.66 kV: 10 MVA, 8 % reactance and 0.5 % resistance on its own base. */
export const feederTransformer = { rPu: 0.05, xPu: 0.8, rateMva: 10, rateShortMva: 12, rateEmergencyMva: 15 }
