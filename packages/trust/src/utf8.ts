/** UTF-8 bytes of a text without lone surrogates (RFC 3629). */
export function toUtf8(text: string): Uint8Array {
    const bytes = new Uint8Array(text.length * 3)
    let n = 0
    for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i)!
        if (code < 0x80) bytes[n++] = code
        else if (code < 0x800) {
            bytes[n++] = 0xc0 | (code >> 6)
            bytes[n++] = 0x80 | (code & 0x3f)
        } else if (code < 0x10000) {
            bytes[n++] = 0xe0 | (code >> 12)
            bytes[n++] = 0x80 | ((code >> 6) & 0x3f)
            bytes[n++] = 0x80 | (code & 0x3f)
        } else {
            bytes[n++] = 0xf0 | (code >> 18)
            bytes[n++] = 0x80 | ((code >> 12) & 0x3f)
            bytes[n++] = 0x80 | ((code >> 6) & 0x3f)
            bytes[n++] = 0x80 | (code & 0x3f)
            // the pair took two code units
            i++
        }
    }
    return bytes.subarray(0, n)
}
