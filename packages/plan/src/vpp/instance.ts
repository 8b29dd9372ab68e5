/**
 * A virtual power plant and its day, as the optimiser takes it. Power kW, energy kWh, heat and cold kW thermal, prices in
 * the instance's currency per kWh, temperatures °C. Every series has one value a period; period t runs from t·dtH hours.
 */

export interface Vpp {
    readonly name: string
    /** periods of the day */
    readonly periods: number
    /** length of a period, hours */
    readonly dtH: number
    readonly currency: string
    readonly risk: Risk
    readonly grid: GridTrade
    /** fixed load, kW */
    readonly load: Series
    readonly pv: readonly Plant[]
    readonly wind: readonly Plant[]
    readonly gasTurbines: readonly GasTurbine[]
    readonly batteries: readonly Store[]
    readonly curtailable: readonly Curtailable[]
    /** loads that run once; when is decided the day before. None where absent */
    readonly runs?: readonly Run[]
    readonly evs: readonly EvFleet[]
    readonly airConditioners: readonly AirConditioner[]
    readonly waterHeaters: readonly WaterHeater[]
    readonly heat: Heat
    readonly cold: Cold
    /** per kg of CO₂ */
    readonly carbonPrice: number
    readonly feeder?: Feeder
    /** the day a deterministic plan believes in */
    readonly forecast?: Scenario
    readonly scenarios: readonly Scenario[]
}

export type Series = Float64Array

export interface Risk {
    /** confidence of the conditional value at risk, within (0, 1) */
    readonly alpha: number
    /** weight of risk, 0 … 1 */
    readonly beta: number
}

export interface GridTrade {
    readonly buyPrice: Series
    readonly sellPrice: Series
    /** what missing energy costs on the day */
    readonly shortPrice: Series
    /** what excess energy earns on the day */
    readonly surplusPrice: Series
    readonly importMax: Series
    readonly exportMax: Series
    /** deviations from the day-ahead position cost, or must not be */
    readonly imbalance: 'penalised' | 'forbidden'
    /** most the plant may draw from the grid and give to it, deviations included, kW; unlimited where absent */
    readonly demandMax?: Series
    readonly feedInMax?: Series
}

export interface Plant {
    readonly name: string
    readonly capacity: number
    readonly curtailCost: number
}

export interface GasTurbine {
    readonly name: string
    /** `generic`: any other machine that is committed; the equations are the same */
    readonly kind?: 'gas' | 'generic'
    readonly pMin: number
    /** power above the least, at costs that do not fall */
    readonly segments: readonly { readonly width: number; readonly cost: number }[]
    /** per hour of running */
    readonly noLoadCost: number
    readonly startCost: number
    /** operation and maintenance, per kWh */
    readonly om: number
    /** kW per hour; infinite where not limited */
    readonly rampUp: number
    readonly rampDown: number
    /** kW in the first period of running, and from the last one */
    readonly startRamp: number
    readonly stopRamp: number
    readonly minUpH: number
    readonly minDownH: number
    readonly onBefore: boolean
    readonly pBefore: number
    /** kg per kWh */
    readonly co2: number
    /** kWh of heat per kWh of electricity; 0 where none is used */
    readonly heatRatio: number
    /** periods that share one commitment */
    readonly commitBlock: number
    readonly integer: boolean
    readonly mustRun: boolean
}

/** A battery, or a tank of heat. */
export interface Store {
    readonly name: string
    readonly pCh: number
    readonly pDis: number
    readonly eMin: number
    readonly eMax: number
    readonly e0: number
    readonly etaCh: number
    readonly etaDis: number
    /** share lost per hour */
    readonly selfLoss: number
    /** wear, per kWh discharged */
    readonly degCost: number
    /** content after the last period: as at first, at least that, or any */
    readonly final: 'eq' | 'geq' | 'free'
    /** what the last content is held against, kWh; `e0` where absent */
    readonly eFinal?: number
    /** content when full, kWh, which a state of charge is a share of; `eMax` where absent */
    readonly eFull?: number
    /** least content after each period, kWh, where more than `eMin` is asked for */
    readonly eLeast?: Series
}

export interface Curtailable {
    readonly name: string
    /** greatest reduction, as a share of the load … */
    readonly frac: number
    /** … or in kW */
    readonly max?: Series
    readonly price: number
    /** kWh a day */
    readonly energyMax: number
    /** share of what was gone without that is drawn later, fading with `reboundH` hours; none where absent */
    readonly rebound?: number
    readonly reboundH?: number
    /** kWh still to come back at the beginning of what was reduced before it */
    readonly owed?: number
}

/** A load that runs once, without a break, within one of its windows. */
export interface Run {
    readonly name: string
    /** kW by period from its beginning */
    readonly course: Series
    /** periods it may run in: from ≤ t < to */
    readonly windows: readonly { readonly from: number; readonly to: number }[]
}

