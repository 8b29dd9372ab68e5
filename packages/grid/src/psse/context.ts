/** What the readers of all sections share. */
import type { Place } from '../check-network.ts'
import type { NetworkDraft } from '../network-draft.ts'
import { layouts, type RecordKind, type Revision } from './fields.ts'
import { createFieldReader, type FieldReader, type RawRecord, type RecordReader } from './record.ts'

export interface Context {
    readonly revision: Revision
    readonly baseMva: number
    readonly draft: NetworkDraft
    readonly reader: RecordReader
    /** base voltage, kV, and start voltage, p.u., of the buses read */
    readonly busKv: Map<number, number>
    readonly busVm: Map<number, number>
    fieldsOf(kind: RecordKind): FieldReader
    /** Counts fields that are not as they would stand by default, and which a network has no place for. */
    ignore(kind: RecordKind, record: RawRecord, fields: Readonly<Record<string, string>>): void
    /** The next lines of a record of several; undefined, and told, where the section ends too soon. */
    more(kind: RecordKind, first: RawRecord, count: number): RawRecord[] | undefined
}

export const placeOf = (record: RawRecord): Place => ({ line: record.line })

export function createContext(revision: Revision, baseMva: number, draft: NetworkDraft, reader: RecordReader): Context {
    const fieldReaders = new Map<RecordKind, FieldReader>()
    const fieldsOf = (kind: RecordKind) => {
        const known = fieldReaders.get(kind)
        if (known) return known
        const made = createFieldReader(layouts[revision][kind], (record, field, text) => {
            const what = `${kind} ${record.fields.slice(0, 2).join(' ')}`
            const message = text === '' ? `${field} is missing and has no default` : `${field} is "${text}", which is no number`
            draft.error(
                text === '' ? 'missing-value' : 'not-a-number',
                `${kind}/${record.fields[0]}/${field}`,
                placeOf(record),
                `${what}: ${message}`,
            )
        })
        fieldReaders.set(kind, made)
        return made
    }
    return {
        revision,
        baseMva,
        draft,
        reader,
        busKv: new Map(),
        busVm: new Map(),
        fieldsOf,
        ignore(kind, record, fields) {
            const { at, fields: known } = layouts[revision][kind]
            for (const [name, meaning] of Object.entries(fields)) {
                const k = at.get(name)
                const given = k === undefined ? undefined : record.fields[k]
                if (!given || given === known[k!]!.otherwise || Number(given) === Number(known[k!]!.otherwise ?? Number.NaN)) continue
                draft.leftOut(
                    `${kind}/${meaning}`,
                    placeOf(record),
                    (n) => `${n} ${n === 1 ? 'record' : 'records'} of ${kind} say ${meaning} (${name}), which a network does not keep`,
                )
            }
        },
        more(kind, first, count) {
            const lines: RawRecord[] = []
            while (lines.length < count) {
                const next = reader.next()
                if (!next) {
                    draft.error(
                        'truncated-record',
                        `${kind}/${first.fields[0]}`,
                        placeOf(first),
                        `${kind} ${first.fields.slice(0, 3).join(' ')}: ${count} more lines belong to it, the section ends after ${lines.length}`,
                    )
                    return undefined
                }
                lines.push(next)
            }
            return lines
        },
    }
}

export const owners = { O1: 'owners', O2: 'owners', O3: 'owners', O4: 'owners' }
/** ratings beyond the three a network keeps */
export const furtherRates = Object.fromEntries(Array.from({ length: 9 }, (_, k) => [`RATE${k + 4}`, 'ratings 4 to 12']))
/** 9999 stands for no limit */
export const unlimited = (value: number) => (Math.abs(value) === 9999 ? Math.sign(value) * Infinity : value)
