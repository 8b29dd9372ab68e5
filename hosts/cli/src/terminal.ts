/** Where a command writes: results to the standard output, progress and complaints to the standard error. */

export interface Terminal {
    out(text: string): void
    err(text: string): void
    /** the standard output takes colours */
    readonly colour: boolean
    /** the standard error is watched by a person */
    readonly interactive: boolean
    /** everything on the standard input */
    readInput(): Promise<string>
}

/** The process's own terminal. Colours only where a person looks; NO_COLOR (no-color.org) forbids, FORCE_COLOR demands them. */
export function processTerminal(): Terminal {
    const { env, stdout, stderr, stdin } = process
    // a reader that has seen enough (`| head`) is no fault
    stdout.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE') process.exit()
        stderr.write(`error: the output cannot be written: ${error.message}\n`)
        process.exit(1)
    })
    // complaints nobody hears must not end what is running
    stderr.on('error', () => undefined)
    return {
        out: (text) => void stdout.write(text),
        err: (text) => void stderr.write(text),
        colour: env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : stdout.isTTY === true && env.TERM !== 'dumb',
        interactive: stderr.isTTY === true,
        async readInput() {
            const chunks: Buffer[] = []
            for await (const chunk of stdin) chunks.push(chunk as Buffer)
            return Buffer.concat(chunks).toString('utf8')
        },
    }
}

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39], green: [32, 39] } as const

/** Text in a colour or weight, or plain where the terminal takes none. */
export function paint(terminal: Terminal, style: keyof typeof codes, text: string): string {
    return terminal.colour ? `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m` : text
}
