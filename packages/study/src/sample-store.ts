/** Days as they were: rows of the sample store, added once and never changed. */

/** A day that has ended. */
export interface MeasuredDay {
    /** local calendar date, `2026-06-01` */
    readonly day: string
    /** length of a period, hours; every course has the same number of periods and begins at midnight */
    readonly dtH: number
    /** by the names of the study's sample columns (`pv/NAME`, `wind/NAME`, `load` in kW, `price` per kWh, `air` in °C); null where nothing was measured */
    readonly courses: Readonly<Record<string, readonly (number | null)[]>>
    /** single figures of the day by the names of sample columns: `ev/NAME/arrive`, `ev/NAME/energy` */
    readonly figures?: Readonly<Record<string, number>>
    /** what the day cost, in the currency of the plant */
    readonly cost?: DayCost
}

export interface DayCost {
    /** the plan's expectation */
    readonly expected: number
    /** the plan's conditional value at risk */
    readonly cvar?: number
    /** the least it could have cost with the trades and commitments made */
    readonly attainable?: number
    /** what it did cost */
    readonly realised?: number
}

/** Where days are kept; whoever runs studies brings it. */
export interface SampleStore {
    /** Keeps a day; false where that date is kept already, which stays as it is. */
    append(day: MeasuredDay): Promise<boolean>
    /** Every day kept, oldest first. */
    list(): Promise<readonly MeasuredDay[]>
}
