/** The named columns of MATPOWER case tables, counted from 1 (manual, appendix B), in the order `idx_*` returns them. */
const bus: [string, number][] = [
    ['PQ', 1],
    ['PV', 2],
    ['REF', 3],
    ['NONE', 4],
    ...number('BUS_I BUS_TYPE PD QD GS BS BUS_AREA VM VA BASE_KV ZONE VMAX VMIN LAM_P LAM_Q MU_VMAX MU_VMIN', 1),
]
const branch: [string, number][] = [
    ...number('F_BUS T_BUS BR_R BR_X BR_B RATE_A RATE_B RATE_C TAP SHIFT BR_STATUS', 1),
    ...number('PF QF PT QT MU_SF MU_ST', 14),
    ...number('ANGMIN ANGMAX', 12),
    ...number('MU_ANGMIN MU_ANGMAX', 20),
]
const gen: [string, number][] = [
    ...number('GEN_BUS PG QG QMAX QMIN VG MBASE GEN_STATUS PMAX PMIN', 1),
    ...number('MU_PMAX MU_PMIN MU_QMAX MU_QMIN', 22),
    ...number('PC1 PC2 QC1MIN QC1MAX QC2MIN QC2MAX RAMP_AGC RAMP_10 RAMP_30 RAMP_Q APF', 11),
]
const cost: [string, number][] = [...number('PW_LINEAR POLYNOMIAL', 1), ...number('MODEL STARTUP SHUTDOWN NCOST COST', 1)]

/** What `[…] = idx_bus` and its kin give, in order. */
export const columnLists: Readonly<Record<string, readonly [string, number][]>> = {
    idx_bus: bus,
    idx_brch: branch,
    idx_gen: gen,
    idx_cost: cost,
}

function number(names: string, first: number): [string, number][] {
    return names.split(' ').map((name, k) => [name, first + k])
}
