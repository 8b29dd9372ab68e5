/** Numbers and times as people of a language read them: sensible digits by unit, a true minus, a dash for nothing. */
import type { Lang } from '../text/index.ts'

const localeOf: Record<Lang, string> = { en: 'en-GB', zh: 'zh-CN' }
const digitsOf: Record<string, number> = {
    MW: 1,
    Mvar: 1,
    MVA: 1,
    MWh: 1,
    'p.u.': 3,
    kV: 1,
    kA: 3,
    '%': 1,
    Hz: 3,
    deg: 2,
    '°C': 1,
    'm/s': 1,
    'W/m²': 0,
    s: 0,
    ms: 0,
    '': 0,
}
const formats = new Map<string, Intl.NumberFormat>()

function formatWith(lang: Lang, digits: number): Intl.NumberFormat {
    const key = `${lang}${digits}`
    let format = formats.get(key)
    if (!format) {
        format = new Intl.NumberFormat(localeOf[lang], { minimumFractionDigits: digits, maximumFractionDigits: digits })
        formats.set(key, format)
    }
    return format
}

/** Digits after the point that a unit deserves. */
export const digitsFor = (unit: string): number => digitsOf[unit] ?? 2

/** A number without its unit; nothing known is a dash. */
export function formatNumber(value: number | null | undefined, digits: number, lang: Lang): string {
    if (value === null || value === undefined || Number.isNaN(value)) return '–'
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
    // −0.0 reads as a direction that is not there
    const shown = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value
    return formatWith(lang, digits).format(shown).replace('-', '−')
}

/** Digits for one value: a feeder's kilowatts show where a plant's megawatts need none of them. */
export function digitsOfValue(value: number | null | undefined, unit: string): number {
    if (unit !== 'MW' && unit !== 'Mvar' && unit !== 'MVA') return digitsFor(unit)
    const size = Math.abs(value ?? 0)
    return size > 0 && size < 2 ? 3 : size < 10 && size > 0 ? 2 : 1
}

/** How a unit is written after a number. */
export const unitText = (unit: string): string => (unit === 'deg' ? '°' : unit)

/** A number with its unit: `128.4 MW`. */
export function formatValue(value: number | null | undefined, unit: string, lang: Lang): string {
    const number = formatNumber(value, digitsOfValue(value, unit), lang)
    if (!unit || number === '–') return number
    return unit === 'deg' || unit === '°C' || unit === '%' ? `${number}${unit === '%' ? ' %' : unitText(unit)}` : `${number} ${unit}`
}

export function formatCount(value: number, lang: Lang): string {
    return formatNumber(value, 0, lang)
}

const dates = new Map<string, Intl.DateTimeFormat>()
function dateWith(lang: Lang, timeZone: string, kind: 'time' | 'full' | 'date'): Intl.DateTimeFormat {
    const key = `${lang}|${timeZone}|${kind}`
    let format = dates.get(key)
    if (!format) {
        const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
        const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
        const options = kind === 'time' ? time : kind === 'date' ? date : { ...date, ...time }
        try {
            format = new Intl.DateTimeFormat(localeOf[lang], { ...options, timeZone })
        } catch {
            format = new Intl.DateTimeFormat(localeOf[lang], { ...options, timeZone: 'UTC' })
        }
        dates.set(key, format)
    }
    return format
}

const known = (tMs: number | null | undefined): tMs is number => typeof tMs === 'number' && Number.isFinite(tMs)

export const formatTime = (tMs: number | null | undefined, timeZone: string, lang: Lang): string =>
    known(tMs) ? dateWith(lang, timeZone, 'time').format(tMs) : '–'
export const formatDateTime = (tMs: number | null | undefined, timeZone: string, lang: Lang): string =>
    known(tMs) ? dateWith(lang, timeZone, 'full').format(tMs) : '–'
export const formatDate = (tMs: number | null | undefined, timeZone: string, lang: Lang): string =>
    known(tMs) ? dateWith(lang, timeZone, 'date').format(tMs) : '–'

/** A span of seconds in its two largest parts: `3 min 05 s`, `2 h 10 min`. */
export function formatAge(ageS: number, lang: Lang): string {
    if (!Number.isFinite(ageS)) return '–'
    const s = Math.max(0, ageS)
    const words = lang === 'zh' ? ['秒', '分', '小时', '天'] : ['s', 'min', 'h', 'd']
    if (s < 10) return `${formatNumber(s, 1, lang)} ${words[0]}`
    if (s < 60) return `${Math.floor(s)} ${words[0]}`
    if (s < 3600) return `${Math.floor(s / 60)} ${words[1]} ${String(Math.floor(s % 60)).padStart(2, '0')} ${words[0]}`
    if (s < 86400) return `${Math.floor(s / 3600)} ${words[2]} ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} ${words[1]}`
    return `${Math.floor(s / 86400)} ${words[3]} ${Math.floor((s % 86400) / 3600)} ${words[2]}`
}

/** Rows as CSV with a header, quoted where needed; opens in a spreadsheet as UTF-8. */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
    const field = (v: string | number | null) => {
        const text = v === null || (typeof v === 'number' && !Number.isFinite(v)) ? '' : String(v)
        // a leading sign of a formula is defused, numbers are not touched
        const safe = typeof v === 'string' && /^[=+@\t\r]/.test(text) ? `'${text}` : text
        return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
    }
    return [header, ...rows].map((row) => row.map(field).join(',')).join('\r\n')
}
