/** What a device keeps for the time nobody speaks to it: powers by period, as its kind signs them, kW. */
export interface FallbackSchedule {
    /** begin of the first period, Unix ms UTC */
    readonly startMs: number
    /** length of a period, s */
    readonly periodS: number
    /** a setpoint of which nothing was heard for so long has ended, s; at most what devices wait without a schedule */
    readonly holdS: number
    /** kW of each period; null: it decides by itself */
    readonly kw: readonly (number | null)[]
}

/** Power the schedule wants at an instant, kW; undefined before, after, and where the device is to decide by itself. */
export function scheduledKw({ startMs, periodS, kw }: FallbackSchedule, tMs: number): number | undefined {
    const period = Math.floor((tMs - startMs) / (1000 * periodS))
    return kw[period] ?? undefined
}

/** Everything wrong with a schedule as it arrived; empty where a device may keep it. */
export function checkSchedule(given: Readonly<Record<keyof FallbackSchedule, unknown>>): string[] {
    const wrong: string[] = []
    const number = (name: 'startMs' | 'periodS' | 'holdS', least: number) => {
        const x = given[name]
        if (!(typeof x === 'number' && Number.isFinite(x) && x >= least)) wrong.push(`${name} must be a number from ${least} on, got ${x}`)
    }
    number('startMs', 0)
    number('periodS', 0.001)
    number('holdS', 0)
    const { kw } = given
    if (!Array.isArray(kw) || kw.length > 1000) wrong.push('kw must be a list of at most 1000 powers')
    else if (!kw.every((x) => x === null || Number.isFinite(x))) wrong.push('kw must hold finite numbers and null')
    return wrong
}
