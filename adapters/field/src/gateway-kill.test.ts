import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createEdgeNode } from './edge-node.ts'
import { sleep, until } from './field.fixture.ts'

const processFile = new URL('./gateway-process.fixture.ts', import.meta.url).pathname

test('a gateway killed again and again loses nothing it acknowledged, and the edge node sends the rest again', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gridverse-field-'))
    const path = join(directory, 'durable.txt')
    let child: ChildProcess
    const start = async (port: number): Promise<string> => {
        child = fork(processFile, [String(port), path], { execArgv: ['--conditions=source', '--import', 'tsx'] })
        return await new Promise((resolve, reject) => {
            child.once('message', (url) => resolve(String(url)))
            child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
        })
    }
    const url = await start(0)
    const node = createEdgeNode({
        url,
        group: 'gridverse',
        edgeNode: 'S3',
        username: 'S3',
        password: '',
        nowMs: Date.now,
        devices: [{ id: 'd', metrics: [{ name: 'bus/1/vmPu', kind: 'analog', unit: 'p.u.', commandable: false, value: -1 }] }],
        retryMs: 20,
        onCommand: () => {},
    })
    await node.connect()

    const promised: number[] = []
    let said = 0
    let going = true
    const talk = (async () => {
        const open: Promise<void>[] = []
        while (going) {
            for (let k = 0; k < 5; k++) {
                const value = ++said
                open.push(
                    node.publish('d', [{ name: 'bus/1/vmPu', value, tMs: Date.now() }]).then(() => {
                        promised.push(value)
                    }),
                )
            }
            await sleep(1)
        }
        await Promise.all(open)
    })()

    for (let kill = 0; kill < 5; kill++) {
        await until(() => node.connected, 'connected')
        // a different moment each time, between commits and within them
        await sleep(60 + kill * 37)
        const dead = new Promise((resolve) => child.once('exit', resolve))
        child!.kill('SIGKILL')
        await dead
        const kept = new Set(readFileSync(path, 'utf8').split('\n').map(Number))
        expect(promised.filter((value) => !kept.has(value))).toEqual([])
        await start(Number(new URL(url).port))
    }
    going = false
    await talk
    expect(promised.length).toBe(said)
    const kept = new Set(readFileSync(path, 'utf8').split('\n').map(Number))
    for (let value = 1; value <= said; value++) expect(kept.has(value), `value ${value}`).toBe(true)
    expect(node.counters()).toMatchObject({ dropped: 0, waiting: 0 })
    expect(node.counters().resent).toBeGreaterThan(0)

    await node.close()
    child!.removeAllListeners('exit')
    child!.kill('SIGKILL')
    rmSync(directory, { recursive: true })
})
