/** Runs until the process is told to stop; a second signal ends it at once. */
export async function untilStopped(close: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
        let stopping = false
        const stop = () => {
            if (stopping) process.exit(130)
            stopping = true
            close().then(resolve, reject)
        }
        process.on('SIGINT', stop)
        process.on('SIGTERM', stop)
        process.on('SIGHUP', stop)
    })
}
