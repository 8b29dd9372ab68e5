/** Words of the command line read as what they mean; a wrong one says what it must be. */
import { InvalidArgumentError } from 'commander'

export function names(text: string): string[] {
    const found = text.split(',').map((word) => word.trim())
    if (found.some((word) => word === '')) throw new InvalidArgumentError('It must be names with commas between them.')
    return found
}

export function positive(text: string): number {
    const value = Number(text)
    if (!(text.trim() !== '' && value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number > 0.')
    return value
}

export function wholeNumber(text: string): number {
    if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number ≥ 0.')
    return Number(text)
}

export function countable(text: string): number {
    if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 to 99999999.')
    return Number(text)
}

export function threads(text: string): number {
    if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 to 999.')
    return Number(text)
}

export function seed(text: string): number {
    if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32) throw new InvalidArgumentError('It must be a whole number, 0 to 4294967295.')
    return Number(text)
}

export function share(text: string): number {
    const value = Number(text)
    if (!(text.trim() !== '' && value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be a number, 0 to 1.')
    return value
}

export function shares(text: string): number[] {
    return text.split(',').map(share)
}

export function uncertain(text: string): ('pv' | 'wind' | 'load' | 'price' | 'air' | 'ev')[] {
    const names = text.split(',')
    const wrong = names.find((name) => !['pv', 'wind', 'load', 'price', 'air', 'ev'].includes(name))
    if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of pv, wind, load, price, air, ev.`)
    return names as ReturnType<typeof uncertain>
}

export function finite(text: string): number {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.')
    return value
}

export function latitude(text: string): number {
    const value = finite(text)
    if (Math.abs(value) > 90) throw new InvalidArgumentError('It must be a number, -90 to 90.')
    return value
}

export function calendarDate(text: string): string {
    const ms = Date.parse(`${text}T00:00:00Z`)
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text)
        throw new InvalidArgumentError('It must be a day of the calendar as YYYY-MM-DD.')
    return text
}

export function port(text: string): number {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new InvalidArgumentError('It must be a port, 0 to 65535.')
    return Number(text)
}
