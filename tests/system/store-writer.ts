/**
 * A writer to be killed: appends measurements and log entries from several callers and prints what was acknowledged, one
 * line each (`m CALLER N`: the N-th batch of a caller, `l SEQ HASH`: a log entry).
 * Arguments: data folder, first batch number.
 */
import { openStore } from '@gridverse/store'

const [dataDir, from] = [process.argv[2]!, Number(process.argv[3])]
const store = await openStore({ dataDir, nowMs: Date.now })
process.stdout.write('open\n')

/** Batch n of a caller: ten points of its own, all with value n. */
const batchOf = (caller: number, n: number) => ({
    count: 10,
    point: Int32Array.from({ length: 10 }, (_, k) => caller * 10 + k),
    tMs: new Float64Array(10).fill(1_790_000_000_000 + n),
    value: new Float64Array(10).fill(n),
    quality: new Uint8Array(10),
})
const measure = async (caller: number) => {
    for (let n = from; ; n++) {
        await store.history.append(batchOf(caller, n))
        process.stdout.write(`m ${caller} ${n}\n`)
    }
}
const log = async (actor: string) => {
    for (let n = 0; ; n++) {
        const { seq, hash } = await store.log.append({
            tMs: Date.now(),
            actor,
            action: 'command.operate',
            target: 'switch/L1.from/closed',
            detail: { n },
        })
        process.stdout.write(`l ${seq} ${hash}\n`)
    }
}
await Promise.all([measure(0), measure(1), measure(2), measure(3), log('wei'), log('ada')])
