/**
 * Which point a metric of an unknown name could be: names are cut into words, synonyms of the trade made one, and
 * points ranked by the share of letter pairs in common (Sørensen–Dice) and by words in common, rare ones counting more.
 */
import type { TwinModel } from './model.ts'

/** Words of meters and protocols for the words of our points. */
const synonyms: Readonly<Record<string, string>> = {
    voltage: 'vm pu',
    volt: 'vm pu',
    u: 'vm pu',
    v: 'vm pu',
    angle: 'va deg',
    current: 'i ka',
    amps: 'i ka',
    power: 'p mw',
    active: 'p mw',
    kw: 'mw',
    reactive: 'q mvar',
    kvar: 'mvar',
    freq: 'frequency hz',
    frequency: 'frequency hz',
    f: 'frequency hz',
    cb: 'switch closed',
    breaker: 'switch closed',
    position: 'closed',
    status: 'closed',
    tap: 'tap position',
    soc: 'soc percent',
    charge: 'soc percent',
    setpoint: 'set',
    sp: 'set',
    gen: 'generator',
    trafo: 'branch',
    transformer: 'branch',
    line: 'branch',
    battery: 'storage',
    bess: 'storage',
    wind: 'wind',
    load: 'load',
    loading: 'loading percent',
    busbar: 'bus',
}

/** Units that say the same as ours. */
const unitNames: Readonly<Record<string, string>> = {
    pu: 'p.u.',
    kv: 'p.u.',
    degree: 'deg',
    '°': 'deg',
    a: 'kA',
    ka: 'kA',
    mw: 'MW',
    kw: 'MW',
    mvar: 'Mvar',
    kvar: 'Mvar',
    hz: 'Hz',
    '%': '%',
}

/** Points of the model that a metric of this name and unit could be, best first. */
export function suggestPoints(model: TwinModel, name: string, unit = '', count = 5): string[] {
    const asked = wordsOf(name)
    const askedPairs = pairsOf(name)
    const index = indexOf(model)
    const wanted = unitNames[unit.toLowerCase()] ?? unit
    const scored = model.points.map((card, i) => {
        const own = index.words[i]!
        let common = 0
        for (const word of asked) if (own.has(word)) common += index.rarity.get(word)!
        const pairs = dice(askedPairs, index.pairs[i]!)
        const sameUnit = unit !== '' && wanted === card.unit ? 1 : 0
        return { id: card.id, score: common + 3 * pairs + sameUnit }
    })
    return scored
        .filter(({ score }) => score > 1)
        .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
        .slice(0, count)
        .map(({ id }) => id)
}

interface NameIndex {
    readonly words: readonly ReadonlySet<string>[]
    readonly pairs: readonly ReadonlySet<string>[]
    /** ln(points / points with the word) */
    readonly rarity: ReadonlyMap<string, number>
}
const indices = new WeakMap<TwinModel, NameIndex>()

function indexOf(model: TwinModel): NameIndex {
    const known = indices.get(model)
    if (known) return known
    const words = model.points.map((card) => wordsOf(card.id))
    const holders = new Map<string, number>()
    for (const own of words) for (const word of own) holders.set(word, (holders.get(word) ?? 0) + 1)
    const rarity = new Map([...holders].map(([word, n]) => [word, Math.log(1 + words.length / n)]))
    const made = { words, pairs: model.points.map((card) => pairsOf(card.id)), rarity }
    indices.set(model, made)
    return made
}

/** `Line_L7.ActivePower` → line, l7, active, power and what they stand for. */
function wordsOf(name: string): Set<string> {
    const cut = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
    const plain = cut.split(/[^a-z0-9]+/).filter(Boolean)
    return new Set(plain.flatMap((word) => [word, ...(synonyms[word] ?? '').split(' ')]).filter(Boolean))
}

function pairsOf(name: string): Set<string> {
    const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '')
    return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, i) => letters.slice(i, i + 2)))
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
    if (a.size + b.size === 0) return 0
    let common = 0
    for (const pair of a) if (b.has(pair)) common++
    return (2 * common) / (a.size + b.size)
}
