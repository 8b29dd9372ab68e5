/** Switched shunts of a RAW file: a shunt at its initial susceptance, and what moves it. */
import { tidy } from '../network-draft.ts'
import { type Context, placeOf } from './context.ts'

export function readSwitchedShunts(context: Context): void {
    const { draft, reader, revision, fieldsOf, ignore } = context
    const { num, text } = fieldsOf('switchedShunt')
    for (let r = reader.next(); r; r = reader.next()) {
        const place = placeOf(r)
        const bus = num(r, 'I')
        const id = `${bus}-sw${revision === 35 ? text(r, 'ID') : '1'}`
        const inService = num(r, 'STAT') === 1
        draft.add('shunt', { id, bus, gMw: 0, bMvar: num(r, 'BINIT'), inService }, place)

        let [min, max] = [0, 0]
        const sizes = new Set<number>()
        for (let block = 1; block <= 8; block++) {
            const count = num(r, `N${block}`)
            const size = num(r, `B${block}`)
            if (count === 0 || size === 0 || (revision === 35 && num(r, `S${block}`) === 0)) continue
            sizes.add(Math.abs(size))
            if (size > 0) max += count * size
            else min += count * size
        }
        const mode = num(r, 'MODSW')
        if (sizes.size > 0 && mode >= 0 && mode <= 2) {
            const [high, low] = [num(r, 'VSWHI'), num(r, 'VSWLO')]
            const step = mode === 2 ? 0 : Math.min(...sizes)
            const band = { target: tidy((high + low) / 2), deadband: tidy((high - low) / 2) }
            draft.add(
                'control',
                {
                    id: `shunt-${id}`,
                    kind: 'shunt',
                    element: id,
                    bus: num(r, 'SWREM') || bus,
                    ...band,
                    min: tidy(min),
                    max: tidy(max),
                    step,
                    inService: mode > 0,
                },
                place,
            )
            if (sizes.size > 1 && mode !== 2)
                draft.leftOut(
                    'switchedShunt/blocks',
                    place,
                    (n) => `${n} switched shunts have steps of several sizes: they move by the smallest`,
                )
        } else if (mode > 2)
            draft.warning(
                'not-modelled',
                `shunt/${id}`,
                place,
                `switched shunt ${id} follows another device (MODSW ${mode}), which is not modelled: it stays at ${num(r, 'BINIT')} Mvar`,
            )
        ignore('switchedShunt', r, { RMPCT: 'shares of a remote bus', RMIDNT: 'names of the devices followed' })
    }
}
