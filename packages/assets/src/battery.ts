/**
 * A battery behind its inverter. Power at the terminal, MW, discharge positive.
 *
 *   charging     dE = −P · η_charge · dt      (P < 0)
 *   discharging  dE = −P / η_discharge · dt   (P > 0)
 */
export interface Battery {
    /** most charge power, MW, negative */
    readonly pMinMw: number
    /** most discharge power, MW */
    readonly pMaxMw: number
    /** usable energy when full, MWh */
    readonly energyMwh: number
    /** one-way efficiencies, 0 … 1; together 0.9 round trip */
    readonly chargeEfficiency?: number
    readonly dischargeEfficiency?: number
}

/** Power and state of charge after `dtS` seconds at a setpoint; empties and fills exactly, never beyond. */
export function advanceBattery(battery: Battery, socPercent: number, pSetMw: number, dtS: number): { pMw: number; socPercent: number } {
    const { pMinMw, pMaxMw, energyMwh, chargeEfficiency = 0.9487, dischargeEfficiency = 0.9487 } = battery
    const dtH = dtS / 3600
    const energy = (socPercent / 100) * energyMwh
    const mostOut = dtH > 0 ? (energy * dischargeEfficiency) / dtH : pMaxMw
    const mostIn = dtH > 0 ? (energyMwh - energy) / chargeEfficiency / dtH : -pMinMw
    const pMw = Math.min(pMaxMw, mostOut, Math.max(pMinMw, -mostIn, pSetMw))
    const next = energy - (pMw > 0 ? pMw / dischargeEfficiency : pMw * chargeEfficiency) * dtH
    return { pMw: pMw + 0, socPercent: Math.min(100, Math.max(0, (100 * next) / energyMwh)) }
}
