/** How a command ends: the exit codes, and bad input as an error that carries every issue. */
import type { Issue } from '@gridverse/units'
import { paint, type Terminal } from './terminal.ts'

export const exit = { done: 0, badInput: 1, noSolution: 2, misuse: 64 } as const

/** Bad input: ends the command with code 1 after all its issues are told. */
export class BadInput extends Error {
    readonly issues: readonly Issue[]
    /** the file the issues are of; empty where they are of none */
    readonly file: string
    constructor(file: string, issues: readonly Issue[], cause?: unknown) {
        super(issues.map((issue) => issue.message).join('\n'), { cause })
        this.issues = issues
        this.file = file
    }
}

/** Wrong use of the command line that the parser itself cannot see. */
export class Misuse extends Error {}

/** `file:line: error: message [code]`, as compilers say it. */
export function describeIssue(terminal: Terminal, file: string, issue: Issue): string {
    const warning = issue.severity === 'warning'
    const place = issue.file === undefined ? file : `${file}/${issue.file}`
    const where = !file ? '' : issue.line === undefined ? `${place}: ` : `${place}:${issue.line}: `
    return `${where}${paint(terminal, warning ? 'yellow' : 'red', warning ? 'warning' : 'error')}: ${issue.message} ${paint(terminal, 'dim', `[${issue.code}]`)}\n`
}
