/** A value on its way to a target at no more than `ratePerMin` in either direction, after `dtS` seconds. */
export function rampTowards(value: number, target: number, ratePerMin: number, dtS: number): number {
    const step = (ratePerMin / 60) * dtS
    return target > value ? Math.min(target, value + step) : Math.max(target, value - step)
}
