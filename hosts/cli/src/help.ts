/** What commands have in common: how they are told of, and options of every one. */
import { type Command, Option } from 'commander'

export const exits = `
Exit codes: 0 done, 1 bad input (--json: {"issues":[…]}), 2 no solution, 64 wrong use of the command line.`

/** What the command is for, and how it is called. */
export const tell = (command: Command, about: string, examples: string): Command =>
    command
        .summary(about)
        .description(about)
        .addHelpText('after', `\nExamples:\n${examples.trim().replace(/^ */gm, '  ')}\n${exits}`)

export const json = (): Option => new Option('--json', 'print one JSON value and nothing else on the standard output')
export const summary = (): Option => new Option('--summary', 'print the first lines only, without tables')
