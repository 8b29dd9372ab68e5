import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { emptyChain, genesisHash, type Seal, sealEntry, verifyChain } from './hash-chain.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface Entry {
    tMs: number
    actor: string
    detail: Record<string, unknown>
}
function chain(n: number): (Entry & Seal)[] {
    const entries: (Entry & Seal)[] = []
    for (let i = 1; i <= n; i++) {
        const before = entries.at(-1) ?? emptyChain
        entries.push(sealEntry({ tMs: i * 1000, actor: 'wei', detail: { before: 0, after: i, 原因: '检修 😀' } }, i, before.hash, sha256))
    }
    return entries
}

test('a sealed entry hashes its canonical text with its place in the chain', () => {
    const [first] = chain(1)
    const text = `{"actor":"wei","detail":{"after":1,"before":0,"原因":"检修 😀"},"previousHash":"${genesisHash}","seq":1,"tMs":1000}`
    expect(first!.hash).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
})

test('an untouched chain holds, from the start and from any head', () => {
    const entries = chain(20)
    expect(verifyChain(entries, sha256)).toEqual({ ok: true, entries: 20, head: entries[19]!.hash })
    expect(verifyChain(entries.slice(7), sha256, entries[6])).toEqual({ ok: true, entries: 13, head: entries[19]!.hash })
    expect(verifyChain([], sha256)).toEqual({ ok: true, entries: 0, head: genesisHash })
})

test('a changed entry is named', () => {
    const entries = chain(9)
    entries[4] = { ...entries[4]!, actor: 'wej' }
    expect(verifyChain(entries, sha256)).toMatchObject({
        ok: false,
        entries: 4,
        brokenAt: 5,
        reason: expect.stringContaining('was changed'),
    })
})

test('a dropped, a swapped and a doubled entry are named', () => {
    const entries = chain(9)
    expect(verifyChain(entries.toSpliced(3, 1), sha256)).toMatchObject({
        brokenAt: 4,
        reason: expect.stringContaining('entry 4 is missing'),
    })
    expect(verifyChain([entries[1]!, entries[0]!], sha256)).toMatchObject({ entries: 0, brokenAt: 1 })
    expect(verifyChain(entries.toSpliced(3, 0, entries[2]!), sha256)).toMatchObject({ brokenAt: 4 })
})

test('an entry resealed in place breaks the one after it', () => {
    const entries = chain(9)
    const { hash: _, seq, previousHash, ...content } = entries[4]!
    entries[4] = sealEntry({ ...content, actor: 'mallory' }, seq, previousHash, sha256)
    expect(verifyChain(entries, sha256)).toMatchObject({ ok: false, entries: 5, brokenAt: 6, reason: expect.stringContaining('names') })
})
