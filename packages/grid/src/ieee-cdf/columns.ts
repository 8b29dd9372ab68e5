/**
 * Columns of the IEEE Common Data Format (IEEE Working Group on a Common Format for Exchange of Solved Load Flow Data,
 * IEEE Transactions on Power Apparatus and Systems, vol. PAS-92, no. 6, 1973), counted from 1, both ends included.
 *
 * Bus numbers have four columns and a blank after them; numbers of five digits take the blank.
 */
export type Columns = Readonly<Record<string, readonly [number, number]>>

export const title = { base: [32, 37], name: [46, 73] } as const satisfies Columns

export const bus = {
    number: [1, 5],
    name: [6, 17],
    area: [19, 20],
    zone: [21, 23],
    /** 0 and 1 load (1: reactive power within voltage limits), 2 voltage held, 3 slack */
    type: [25, 26],
    vm: [28, 33],
    va: [34, 40],
    loadMw: [41, 49],
    loadMvar: [50, 59],
    generationMw: [60, 67],
    generationMvar: [68, 75],
    baseKv: [77, 83],
    vDesired: [85, 90],
    most: [91, 98],
    least: [99, 106],
    g: [107, 114],
    b: [115, 122],
    remote: [124, 128],
} as const satisfies Columns

export const branch = {
    tapBus: [1, 5],
    zBus: [6, 10],
    area: [11, 12],
    zone: [13, 15],
    circuit: [17, 17],
    /** 0 line, 1 fixed tap, 2 tap that holds a voltage, 3 tap that holds Mvar, 4 phase shifter that holds MW */
    type: [19, 19],
    r: [20, 29],
    x: [30, 40],
    b: [41, 50],
    rate1: [51, 55],
    rate2: [57, 61],
    rate3: [63, 67],
    controlBus: [69, 73],
    side: [74, 74],
    ratio: [77, 82],
    angle: [84, 90],
    least: [91, 97],
    most: [98, 104],
    step: [106, 111],
    lowest: [113, 119],
    highest: [120, 126],
} as const satisfies Columns

/** The text of a column, without blanks around it. */
export const cut = (line: string, [from, to]: readonly [number, number]) => line.slice(from - 1, to).trim()

/** The text of at most `width` characters that comes nearest to a number, and whether it is the number itself. */
export function fit(value: number, width: number): { readonly text: string; readonly exact: boolean } {
    const short = (text: string) => text.replace(/^(-?)0\./, '$1.')
    const plain = String(value)
    for (const text of [plain, short(plain)]) if (text.length <= width) return { text, exact: true }
    let best = ''
    // the most digits that fit are the nearest
    for (let digits = Math.min(17, width); digits >= 1 && best === ''; digits--) {
        const rounded = Number(value.toPrecision(digits))
        for (const text of [short(String(rounded)), rounded.toExponential().replace('e+', 'e')])
            if (text.length <= width && (best === '' || Math.abs(Number(text) - value) < Math.abs(Number(best) - value))) best = text
    }
    return { text: best, exact: best !== '' && Number(best) === value }
}
