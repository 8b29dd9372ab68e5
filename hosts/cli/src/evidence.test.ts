import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson, genesisHash, sealEntry } from '@gridverse/trust'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './main.fixture.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
let folder: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-evidence-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An exported log of so many entries. */
function exportOf(count: number) {
    const lines: string[] = []
    let previous = genesisHash
    for (let seq = 1; seq <= count; seq++) {
        const entry = {
            tMs: 1e12 + seq,
            actor: 'olga',
            action: 'command.operate',
            target: `switch/L${seq}`,
            detail: { value: seq / 3, why: '负荷' },
        }
        const sealed = sealEntry(entry, seq, previous, sha256)
        previous = sealed.hash
        lines.push(canonicalJson(sealed))
    }
    return { bytes: Buffer.from(`${lines.join('\n')}\n`), head: previous }
}
async function verify(bytes: Buffer, ...words: string[]) {
    const path = join(folder, 'log.ndjson')
    writeFileSync(path, bytes)
    const { code, out, err } = await run(['evidence', 'verify', path, '--json', ...words])
    return { code, err, verdict: JSON.parse(out) }
}

test('a log as it was written holds, from a file and from the standard input', async () => {
    const { bytes, head } = exportOf(40)
    expect(await verify(bytes)).toEqual({ code: 0, err: '', verdict: { ok: true, entries: 40, head } })
    expect((await verify(bytes, '--head', head)).code).toBe(0)
    const piped = await run(['evidence', 'verify', '-'], { input: bytes.toString() })
    expect(piped).toMatchObject({ code: 0, out: expect.stringContaining('the chain holds, 40 entries') })
})

test('any one byte altered breaks it at its entry', async () => {
    const { bytes } = exportOf(12)
    for (let at = 0; at < bytes.length - 1; at += 37) {
        const altered = Buffer.from(bytes)
        altered[at]! ^= 1
        const entry = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1
        const { code, verdict } = await verify(altered)
        expect(code, `byte ${at}`).toBe(2)
        expect(verdict, `byte ${at}`).toMatchObject({ ok: false, brokenAt: entry, entries: entry - 1 })
    }
})

test('an entry cut out, and entries cut off the end where the newest hash is known', async () => {
    const { bytes, head } = exportOf(9)
    const lines = bytes.toString().split('\n')
    expect((await verify(Buffer.from(lines.toSpliced(4, 1).join('\n')))).verdict).toMatchObject({ ok: false, brokenAt: 5 })
    const short = Buffer.from(`${lines.slice(0, 7).join('\n')}\n`)
    expect((await verify(short)).code).toBe(0)
    expect(await verify(short, '--head', head)).toMatchObject({ code: 2, verdict: { ok: false, brokenAt: 8 } })
    const told = await run(['evidence', 'verify', join(folder, 'log.ndjson'), '--head', head])
    expect(told).toMatchObject({ code: 2, out: expect.stringContaining('the chain breaks at entry 8') })
})

test('a file that is not there or holds nothing is bad input', async () => {
    expect(await verify(Buffer.from('\n'))).toMatchObject({ code: 1, verdict: { issues: [{ code: 'empty-log' }] } })
    const absent = await run(['evidence', 'verify', join(folder, 'none'), '--json'])
    expect(absent.code).toBe(1)
    expect(JSON.parse(absent.out).issues[0]).toMatchObject({ code: 'unreadable-file' })
    expect((await run(['evidence'])).code).toBe(64)
})
