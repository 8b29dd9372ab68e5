/** The log as a file: one canonical JSON entry on each line, oldest first, checkable without the database. */
import { type ChainVerdict, canonicalJson, emptyChain, type Seal, verifyChain } from '@gridverse/trust'
import type { EvidenceLog } from '@gridverse/twin'
import { sha256 } from './evidence-log.ts'

const pageEntries = 5_000

/** Lines of the exported log, each with its line end. */
export async function* exportLog(log: EvidenceLog): AsyncGenerator<string> {
    for (let afterSeq = 0; ; ) {
        const page = await log.list({ afterSeq, limit: pageEntries })
        for (const entry of page) yield `${canonicalJson(entry)}\n`
        if (page.length < pageEntries) return
        afterSeq = page.at(-1)!.seq
    }
}

/** Checks exported lines; names the first entry that does not hold. Empty lines are passed over. */
export async function verifyExport(lines: AsyncIterable<string> | Iterable<string>): Promise<ChainVerdict> {
    let head = emptyChain
    for await (const line of lines) {
        if (line.trim() === '') continue
        let entry: Seal
        try {
            entry = JSON.parse(line) as Seal
        } catch {
            return {
                ok: false,
                entries: head.seq,
                brokenAt: head.seq + 1,
                reason: `line after entry ${head.seq} is not JSON: ${line.slice(0, 80)}`,
            }
        }
        const verdict = verifyChain([entry], sha256, head)
        if (!verdict.ok) return { ...verdict, entries: head.seq }
        // another text of the same entry is no harm to the chain, but it is not what was exported
        if (line.replace(/\n$/, '') !== canonicalJson(entry))
            return { ok: false, entries: head.seq, brokenAt: entry.seq, reason: `entry ${entry.seq} is not written as it was exported` }
        head = { seq: entry.seq, hash: entry.hash }
    }
    return { ok: true, entries: head.seq, head: head.hash }
}
