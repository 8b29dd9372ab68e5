import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const children: ChildProcess[] = []
const folders: string[] = []
afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** The plant as a process of its own, with no platform to talk to. */
async function startProcess(dataDir: string): Promise<{ child: ChildProcess; exited: Promise<number | null>; call: Call }> {
    rmSync(join(dataDir, 'control.json'), { force: true })
    const child = fork(join(import.meta.dirname, 'main.ts'), ['--platform', 'http://127.0.0.1:9', '--token', 'x', '--data', dataDir], {
        execArgv: ['--conditions=source', '--import=tsx'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.push(child)
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    await until(() => existsSync(join(dataDir, 'control.json')))
    const { url, token } = JSON.parse(readFileSync(join(dataDir, 'control.json'), 'utf8')) as { url: string; token: string }
    const call: Call = async (method, path, body) => {
        const headers = { authorization: `Bearer ${token}` }
        const answer = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
        return answer.json() as Promise<{ points: Record<string, number> }>
    }
    return { child, exited, call }
}
type Call = (method: string, path: string, body?: object) => Promise<{ points: Record<string, number> }>

async function until(condition: () => boolean, withinMs = 20_000) {
    for (const end = Date.now() + withinMs; !condition(); await new Promise((resolve) => setTimeout(resolve, 20)))
        if (Date.now() > end) throw new Error(`not within ${withinMs} ms`)
}
const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'plant-process-'))
    folders.push(folder)
    return folder
}

test('killed without warning it goes on with the switches it had; asked to stop it stops', { timeout: 60_000 }, async () => {
    const dataDir = newFolder()
    const first = await startProcess(dataDir)
    await first.call('POST', '/switches/L23.from', { closed: false })
    first.child.kill('SIGKILL')
    await first.exited
    const second = await startProcess(dataDir)
    const { points } = await second.call('GET', '/state')
    expect(points['switch/L23.from/closed']).toBe(0)
    expect(points['branch/L23/pFromMw']).toBe(0)
    second.child.kill('SIGTERM')
    expect(await second.exited).toBe(0)
})

test('it ends when the process that started it goes away', { timeout: 60_000 }, async () => {
    const { child, exited } = await startProcess(newFolder())
    child.disconnect()
    expect(await exited).toBe(0)
})
