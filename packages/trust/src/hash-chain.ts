/**
 * Evidence as a hash chain: every entry carries the hash of the one before it, so nothing can be changed, dropped or
 * slipped in without every later hash telling.
 *
 *     hash(n) = SHA-256(UTF-8(canonicalJson({ …entry, seq: n, previousHash: hash(n−1) })))      hash(0) = 64 zeros
 *
 * The chain shows that what is kept is what was written, in that order. Cutting off the newest entries leaves a shorter
 * chain that still holds, so whoever needs to know that nothing is missing at the end keeps a head hash elsewhere.
 */
import { canonicalJson } from './canonical-json.ts'
import { toUtf8 } from './utf8.ts'

/** SHA-256 of some bytes, 64 lower-case hexadecimal digits. */
export type Sha256 = (bytes: Uint8Array) => string

/** What sealing adds to an entry. */
export interface Seal {
    /** 1, 2, 3 … without gaps */
    readonly seq: number
    /** hash of the entry before; `genesisHash` for the first */
    readonly previousHash: string
    /** SHA-256 over the entry with seq and previousHash */
    readonly hash: string
}

/** Where a chain stands: its last entry's number and hash. */
export interface ChainHead {
    readonly seq: number
    readonly hash: string
}

export type ChainVerdict =
    | { readonly ok: true; readonly entries: number; readonly head: string }
    /** `entries` hold; `brokenAt` is the seq of the first that does not */
    | { readonly ok: false; readonly entries: number; readonly brokenAt: number; readonly reason: string }

export const genesisHash = '0'.repeat(64)
export const emptyChain: ChainHead = { seq: 0, hash: genesisHash }

/** The entry with its place in the chain; throws where the entry is not JSON. */
export function sealEntry<E extends object>(entry: E, seq: number, previousHash: string, sha256: Sha256): E & Seal {
    return { ...entry, seq, previousHash, hash: sha256(toUtf8(canonicalJson({ ...entry, seq, previousHash }))) }
}

/** Why an entry does not follow the head, or undefined where it does. */
export function checkLink(head: ChainHead, entry: Seal, sha256: Sha256): string | undefined {
    const expected = head.seq + 1
    if (entry.seq !== expected) return `entry ${expected} is missing: entry ${entry.seq} follows entry ${head.seq}`
    if (entry.previousHash !== head.hash)
        return `entry ${entry.seq} names ${entry.previousHash} as the hash before it, but entry ${head.seq} has ${head.hash}`
    const { hash, ...content } = entry
    let found: string
    try {
        found = sha256(toUtf8(canonicalJson(content)))
    } catch (cause) {
        return `entry ${entry.seq} is not an entry: ${cause instanceof Error ? cause.message : cause}`
    }
    return found === hash ? undefined : `entry ${entry.seq} was changed: its content hashes to ${found}, sealed as ${hash}`
}

/** Walks sealed entries in order from `head` (an empty chain) and names the first that does not hold. */
export function verifyChain(entries: Iterable<Seal>, sha256: Sha256, head: ChainHead = emptyChain): ChainVerdict {
    let last = head
    for (const entry of entries) {
        const reason = checkLink(last, entry, sha256)
        if (reason) return { ok: false, entries: last.seq - head.seq, brokenAt: last.seq + 1, reason }
        last = entry
    }
    return { ok: true, entries: last.seq - head.seq, head: last.hash }
}
