/** Identifiers of PSS/E: two characters that tell records at one bus, or between two buses, apart. */

const characters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

export interface Identifiers {
    /** The identifier an id ends in after `prefix`, where it has one and it is free; else the next free number. */
    take(place: string, prefix: string, id: string): string
}

export function createIdentifiers(): Identifiers {
    const taken = new Map<string, Set<string>>()
    return {
        take(place, prefix, id) {
            const used = taken.get(place) ?? new Set<string>()
            taken.set(place, used)
            const own = id.startsWith(prefix) ? id.slice(prefix.length) : ''
            let chosen = /^[@*&]?[0-9A-Za-z]{1,2}$/.test(own) && own.length <= 2 && !used.has(own) ? own : ''
            for (let n = 1; chosen === ''; n++) {
                const text = n < 100 ? String(n) : characters[10 + (Math.floor((n - 100) / 36) % 26)]! + characters[(n - 100) % 36]!
                if (!used.has(text)) chosen = text
                if (n > 1100) throw new Error(`More than 1000 records at ${place}, which PSS/E has no identifiers for.`)
            }
            used.add(chosen)
            return chosen
        },
    }
}
