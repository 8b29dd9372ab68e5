/** Sections a network has no place for: passed over, and told. */
import { type Context, placeOf } from './context.ts'

/** Reads a section of one-line records that are not kept. */
export function readRest(path: string, what: string): (context: Context) => void {
    return ({ draft, reader }) => {
        for (let r = reader.next(); r; r = reader.next()) {
            // nested sections of substations end by 0 as well: the rest of the file is theirs
            draft.leftOut(path, placeOf(r), (n) => `${what} are not kept: ${n} ${n === 1 ? 'record' : 'records'}`)
        }
        if (path === 'substation') while (!reader.ended) reader.next()
    }
}

export function readImpedanceCorrections({ draft, reader }: Context): void {
    for (let r = reader.next(); r; r = reader.next())
        draft.leftOut(
            'impedanceCorrection',
            placeOf(r),
            (n) => `impedance correction is not modelled: ${n} lines of tables left out, transformers keep the impedance of their record`,
        )
}

export function readMultiTerminalDc(context: Context): void {
    const { draft, reader, fieldsOf, more } = context
    const { num, text } = fieldsOf('multiTerminalDc')
    for (let r = reader.next(); r; r = reader.next()) {
        const name = text(r, 'NAME')
        const converters = more('multiTerminalDc', r, num(r, 'NCONV') + num(r, 'NDCBS') + num(r, 'NDCLN'))
        if (!converters) return
        const buses = converters.slice(0, num(r, 'NCONV')).map((c) => c.fields[0])
        draft.warning(
            'not-modelled',
            `multiTerminalDc/${name}`,
            placeOf(r),
            `multi-terminal DC system ${name} is left out: its converters at buses ${buses.join(', ')} carry nothing`,
        )
    }
}

export function readFacts({ draft, reader, fieldsOf }: Context): void {
    const { num, text } = fieldsOf('facts')
    for (let r = reader.next(); r; r = reader.next()) {
        const name = text(r, 'NAME')
        const to = num(r, 'J')
        const where = to === 0 ? `at bus ${num(r, 'I')}` : `between buses ${num(r, 'I')} and ${to}`
        draft.warning(
            'not-modelled',
            `facts/${name}`,
            placeOf(r),
            `FACTS device ${name} ${where} is left out: it neither holds a voltage nor carries power`,
        )
    }
}

/** Generic devices of users: a line that names one with its model and number of terminals, then lines of values. */
export function readGne({ draft, reader, fieldsOf }: Context): void {
    const { text } = fieldsOf('gne')
    for (let r = reader.next(); r; r = reader.next()) {
        const [first = '', , terminals = ''] = r.fields
        if (!Number.isNaN(Number(first)) || !/^[1-9]\d*$/.test(terminals)) continue
        const name = text(r, 'NAME')
        draft.warning('not-modelled', `gne/${name}`, placeOf(r), `GNE device ${name} is left out: its model is a program of its own`)
    }
}

export function readInductionMachines({ draft, reader, fieldsOf }: Context): void {
    const { num, text } = fieldsOf('inductionMachine')
    for (let r = reader.next(); r; r = reader.next()) {
        const [bus, id] = [num(r, 'I'), text(r, 'ID')]
        draft.warning(
            'not-modelled',
            `inductionMachine/${bus}-${id}`,
            placeOf(r),
            `induction machine ${id} at bus ${bus} is left out: ${num(r, 'PSET')} MW set and its reactive power are not drawn`,
        )
    }
}
