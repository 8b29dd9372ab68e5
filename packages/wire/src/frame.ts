/**
 * The 8 bytes a frame starts with: magic (4 ASCII letters naming the family), kind (u16: which message), version (u16: of
 * that message's layout). Eight, so that what follows is aligned for 64-bit values.
 */
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface FrameHeader {
    readonly kind: number
    readonly version: number
}

const codeOf = (magic: string): number => {
    if (!/^[\x20-\x7e]{4}$/.test(magic)) throw new Error(`A frame's magic is 4 printable ASCII letters, got "${magic}".`)
    return ((magic.charCodeAt(3) << 24) | (magic.charCodeAt(2) << 16) | (magic.charCodeAt(1) << 8) | magic.charCodeAt(0)) >>> 0
}

export function writeFrameHeader(writer: Writer, magic: string, header: FrameHeader): void {
    writer.u32(codeOf(magic))
    writer.u16(header.kind)
    writer.u16(header.version)
}

/** The header; with another magic, or a version newer than `maxVersion`, `reader.error` says so. */
export function readFrameHeader(reader: Reader, magic: string, maxVersion = 0xffff): FrameHeader {
    const expected = codeOf(magic)
    if (reader.u32() !== expected && !reader.error) {
        reader.offset -= 4
        reader.fail(`frame does not start with "${magic}"`)
    }
    const kind = reader.u16()
    const version = reader.u16()
    if (version > maxVersion) reader.fail(`frame kind ${kind} has version ${version}, at most ${maxVersion} is known here`)
    return { kind, version }
}
