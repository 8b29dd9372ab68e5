/** `gridverse evidence verify FILE`: an exported log checked entry by entry, without the platform or its database. */
import { createReadStream } from 'node:fs'
import { verifyExport } from '@gridverse/store'
import { BadInput, exit } from '../failure.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface EvidenceOptions {
    readonly head?: string
    readonly json?: boolean
}

export async function runEvidenceVerify(file: string, options: EvidenceOptions, terminal: Terminal): Promise<number> {
    const verdict = withHead(await verifyExport(file === '-' ? (await terminal.readInput()).split('\n') : linesOf(file)), options.head)
    if (verdict.entries === 0 && verdict.ok)
        throw new BadInput(file, [{ code: 'empty-log', path: file, message: 'the file holds no entry; every log begins with one' }])
    if (options.json) terminal.out(`${JSON.stringify(verdict)}\n`)
    else if (verdict.ok)
        terminal.out(`${file}: ${paint(terminal, 'green', 'the chain holds')}, ${verdict.entries} entries · newest hash ${verdict.head}\n`)
    else
        terminal.out(
            `${file}: ${paint(terminal, 'red', `the chain breaks at entry ${verdict.brokenAt}`)}, ${verdict.entries} entries before it hold\n${verdict.reason}\n`,
        )
    return verdict.ok ? exit.done : exit.noSolution
}

type Verdict = Awaited<ReturnType<typeof verifyExport>>

/** A chain that holds and ends elsewhere than it did has lost its newest entries. */
function withHead(verdict: Verdict, head: string | undefined): Verdict {
    if (!verdict.ok || head === undefined || verdict.head === head) return verdict
    const { entries } = verdict
    const reason = `the log ends at entry ${entries} with hash ${verdict.head}, not with ${head}: newer entries are missing, or it is another log`
    return { ok: false, entries, brokenAt: entries + 1, reason }
}

/** The lines of a file, split at line feeds only. */
async function* linesOf(file: string): AsyncGenerator<string> {
    let rest = ''
    try {
        for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
            const lines = (rest + chunk).split('\n')
            rest = lines.pop()!
            yield* lines
        }
    } catch (error) {
        throw new BadInput(file, [{ code: 'unreadable-file', path: file, message: `${file} cannot be read: ${(error as Error).message}` }])
    }
    yield rest
}
