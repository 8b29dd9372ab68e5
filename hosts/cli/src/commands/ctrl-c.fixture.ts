/** Ctrl-C for a command that runs in this process, without ending the test run that may listen too. */

/** Presses Ctrl-C once for everybody who begins to listen within ten seconds, not before it is time; call before running the command. */
export function pressCtrlCWhenHeard(isTime = () => true): void {
    const pressed = new Set(process.listeners('SIGINT'))
    const until = performance.now() + 10_000
    const look = () => {
        const listener = isTime() && process.listeners('SIGINT').find((each) => !pressed.has(each))
        if (listener) {
            pressed.add(listener)
            listener('SIGINT')
            // the command itself listens last, for as long as it works
            if (listener.name === 'stop') return
        }
        if (performance.now() < until) setTimeout(look, 1).unref()
    }
    setTimeout(look, 1)
}
