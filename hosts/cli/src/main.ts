/** The `gridverse` command: reads the command line, runs one command, answers with its exit code. */
import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { BadInput, describeIssue, exit, Misuse } from './failure.ts'
import { createProgram } from './program.ts'
import { processTerminal, type Terminal } from './terminal.ts'

/** Runs one command line (without `node` and the script) and gives its exit code; never throws. */
export async function main(words: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
    const json = words.includes('--json')
    const tell = (code: string, message: string) => {
        if (json) terminal.out(`${JSON.stringify({ issues: [{ code, path: 'command line', message }] })}\n`)
    }
    let code: number = exit.done
    try {
        await createProgram(ownVersion(), terminal, (result) => {
            code = result
        }).parseAsync([...words], { from: 'user' })
        return code
    } catch (error) {
        if (error instanceof BadInput) {
            if (json) terminal.out(`${JSON.stringify({ issues: error.issues })}\n`)
            else for (const issue of error.issues) terminal.err(describeIssue(terminal, error.file, issue))
            if (process.env.GRIDVERSE_TRACE && error.cause instanceof Error) terminal.err(`${error.cause.stack}\n`)
            return exit.badInput
        }
        if (error instanceof CommanderError) {
            if (error.exitCode === 0) return exit.done
            // without any command the parser has shown its help and says no more
            tell('misuse', error.code === 'commander.help' ? 'no command given' : error.message.replace(/^error: /, ''))
            return exit.misuse
        }
        const message = error instanceof Error ? error.message : String(error)
        if (error instanceof Misuse) {
            terminal.err(`error: ${message}\n`)
            tell('misuse', message)
            return exit.misuse
        }
        terminal.err(`error: ${message}\n`)
        if (process.env.GRIDVERSE_TRACE && error instanceof Error) terminal.err(`${error.stack}\n`)
        tell('failed', message)
        return exit.badInput
    }
}

function ownVersion(): string {
    return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
}
