/** Ctrl-C for a command that runs in this process, without ending the test run that may listen too. */

/** Presses Ctrl-C as soon as a command listens for it; call before running the command. */
export function pressCtrlCWhenHeard(): void {
    const others = new Set(process.listeners('SIGINT'))
    const look = () => {
        const listener = process.listeners('SIGINT').find((each) => !others.has(each))
        if (listener) listener('SIGINT')
        else setTimeout(look, 1)
    }
    setTimeout(look, 1)
}