export interface EvFleet {
    readonly name: string
    /**
     * Vehicles of a household or at public posts; or what behaves alike: a load that can be moved within its periods (`shiftable`,
     * reduced by discharging and made up for by charging), or a load of a given energy to be run within them (`block`).
     */
    readonly kind?: 'household' | 'public' | 'shiftable' | 'block'
    /** connected in periods arrive ≤ t < depart */
    readonly arrive: number
    readonly depart: number
    readonly pCh: number
    /** 0 where the fleet gives nothing back */
    readonly pDis: number
    readonly eArrive: number
    readonly eDepart: number
    /** period from whose start on the content is at least `eDepart`; `depart` where absent */
    readonly readyBy?: number
    readonly eMin: number
    readonly eMax: number
    readonly etaCh: number
    readonly etaDis: number
    readonly degCost: number
}

export interface AirConditioner {
    readonly name: string
    readonly mode: 'cool' | 'heat'
    /** K/kW */
    readonly r: number
    /** kWh/K */
    readonly c: number
    readonly cop: number
    readonly pMax: number
    readonly tOut: Series
    /** kW of heat from people and things */
    readonly gain: Series
    readonly tMin: number
    readonly tMax: number
    readonly t0: number
    /** no worse after the last period than `tFinal`, or any */
    readonly final: 'geq' | 'free'
    /** °C; `t0` where absent */
    readonly tFinal?: number
    /** coldest and warmest people accept, °C, where the limits are wider because the machine cannot hold it; the limits where absent */
    readonly comfort?: readonly [coldest: number, warmest: number]
    readonly tSet?: number
    /** per K and hour away from `tSet` */
    readonly discomfortPrice: number
}

export interface WaterHeater {
    readonly name: string
    readonly eta: number
    readonly pMax: number
    readonly hMin: number
    readonly hMax: number
    readonly h0: number
    /** least content after the last period, kWh; `h0` where absent */
    readonly hFinal?: number
    /** share lost per hour */
    readonly loss: number
    /** kW thermal drawn */
    readonly draw: Series
}

export interface Heat {
    readonly demand: Series
    readonly boilers: readonly { name: string; qMax: number; eff: number; fuelPrice: number; co2: number }[]
    readonly electricBoilers: readonly { name: string; pMax: number; eff: number }[]
    readonly tanks: readonly Store[]
}

export interface Cold {
    readonly demand: Series
    readonly chillers: readonly { name: string; pMax: number; cop: number }[]
    readonly absorption: readonly { name: string; qMax: number; cop: number }[]
    readonly ice: readonly IceStore[]
}

export interface IceStore {
    readonly name: string
    readonly pMakeMax: number
    readonly copMake: number
    readonly meltMax: number
    readonly cap: number
    readonly i0: number
    /** least content after the last period, kWh; `i0` where absent */
    readonly iFinal?: number
    readonly loss: number
}

/** A radial feeder; voltages p.u. of `baseKv`, impedances ohm. */
export interface Feeder {
    readonly slack: string
    readonly v0: number
    readonly vMin: number
    readonly vMax: number
    readonly baseKv: number
    /** power factor of the fixed load, inductive */
    readonly loadPf: number
    readonly buses: readonly string[]
    /** away from the slack bus, each after the branch that feeds it */
    readonly branches: readonly { from: string; to: string; r: number; x: number; pMax: number }[]
    /** share of the load at each bus */
    readonly loadShare: Readonly<Record<string, number>>
    readonly pv: readonly string[]
    readonly wind: readonly string[]
    readonly gt: readonly string[]
    readonly bat: readonly string[]
    readonly ev: readonly string[]
    /** bus of everything else that draws */
    readonly other: string
}

export interface Scenario {
    readonly probability: number
    /** available power of each plant, kW */
    readonly pv: readonly Series[]
    readonly wind: readonly Series[]
    /** fixed load where the scenario has its own */
    readonly load?: Series
}

/** Whether a fleet is of vehicles, and not a load that behaves alike. */
export const isVehicle = ({ kind }: EvFleet) => kind !== 'shiftable' && kind !== 'block'

/** Commitments of a turbine: one for each block of periods. */
export const blocksOf = (vpp: Vpp, g: GasTurbine) => Math.ceil(vpp.periods / g.commitBlock)
export const blockOf = (g: GasTurbine, t: number) => Math.floor(t / g.commitBlock)
export const loadOf = (vpp: Vpp, scenario: Scenario) => scenario.load ?? vpp.load
/** Greatest reduction of the load by a tier, kW. */
export const reductionMax = (tier: Curtailable, load: Series, t: number) => tier.max?.[t] ?? tier.frac * load[t]!
