/** A claim tried: whether it holds, the figures compared, and what they look like drawn. */

export interface Claim {
    /** `a-buyer`, `b1`, … `e`, `2d`, … `3d` */
    readonly id: ClaimId
    readonly holds: boolean
    /** true where this plant and day have nothing the claim speaks of: it holds without saying anything */
    readonly empty?: true
    /** true where it follows for every plant; else it depends on the plant's figures */
    readonly theorem: boolean
    /** what was compared, with units in the names */
    readonly figures: Readonly<Record<string, number>>
    /** what was found that is no number: `stopped by` → `loss` */
    readonly words?: Readonly<Record<string, string>>
    readonly plots: readonly ClaimPlot[]
    /** who is asked before whom, where the claim is of that */
    readonly merit?: MeritOrder
}

export const claimIds = [
    'a-buyer',
    'a-seller',
    'b1',
    'b2',
    'b3',
    'b3-coordinated',
    'c',
    'd1',
    'd2',
    'd3',
    'e',
    '2d',
    '2e',
    '2f',
    '2k',
    '2n',
    '3d',
] as const
export type ClaimId = (typeof claimIds)[number]

export interface ClaimPlot {
    readonly id: string
    /** `period` counts the steps of the day; else what is varied, in `unit`; empty where it has none */
    readonly x: { readonly name: string; readonly unit: string; readonly values: readonly number[] }
    /** unit of the values; empty for a pure number */
    readonly unit: string
    readonly series: readonly ClaimSeries[]
    /** levels that must not be passed */
    readonly limits?: readonly { readonly name: string; readonly at: number }[]
    /** values of x worth a mark */
    readonly marks?: readonly { readonly name: string; readonly at: number }[]
    /** the steps the claim speaks of */
    readonly counted?: readonly boolean[]
}

export interface ClaimSeries {
    readonly name: string
    /** null where there is no value */
    readonly values: readonly (number | null)[]
}

/** To be spread into a claim that speaks of nothing here. */
export const emptyIf = (nothing: boolean): { readonly empty?: true } => (nothing ? { empty: true } : {})

/** A series for drawing: a thousandth of its unit is enough. */
export const series = (name: string, values: readonly (number | null)[]): ClaimSeries => ({
    name,
    values: values.map((v) => (v === null || !Number.isFinite(v) ? null : Math.round(1000 * v) / 1000 || 0)),
})

/** Courses over the steps of a day. */
export const courses = (id: string, unit: string, rows: readonly ClaimSeries[], more: Partial<ClaimPlot> = {}): ClaimPlot => ({
    id,
    x: { name: 'period', unit: '', values: rows[0]?.values.map((_, t) => t) ?? [] },
    unit,
    series: rows,
    ...more,
})

/** One supplier step by step: what it costs, what it could give and what it gave; means over the scenarios. */
export interface Offer {
    readonly name: string
    /** per kWh, in the instance's currency */
    readonly cost: readonly number[]
    /** kW */
    readonly offered: readonly number[]
    readonly taken: readonly number[]
}

export interface MeritOrder {
    /** of the plant; the system's thermal plants are asked at `price` for what is left */
    readonly offers: readonly Offer[]
    /** of the system, per kWh */
    readonly price: readonly number[]
    /** kW drawn by the region, its own storage and flexible load with it */
    readonly demand: readonly number[]
    /** kW the system's thermal plants give: net of what the plant gives to others */
    readonly thermalWithout: readonly number[]
    readonly thermalWith: readonly number[]
}
