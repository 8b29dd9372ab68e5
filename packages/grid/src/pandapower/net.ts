/** A pandapower net while it is read: its tables, and how their cells become what a network has. */
import type { Place } from '../check-network.ts'
import { claim, type NetworkDraft, tidy } from '../network-draft.ts'
import { type Frame, openFrame } from './frames.ts'

/** What the readers of all tables share. */
export interface Net {
    readonly draft: NetworkDraft
    readonly baseMva: number
    readonly frequencyHz: number
    /** number of a bus here for its index there */
    busOf(index: unknown): number
    /** nominal voltage, kV, and start voltage, p.u., of a bus by its number here */
    readonly busKv: Map<number, number>
    readonly busVm: Map<number, number>
    open(table: string): Frame
    place(frame: Frame): Place
    /** `otherwise` stands for what is null or absent; NaN, and told, where there is none */
    num(frame: Frame, row: number, column: string, otherwise?: number): number
    on(frame: Frame, row: number): boolean
    /** ids of the rows of one kind, whose tables are given */
    idsOf(frames: readonly Frame[]): Map<Frame, string[]>
    /** a shunt of `g` and `b` p.u. where they are not 0 */
    addShunt(id: string, bus: number, g: number, b: number, inService: boolean, place: Place): void
}

/** The tables of a net; `text` is the file they stand in, for their lines. */
export function openNet(object: Record<string, unknown>, text: string, draft: NetworkDraft): Net {
    const number = (key: string, otherwise: number) => (typeof object[key] === 'number' ? (object[key] as number) : otherwise)
    const lineOf = (table: string) => {
        const found = text.search(new RegExp(`"${table}"\\s*:\\s*\\{`))
        return found < 0 ? 1 : text.slice(0, found).split('\n').length
    }
    const frames = new Map<string, Frame>()
    const open = (table: string) => {
        const known = frames.get(table)
        if (known) return known
        const line = lineOf(table)
        const made = openFrame(object, table, line, (why) => draft.error('wrong-shape', table, { line }, `table ${table}: ${why}`))
        frames.set(table, made)
        return made
    }
    const place = (frame: Frame): Place => ({ line: frame.line })
    const first = open('bus').index.includes(0) ? 1 : 0
    return {
        draft,
        baseMva: number('sn_mva', 1),
        frequencyHz: number('f_hz', 50),
        busOf: (index) => (typeof index === 'number' ? index + first : Number.NaN),
        busKv: new Map(),
        busVm: new Map(),
        open,
        place,
        num(frame, row, column, otherwise) {
            const value = frame.value(row, column)
            if (typeof value === 'number') return value + 0
            if (value === true || value === false) return value ? 1 : 0
            if (otherwise !== undefined && (value === undefined || value === null || value === '')) return otherwise
            const path = `${frame.name}/${frame.index[row]}/${column}`
            draft.error(
                value === undefined || value === null ? 'missing-value' : 'not-a-number',
                path,
                place(frame),
                `${frame.name} ${frame.index[row]}: ${column} is ${JSON.stringify(value) ?? 'missing'}, must be a number`,
            )
            return Number.NaN
        },
        on: (frame, row) => frame.value(row, 'in_service') !== false && frame.value(row, 'in_service') !== 0,
        idsOf(of) {
            const names = of.flatMap((frame) => frame.index.map((_, row) => frame.value(row, 'name')))
            const named = names.every((each) => typeof each === 'string' && each !== '') && new Set(names).size === names.length
            const taken = new Set<string>()
            return new Map(
                of.map((frame) => [
                    frame,
                    frame.index.map((index, row) => claim(named ? String(frame.value(row, 'name')) : `${frame.name}-${index}`, taken)),
                ]),
            )
        },
        addShunt(id, bus, g, b, inService, at) {
            const baseMva = number('sn_mva', 1)
            if (g !== 0 || b !== 0) draft.add('shunt', { id, bus, gMw: tidy(g * baseMva), bMvar: tidy(b * baseMva), inService }, at)
        },
    }
}
