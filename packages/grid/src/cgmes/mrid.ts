/** mRIDs from names: UUID version 5 (RFC 9562, section 5.5), the same bytes for the same name everywhere. */

/** of this program's CIM objects */
const space = 'b4b0a3a0-6f0d-5b0e-9d6a-0c9f4a1f52d7'
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const isUuid = (text: string): boolean => uuid.test(text)

/** The UUID of a name. */
export function mridOf(name: string): string {
    let length = spaceBytes.length
    if (work.length < length + 4 * name.length + 72) work = grow(length + 4 * name.length + 72)
    for (const c of name) length = putUtf8(c.codePointAt(0)!, length)
    sha1(length)
    const word = (i: number) => (hash[i] >>> 0).toString(16).padStart(8, '0')
    const [a, b, c, d] = [word(0), word(1), word(2), word(3)]
    const variant = ((Number.parseInt(c[0], 16) & 3) | 8).toString(16)
    return `${a}-${b.slice(0, 4)}-5${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`
}

// the work arrays of one call after another
const spaceBytes = [...space.replaceAll('-', '').matchAll(/../g)].map(([hex]) => Number.parseInt(hex, 16))
let work = grow(256)
const schedule = new Int32Array(80)
const hash = new Int32Array(5)

function grow(size: number): Uint8Array {
    const made = new Uint8Array(size)
    made.set(spaceBytes)
    return made
}

/** work[at …] ← a character as UTF-8; where the next one goes. */
function putUtf8(p: number, at: number): number {
    if (p < 0x80) work[at++] = p
    else if (p < 0x800) {
        work[at++] = 0xc0 | (p >> 6)
        work[at++] = 0x80 | (p & 63)
    } else if (p < 0x10000) {
        work[at++] = 0xe0 | (p >> 12)
        work[at++] = 0x80 | ((p >> 6) & 63)
        work[at++] = 0x80 | (p & 63)
    } else {
        work[at++] = 0xf0 | (p >> 18)
        work[at++] = 0x80 | ((p >> 12) & 63)
        work[at++] = 0x80 | ((p >> 6) & 63)
        work[at++] = 0x80 | (p & 63)
    }
    return at
}

/** hash ← SHA-1 (FIPS 180-4, section 6.1) of the first `length` bytes of `work`, which is padded behind them. */
function sha1(length: number): void {
    const end = (((length + 8) >> 6) + 1) << 6
    work.fill(0, length, end)
    work[length] = 0x80
    for (let k = 0; k < 4; k++) work[end - 1 - k] = (length * 8) >>> (8 * k)
    const w = schedule
    hash[0] = 0x67452301
    hash[1] = 0xefcdab89
    hash[2] = 0x98badcfe
    hash[3] = 0x10325476
    hash[4] = 0xc3d2e1f0
    for (let block = 0; block < end; block += 64) {
        for (let t = 0; t < 16; t++) {
            const o = block + 4 * t
            w[t] = (work[o] << 24) | (work[o + 1] << 16) | (work[o + 2] << 8) | work[o + 3]
        }
        for (let t = 16; t < 80; t++) w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1)
        let a = hash[0]
        let b = hash[1]
        let c = hash[2]
        let d = hash[3]
        let e = hash[4]
        for (let t = 0; t < 80; t++) {
            let f = 0
            if (t < 20) f = ((b & c) | (~b & d)) + 0x5a827999
            else if (t < 40) f = (b ^ c ^ d) + 0x6ed9eba1
            else if (t < 60) f = ((b & c) | (b & d) | (c & d)) - 0x70e44324
            else f = (b ^ c ^ d) - 0x359d3e2a
            const next = (rotate(a, 5) + f + e + w[t]) | 0
            e = d
            d = c
            c = rotate(b, 30)
            b = a
            a = next
        }
        hash[0] += a
        hash[1] += b
        hash[2] += c
        hash[3] += d
        hash[4] += e
    }
}

const rotate = (x: number, n: number) => (x << n) | (x >>> (32 - n))
