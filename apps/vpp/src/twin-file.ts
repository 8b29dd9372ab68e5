/**
 * The whole digital twin of a virtual power plant as one file, `vpp-twin/1`: place and feeder, limits of the connection, market
 * and risk, every resource. What is read and written again is the same; everything wrong in it is told at once, with its line.
 */
import { parseJson } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'
import { checkFleetRows, readFleetRows } from './fleet-file.ts'
import { checkMarket, defaultMarket, type VppMarket } from './market.ts'
import { emptyTwin, type TwinFile, twinFormat } from './twin-write.ts'

type Fields = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

export interface ReadTwin {
    /** what is right of it: resources with errors are left out, fields with errors stand at their defaults */
    readonly twin: TwinFile
    readonly issues: readonly Issue[]
}

/** A twin file, or a bare fleet (JSON list or CSV), which has only resources to say. */
export function parseTwin(text: string): ReadTwin {
    const first = text.match(/^\uFEFF?\s*(.)/)?.[1]
    if (first !== '{') return bareFleet(text)
    const json = parseJson(text.replace(/^\uFEFF/, ''))
    if (json.value === undefined) return { twin: emptyTwin, issues: json.issues }
    const root = json.value as Fields
    if (root.format === undefined && Array.isArray(root.resources)) return bareFleet(text)
    const issues: Issue[] = [...json.issues]
    const found = (code: string, path: string, message: string) => {
        const line = json.lineOf(path)
        issues.push({ code, path, message: `${path}: ${message}`, ...(line === undefined ? {} : { line }) })
    }
    if (root.format !== twinFormat)
        found('unknown-format', 'format', `must be "${twinFormat}", got ${JSON.stringify(root.format) ?? 'nothing'}`)
    const place = isRecord(root.place) ? root.place : {}
    if (!isRecord(root.place)) found('missing-value', 'place', 'is missing: {timeZone, latDeg, lonDeg, feeder}')
    const text_ = (from: Fields, path: string, key: string, fallback: string) => {
        const value = from[key] ?? fallback
        if (typeof value === 'string') return value
        found('wrong-type', `${path}${key}`, `must be text, got ${JSON.stringify(value)}`)
        return fallback
    }
    const number = (from: Fields, path: string, key: string, low: number, high: number, fallback: number) => {
        const value = from[key]
        if (value === undefined) return fallback
        if (typeof value === 'number' && value >= low && value <= high) return value
        found(
            'out-of-range',
            `${path}${key}`,
            `must be a number within ${low} … ${high === Infinity ? '∞' : high}, got ${JSON.stringify(value)}`,
        )
        return fallback
    }
    const timeZone = text_(place, 'place/', 'timeZone', 'UTC')
    if (!isTimeZone(timeZone)) found('out-of-range', 'place/timeZone', `"${timeZone}" is no time zone; write it as Europe/Vienna`)
    const given = isRecord(root.market) ? root.market : {}
    const unknown = Object.keys(given).filter((key) => !(key in defaultMarket))
    for (const key of unknown)
        found('unknown-column', `market/${key}`, `is no field of a market; known: ${Object.keys(defaultMarket).join(', ')}`)
    const market = readMarket(given, found)
    for (const issue of checkMarket(market)) {
        const line = json.lineOf(issue.path)
        issues.push({ ...issue, ...(line === undefined ? {} : { line }) })
    }
    const rows = Array.isArray(root.resources) ? root.resources : []
    if (!Array.isArray(root.resources)) found('missing-value', 'resources', 'is missing: a list of resources')
    const wrong = rows.findIndex((row) => !isRecord(row))
    if (wrong >= 0) found('wrong-type', `resources/${wrong}`, `is no record: ${JSON.stringify(rows[wrong])}`)
    const lines = rows.map((_, n) => json.lineOf(`resources/${n}`) ?? 1)
    const checked = checkFleetRows(rows.filter(isRecord), lines)
    const twoPersonKw = root.twoPersonKw === undefined ? undefined : number(root, '', 'twoPersonKw', 0, Infinity, 1000)
    return {
        twin: {
            name: text_(root, '', 'name', emptyTwin.name),
            place: {
                timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
                latDeg: number(place, 'place/', 'latDeg', -90, 90, 0),
                lonDeg: number(place, 'place/', 'lonDeg', -180, 180, 0),
                feeder: text_(place, 'place/', 'feeder', ''),
            },
            market,
            ...(twoPersonKw === undefined ? {} : { twoPersonKw }),
            resources: checked.resources,
        },
        issues: [...issues, ...checked.issues],
    }
}

function bareFleet(text: string): ReadTwin {
    const read = readFleetRows(text)
    const { resources, issues } = checkFleetRows(read.rows, read.lines)
    return { twin: { ...emptyTwin, resources }, issues: [...read.issues, ...issues] }
}

function readMarket(given: Fields, found: (code: string, path: string, message: string) => void): VppMarket {
    const market: Record<string, unknown> = { ...defaultMarket }
    for (const [key, value] of Object.entries(given)) {
        if (!(key in defaultMarket)) continue
        const own = defaultMarket[key as keyof VppMarket]
        const fits = Array.isArray(own) ? Array.isArray(value) && value.every((x) => typeof x === 'number') : typeof value === typeof own
        // one price for every hour may be said once
        if (Array.isArray(own) && typeof value === 'number') market[key] = new Array<number>(24).fill(value)
        else if (fits) market[key] = value
        else
            found(
                'wrong-type',
                `market/${key}`,
                `must be ${Array.isArray(own) ? '24 numbers' : `a ${typeof own}`}, got ${JSON.stringify(value)}`,
            )
    }
    return market as unknown as VppMarket
}

export function isTimeZone(name: string): boolean {
    try {
        new Intl.DateTimeFormat('en', { timeZone: name })
        return name !== ''
    } catch {
        return false
    }
}
