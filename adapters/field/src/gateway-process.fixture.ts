/** A gateway in a process of its own, to be killed: it writes every value to a file, synced, before it calls it durable. */
import { fsyncSync, openSync, writeSync } from 'node:fs'
import { createGateway } from './gateway.ts'

const [port, path] = process.argv.slice(2)
const file = openSync(path!, 'a')
let queue: { lines: string; done: () => void }[] = []

/** One write and one sync for all that came meanwhile. */
function commit(): void {
    const group = queue
    queue = []
    if (group.length > 0) {
        writeSync(file, group.map((g) => g.lines).join(''))
        fsyncSync(file)
    }
    for (const { done } of group) done()
    setTimeout(commit, 5)
}
commit()

const gateway = createGateway({
    host: '127.0.0.1',
    port: Number(port),
    hostId: 'killed',
    nowMs: Date.now,
    authenticate: async (username) => ({ edgeNode: username }),
})
await gateway.start({
    resolve: async (_device, points) => Int32Array.from(points, (_, k) => k),
    receive: (_device, batch) =>
        new Promise((done) => {
            queue.push({ lines: Array.from(batch.value.subarray(0, batch.count), (v) => `${v}\n`).join(''), done })
        }),
    event: () => {},
})
process.send!(gateway.url)
