/** Whether measured days can be kept: what is wrong with them, all at once. */
import { periodsOf } from '@gridverse/plan'
import type { MeasuredDay } from '@gridverse/study'
import type { Issue } from '@gridverse/units'

const isDate = (day: string) => /^\d{4}-\d{2}-\d{2}$/.test(day) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
const known = /^(pv|wind)(\/.+)?$|^(load|price|air)$/

/** The issues of new days, among themselves and with those kept already (whose periods they must share). */
export function checkDays(days: readonly MeasuredDay[], kept: readonly MeasuredDay[] = []): Issue[] {
    const issues: Issue[] = []
    const say = (code: Issue['code'], path: string, message: string) => void issues.push({ code, path, message })
    const first = kept[0] ?? days[0]
    const seen = new Set<string>()
    for (const day of days) {
        const at = `days/${day.day}`
        if (!validDate(day.day)) say('invalid-value', at, `"${day.day}" is no date; write it like 2026-06-01`)
        if (seen.has(day.day)) say('duplicate-id', at, `${day.day} is given twice`)
        seen.add(day.day)
        const periods = periodsOf(day)
        if (Math.abs(periods * day.dtH - 24) > 1e-6)
            say('out-of-range', `${at}/dtH`, `${periods} periods of ${day.dtH} h are ${periods * day.dtH} h, not a day of 24 h`)
        else if (first && Math.abs(first.dtH - day.dtH) > 1e-9)
            say('out-of-range', `${at}/dtH`, `periods of ${day.dtH} h do not go with the ${first.dtH} h of ${first.day}`)
        for (const [name, course] of Object.entries(day.courses)) {
            const path = `${at}/courses/${name}`
            if (!known.test(name)) say('unknown-column', path, `"${name}" is no course: pv/NAME, wind/NAME, load, price, air`)
            if (course.length !== periods) say('out-of-range', path, `${name} has ${course.length} values, others of the day ${periods}`)
            const low = /^(pv|wind|load)/.test(name) ? course.findIndex((v) => v !== null && v < -1e-6) : -1
            if (low >= 0)
                say('out-of-range', path, `${name} is ${course[low]} kW in period ${low}; power available or drawn is not negative`)
        }
    }
    return issues
}

function validDate(day: string): boolean {
    return !Number.isNaN(Date.parse(`${day}T00:00:00Z`)) && isDate(day)
}
