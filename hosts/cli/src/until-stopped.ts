/** npm passes on the Ctrl-C that the terminal has given us already: signals this close together are one, ms */
const oneSignalMs = 1000
/** the longest an orderly end may take, ms; what is durable by then stays durable */
const patienceMs = 15_000

/**
 * Runs until the process is told to stop; a second signal, or an end that takes too long, ends it at once. What it started
 * ends with it: the plant and the database's guard both watch this process.
 */
export async function untilStopped(close: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
        let stoppedMs: number | undefined
        const stop = () => {
            if (stoppedMs !== undefined) {
                if (performance.now() - stoppedMs > oneSignalMs) process.exit(130)
                return
            }
            stoppedMs = performance.now()
            setTimeout(() => {
                process.stderr.write(`gridverse did not end in order within ${patienceMs / 1000} s; it ends now\n`)
                process.exit(1)
            }, patienceMs).unref()
            close().then(resolve, reject)
        }
        process.on('SIGINT', stop)
        process.on('SIGTERM', stop)
        process.on('SIGHUP', stop)
    })
    // a handle somebody forgot must not hold the process
    setTimeout(() => process.exit(), 1000).unref()
}
