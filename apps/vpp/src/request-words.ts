/** Words of a spoken request: numbers, hours and stretches of the day, in English and Chinese, as parts of regular expressions. */

/** An amount: 2000, 2,000, 1.5 */
export const amount = String.raw`(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)`
export const readAmount = (text: string): number => Number(text.replace(/,/g, ''))

/** A time of day; what it says is found by `readHour`. */
const clock = String.raw`(?:(?:上午|早上|中午|下午|傍晚|晚上|凌晨)?\s*\d{1,2}(?:[:：]\d{2}|\s*[点时](?:半|\d{1,2}分)?|\s*(?:o'?clock|h)\b)?(?:\s*[ap]\.?m\b\.?)?|noon|midday|midnight|中午|午夜|零点)`
/** `from 17:00 to 20:00`, `until 6 pm`, `after noon`; 17点到20点, 18点前, 到18点 */
export const window = String.raw`(?:(?:from|between|从|在)\s*(?<from>${clock})\s*(?:to|until|till|and|[-–—~]|到|至)\s*(?<to>${clock})(?:之间|期间)?|(?:until|till|before|by|直到|到|至)\s*(?<until>${clock})(?:之?前|为止)?|(?<ahead>${clock})\s*(?:之?前|以前)|(?:after|from|since|从)\s*(?<after>${clock})(?:起|开始)?|(?<afterwards>${clock})\s*(?:之?后|以后|起))`

/** Hours 0 … 24 of a time of day, or nothing. */
export function readHour(text: string): number | undefined {
    const said = text.trim()
    if (/^(noon|midday|中午)$/.test(said)) return 12
    if (/^(midnight|午夜|零点)$/.test(said)) return 24
    const found = /(\d{1,2})(?:[:：](\d{2})|\s*[点时](半|\d{1,2})?)?/.exec(said)
    if (!found) return undefined
    const minutes = found[2] ?? found[3]
    let hour = Number(found[1])
    if ((/p\.?m/.test(said) || /下午|傍晚|晚上/.test(said)) && hour < 12) hour += 12
    if (/中午/.test(said) && hour < 3) hour += 12
    if ((/a\.?m/.test(said) || /凌晨|早上|上午/.test(said)) && hour === 12) hour = 0
    const of = hour + (minutes === '半' ? 0.5 : minutes === undefined ? 0 : Number(minutes) / 60)
    return of <= 24 ? of : undefined
}

/** A window's hours from the groups of a match. */
export function readWindow(groups: Readonly<Record<string, string | undefined>> = {}): { fromH?: number; untilH?: number } {
    const at = (...names: string[]) => {
        const said = names.map((name) => groups[name]).find((text) => text !== undefined)
        return said === undefined ? undefined : readHour(said)
    }
    const [fromH, untilH] = [at('from', 'after', 'afterwards'), at('to', 'until', 'ahead')]
    return { ...(fromH === undefined ? {} : { fromH }), ...(untilH === undefined ? {} : { untilH }) }
}

const digits: Readonly<Record<string, number>> = { 零: 0, 〇: 0, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 }
const scales: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 }

/** 两千 as 2000, 百分之四十 as 40 %, 二点五 as 2.5; what is no number stays. */
export function spellDigits(text: string): string {
    const numbers = text.replace(
        /(?:[零〇一二两三四五六七八九十百万]|千(?![瓦克]))+(?:点[零〇一二三四五六七八九]+(?![点分]))?/g,
        (word) => {
            // 十 alone, or a digit alone, is a number only where something is counted
            const [whole = '', part] = word.split('点')
            const value = wholeOf(whole)
            if (value === undefined) return word
            return part === undefined ? String(value) : `${value}.${[...part].map((c) => digits[c]).join('')}`
        },
    )
    return numbers.replace(/百分之\s*(\d+(?:\.\d+)?)/g, '$1%')
}

function wholeOf(word: string): number | undefined {
    let [total, section, digit] = [0, 0, 0]
    for (const c of word) {
        if (c in digits) digit = digits[c]!
        else if (c in scales) {
            section += (digit || (c === '十' ? 1 : 0)) * scales[c]!
            if (digit === 0 && c !== '十') return undefined
            digit = 0
        } else {
            // 万
            if (section + digit === 0) return undefined
            total += (section + digit) * 10_000
            section = 0
            digit = 0
        }
    }
    return total + section + digit
}
