/**
 * Rows and limits of the optimiser's program in the reader's language. Their names are plain English built by one grammar
 * (what, of which device, when, on which day, in which direction); each part is said by the catalogue, and what it does not
 * know stays as it is.
 */
import type { Shell } from './shell.ts'

/** what may stand at the end, outermost first */
const ends: readonly (readonly [RegExp, string])[] = [
    [/: (too little|too much|too warm|too cool|charging|discharging)$/, ''],
    [/ above its least (\S+)$/, 'above'],
    [/ below its most (\S+)$/, 'below'],
    [/, which must be whole$/, 'whole'],
    [/ in scenario (\d+) as in scenario 0$/, 'alike'],
    [/ in scenario (\d+)$/, 'scenario'],
    [/ of scenario (\d+)$/, 'ofScenario'],
    [/ in period (\d+)$/, 'period'],
    [/ of period (\d+)$/, 'ofPeriod'],
    [/ after period (\d+)$/, 'after'],
    [/ in block (\d+)$/, 'block'],
    [/ at the end$/, 'end'],
]

export function constraintName({ tOr }: Pick<Shell, 'tOr'>, name: string): string {
    let rest = name
    let said = ''
    for (const [end, key] of ends) {
        const found = end.exec(rest)
        if (!found) continue
        rest = rest.slice(0, found.index)
        const [whole, x = ''] = found
        said =
            (key === '' ? tOr(`vpp.constraint.way.${x.replaceAll(' ', '-')}`, whole) : tOr(`vpp.constraint.end.${key}`, whole, { x })) +
            said
    }
    // `content of battery`, `flow a–b`, `segment 1 of engine`; a device may have any of these words in its own name
    const words = (what: string) => what.toLowerCase().replaceAll(/[^a-z]+/g, '-')
    const [, bare = rest, number = ''] = /^(.*?)( \d+)?$/.exec(rest)!
    const alone = tOr(`vpp.constraint.${words(bare)}`, '')
    if (alone) return alone + number + said
    const of = /^(.+?)(?: (\d+))? of (.+)$/.exec(rest)
    if (of) {
        const [, what = '', k = '', device = ''] = of
        const known = tOr(`vpp.constraint.${words(what)}`, '')
        if (known) return tOr('vpp.constraint.of', rest, { what: `${known}${k ? ` ${k}` : ''}`, device: measure({ tOr }, device) }) + said
    }
    const place = /^(flow|voltage drop|power at|heat into) (.+)$/.exec(rest)
    const known = place && tOr(`vpp.constraint.${words(place[1]!)}`, '')
    if (place && known) return tOr('vpp.constraint.at', rest, { what: known, device: place[2]! }) + said
    return rest + said
}

/** `most of carbon dioxide` speaks of a measure, and not of a device. */
const measure = ({ tOr }: Pick<Shell, 'tOr'>, device: string) =>
    tOr(`vpp.constraint.measure.${device.toLowerCase().replaceAll(' ', '-')}`, device)
