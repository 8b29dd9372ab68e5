/** Objects of a CIM model, merged over its files, and how their properties are asked for. */
import type { Place } from '../check-network.ts'

/** A property is a text, an object it points to, or several of these. */
export type CimValue = string | CimObject | readonly (string | CimObject)[]

export interface CimObject {
    /** mRID without the underscore before it */
    readonly id: string
    /** class without prefix; empty while only pointed to */
    type: string
    /** a file gives the object, not only a state of it */
    defined: boolean
    /** file in `CimModel.files`, and line, 1-based; of the definition where there is one */
    file: number
    line: number
    /** properties as `Class.name` */
    readonly fields: Record<string, CimValue>
    /** file · 2^24 + line of every property, in the order of `fields` */
    readonly places: number[]
}

/** A document's head: what it is and what it rests on. */
export interface CimDocument {
    readonly file: number
    readonly id: string
    readonly profiles: readonly string[]
    readonly dependsOn: readonly string[]
    readonly description: string
    readonly scenarioTime: string
}

export interface CimModel {
    readonly files: readonly string[]
    readonly documents: readonly CimDocument[]
    readonly objects: ReadonlyMap<string, CimObject>
    /** the defined objects of a class, in the order of the files */
    readonly ofClass: (type: string) => readonly CimObject[]
}

export const fileShift = 2 ** 24

/** Text of a property; undefined where it is absent or points to an object. */
export function textOf(object: CimObject | undefined, field: string): string | undefined {
    const value = object?.fields[field]
    return typeof value === 'string' ? value : undefined
}

/** Number of a property, `missing` where it is absent. What is no number is NaN. */
export function numberOf(object: CimObject | undefined, field: string, missing = 0): number {
    const text = textOf(object, field)
    return text === undefined ? missing : toNumber(text)
}

/** A decimal number of XML Schema; NaN for any other text. */
export function toNumber(text: string): number {
    const trimmed = text.trim()
    if (trimmed === 'INF') return Infinity
    if (trimmed === '-INF') return -Infinity
    return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(trimmed) ? Number(trimmed) : Number.NaN
}

export function flagOf(object: CimObject | undefined, field: string, missing: boolean): boolean {
    const text = textOf(object, field)
    return text === undefined ? missing : text.trim() === 'true' || text.trim() === '1'
}

/** The object a property points to, defined or not; the first of several. */
export function targetOf(object: CimObject | undefined, field: string): CimObject | undefined {
    const value = object?.fields[field]
    const first = Array.isArray(value) ? value[0] : value
    return typeof first === 'object' ? (first as CimObject) : undefined
}

/** Last part of an enumeration value, `http://…#Kind.patl` → `patl`. */
export function kindOf(object: CimObject | undefined, field: string): string {
    const text = textOf(object, field) ?? ''
    return text.slice(Math.max(text.lastIndexOf('.'), text.lastIndexOf('#')) + 1)
}

export const nameOf = (object: CimObject | undefined): string => textOf(object, 'IdentifiedObject.name') ?? ''

/** Where a property stands, or the object where no property is named or it is absent. */
export function placeOfField(model: CimModel, object: CimObject, field = ''): Place {
    const at = field in object.fields ? Object.keys(object.fields).indexOf(field) : -1
    const place = object.places[at]
    if (place === undefined) return { file: model.files[object.file] ?? '', line: object.line }
    return { file: model.files[Math.floor(place / fileShift)] ?? '', line: place % fileShift }
}

/** `ACLineSegment "BE-Line 1" (_17086487-…)`, for messages. */
export function describeObject(object: CimObject): string {
    const name = nameOf(object)
    return `${object.type || 'object'} ${name ? `"${name}" ` : ''}(${object.id})`
}
