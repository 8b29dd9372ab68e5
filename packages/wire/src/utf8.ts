/** UTF-8 in and out (RFC 3629), for code that has no TextEncoder at hand. Lone surrogates and wrong bytes become U+FFFD. */

const replacement = 0xfffd

/** Bytes that `writeUtf8` will use. */
export function utf8Length(text: string): number {
    let count = 0
    for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        if (code < 0x80) count += 1
        else if (code < 0x800) count += 2
        else if (isPair(text, i)) {
            count += 4
            i++
        } else count += 3
    }
    return count
}

/** Writes text into `bytes` at `at`, where there must be room. */
export function writeUtf8(text: string, bytes: Uint8Array, at: number): void {
    for (let i = 0; i < text.length; i++) {
        let code = text.charCodeAt(i)
        if (code < 0x80) {
            bytes[at++] = code
            continue
        }
        if (code < 0x800) {
            bytes[at++] = 0xc0 | (code >> 6)
            bytes[at++] = 0x80 | (code & 0x3f)
            continue
        }
        if (isPair(text, i)) {
            code = text.codePointAt(i)!
            i++
            bytes[at++] = 0xf0 | (code >> 18)
            bytes[at++] = 0x80 | ((code >> 12) & 0x3f)
        } else {
            if (code >= 0xd800 && code < 0xe000) code = replacement
            bytes[at++] = 0xe0 | (code >> 12)
        }
        bytes[at++] = 0x80 | ((code >> 6) & 0x3f)
        bytes[at++] = 0x80 | (code & 0x3f)
    }
}

const isPair = (text: string, i: number): boolean => (text.codePointAt(i) ?? 0) > 0xffff

/** The text in bytes from…to. */
export function readUtf8(bytes: Uint8Array, from: number, to: number): string {
    let text = ''
    for (let at = from; at < to; ) {
        const lead = bytes[at++]!
        if (lead < 0x80) {
            text += String.fromCharCode(lead)
            continue
        }
        const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
        let code = lead & (0x3f >> more)
        let good = lead >= 0xc2 && lead < 0xf5
        for (let k = 0; k < more && good; k++) {
            // a sequence cut short ends before the byte that does not belong to it
            if (at < to && (bytes[at]! & 0xc0) === 0x80) code = (code << 6) | (bytes[at++]! & 0x3f)
            else good = false
        }
        if (code >= 0xd800 && code < 0xe000) good = false
        if ((more === 2 && code < 0x800) || (more === 3 && (code < 0x10000 || code > 0x10ffff))) good = false
        text += String.fromCodePoint(good ? code : replacement)
    }
    return text
}
