/**
 * How a load follows the year, the week and the day: P = peak · weekly · daily · hourly.
 *
 * Source of the tables and of the profile `mixed`: IEEE RTS Task Force, "IEEE Reliability Test System", IEEE Trans.
 * PAS-98 (1979), tables 1–3 (weekly, daily and hourly peak in percent of annual, weekly and daily peak). Residential,
 * commercial and industrial shapes are typical ones of our own, made so that no hour is above the peak.
 */
const weekly = [
    86.2, 90, 87.8, 83.4, 88, 84.1, 83.2, 80.6, 74, 73.7, 71.5, 72.7, 70.4, 75, 72.1, 80, 75.4, 83.7, 87, 88, 85.6, 81.1, 90, 88.7, 89.6,
    86.1, 75.5, 81.6, 80.1, 88, 72.2, 77.6, 80, 72.9, 72.6, 70.5, 78, 69.5, 72.4, 72.4, 74.3, 74.4, 80, 88.1, 88.5, 90.9, 94, 89, 94.2, 97,
    100, 95.2,
] as const
/** Monday first */
const daily = [93, 100, 98, 96, 94, 77, 75] as const

/** percent of the daily peak by hour, midnight first: [weekday, weekend] */
const winter = [
    [67, 63, 60, 59, 59, 60, 74, 86, 95, 96, 96, 95, 95, 95, 93, 94, 99, 100, 100, 96, 91, 83, 73, 63],
    [78, 72, 68, 66, 64, 65, 66, 70, 80, 88, 90, 91, 90, 88, 87, 87, 91, 100, 99, 97, 94, 92, 87, 81],
] as const
const summer = [
    [64, 60, 58, 56, 56, 58, 64, 76, 87, 95, 99, 100, 99, 100, 100, 97, 96, 96, 93, 92, 92, 93, 87, 72],
    [74, 70, 66, 65, 64, 62, 62, 66, 81, 86, 91, 93, 93, 92, 91, 91, 92, 94, 95, 95, 100, 93, 88, 80],
] as const
const between = [
    [63, 62, 60, 58, 59, 65, 72, 85, 95, 99, 100, 99, 93, 92, 90, 88, 90, 92, 96, 98, 96, 90, 80, 70],
    [75, 73, 69, 66, 65, 65, 68, 74, 83, 89, 92, 94, 91, 90, 90, 86, 85, 88, 92, 100, 97, 95, 90, 85],
] as const

const shapes = {
    residential: [
        [48, 43, 40, 39, 40, 45, 58, 70, 72, 68, 65, 66, 68, 66, 65, 68, 76, 88, 98, 100, 97, 88, 74, 58],
        [52, 46, 42, 40, 40, 43, 52, 64, 76, 82, 84, 85, 85, 82, 80, 80, 84, 92, 99, 100, 96, 88, 75, 61],
    ],
    commercial: [
        [38, 36, 35, 35, 36, 40, 50, 66, 84, 95, 99, 100, 98, 98, 99, 98, 96, 92, 86, 78, 66, 54, 45, 40],
        [36, 34, 33, 33, 33, 35, 38, 44, 54, 64, 70, 72, 72, 71, 70, 68, 66, 62, 58, 54, 48, 43, 40, 37],
    ],
    industrial: [
        [78, 77, 76, 76, 77, 80, 88, 95, 99, 100, 100, 99, 96, 98, 99, 98, 95, 92, 90, 88, 86, 84, 82, 80],
        [70, 69, 69, 69, 69, 70, 72, 74, 76, 77, 77, 77, 76, 76, 76, 75, 75, 74, 74, 73, 73, 72, 71, 70],
    ],
} as const

/** Names of the profiles, as units carry them. */
export const loadProfiles = ['mixed', 'residential', 'commercial', 'industrial', 'ev'] as const
export type LoadProfile = (typeof loadProfiles)[number]

/** Local time as the tables count it. */
export interface ProfileTime {
    /** 0 … 51 */
    readonly week: number
    /** 0 Monday … 6 Sunday */
    readonly day: number
    /** 0 ≤ hour < 24, with its fraction */
    readonly hour: number
}

/** Time of the tables from an instant (Unix ms UTC) and the offset of local time, h. */
export function toProfileTime(tMs: number, offsetH: number): ProfileTime {
    const localH = tMs / 3_600_000 + offsetH
    const days = Math.floor(localH / 24)
    return {
        week: Math.min(51, Math.floor(dayOfYear(days) / 7)),
        // 1 January 1970 was a Thursday
        day: (((days + 3) % 7) + 7) % 7,
        hour: localH - 24 * days,
    }
}

/** Days since 1 January, from days since 1 January 1970 (Gregorian; H. Hinnant, "chrono-compatible low-level date algorithms"). */
function dayOfYear(days: number): number {
    const shifted = days + 719_468
    const era = Math.floor(shifted / 146_097)
    const dayOfEra = shifted - era * 146_097
    const yearOfEra = Math.floor(
        (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    )
    const sinceMarch = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
    // the year of this calendar starts in March; January and February belong to the year after
    const year = yearOfEra + 400 * era + (sinceMarch >= 306 ? 1 : 0)
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
    return sinceMarch >= 306 ? sinceMarch - 306 : sinceMarch + 59 + (leap ? 1 : 0)
}

/** Load as a share of the annual peak, 0 … 1, running straight from the middle of one hour to the next. An unknown or empty profile gives 1. */
export function loadFactor(profile: string, time: ProfileTime): number {
    if (!(loadProfiles as readonly string[]).includes(profile)) return 1
    const here = Math.floor(time.hour - 0.5)
    const share = time.hour - 0.5 - here
    const before = hourShare(profile as LoadProfile, time, here)
    const after = hourShare(profile as LoadProfile, time, here + 1)
    return before + share * (after - before)
}

/** Value for a whole hour; −1 and 24 fall into the day before and after. */
function hourShare(profile: LoadProfile, time: ProfileTime, hour: number): number {
    const day = (time.day + (hour < 0 ? 6 : hour > 23 ? 1 : 0)) % 7
    const h = (hour + 24) % 24
    const weekend = day > 4 ? 1 : 0
    const season = seasonOf(time.week)
    const week = weekly[time.week]! / 100
    if (profile === 'mixed') return (week * daily[day]! * season[weekend][h]!) / 10_000
    // charging posts follow the cars; their peak stands
    if (profile === 'ev') return 1
    return (week * shapes[profile][weekend][h]!) / 100
}

function seasonOf(week: number) {
    if (week < 8 || week > 42) return winter
    return week > 16 && week < 30 ? summer : between
}
