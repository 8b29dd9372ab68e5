/** Starts Gridverse as a person would, as a process of its own, and speaks to it as a program would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CommandCard, SnapshotJson, StatusJson } from '@gridverse/twin'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const password = 'correct horse battery'

export const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'gridverse-test-'))
export const removeDataDir = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

export interface Running {
    readonly url: string
    readonly link: string | undefined
    readonly pid: number
    readonly process: ChildProcess
    readonly stderr: () => string
    /** Ctrl-C; resolves with the exit code. */
    stop(): Promise<number | null>
    kill(): Promise<void>
}

/** `gridverse start` with these arguments; resolves when it says that it is ready. */
export async function startGridverse(dataDir: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<Running> {
    const child = spawn(process.execPath, [join(root, 'hosts/cli/bin/gridverse.mjs'), 'start', '--data', dataDir, '--port', '0', ...args], {
        cwd: root,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
        stderr = (stderr + chunk).slice(-20_000)
    })
    const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    const said = new Promise<string>((resolve, reject) => {
        const look = () => {
            const line = stdout.split('\n').find((text) => text.includes('http'))
            if (line && stdout.includes('\n')) resolve(line)
        }
        child.stdout.on('data', look)
        gone.then((code) => reject(new Error(`gridverse start ended with ${code} before it was ready:\n${stdout}${stderr}`)))
    })
    const line = await said
    const url = line.match(/https?:\/\/[^\s/]+/)![0]
    return {
        url,
        link: line.match(/https?:\/\/\S+#\/welcome\/\S+/)?.[0],
        pid: child.pid!,
        process: child,
        stderr: () => stderr,
        stop() {
            child.kill('SIGINT')
            return gone
        },
        async kill() {
            child.kill('SIGKILL')
            await gone
        },
    }
}

/** A signed-in program. */
export class Client {
    readonly url: string
    #cookie = ''
    constructor(url: string) {
        this.url = url
    }
    get cookie(): string {
        return this.#cookie
    }
    async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
        const response = await fetch(this.url + path, {
            method,
            headers: { 'x-gridverse': '1', cookie: this.#cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        const cookie = response.headers.get('set-cookie')
        if (cookie) this.#cookie = cookie.split(';')[0]!
        const text = await response.text()
        return { status: response.status, body: text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text }
    }
    async ok<T = any>(method: string, path: string, body?: unknown): Promise<T> {
        const answer = await this.call(method, path, body)
        if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
        return answer.body
    }
    get = <T = any>(path: string) => this.ok<T>('GET', path)
    post = <T = any>(path: string, body: unknown = {}) => this.ok<T>('POST', path, body)
    snapshot = (world = 'live') => this.get<SnapshotJson>(`/api/worlds/${encodeURIComponent(world)}/snapshot`)
    status = () => this.get<StatusJson>('/api/status')
    async value(point: string, world = 'live'): Promise<SnapshotJson['points'][number]> {
        const found = (await this.snapshot(world)).points.find((entry) => entry.id === point)
        if (!found) throw new Error(`no point ${point}`)
        return found
    }
    /** Selects and operates; the card as it stands when the field has answered. */
    async operate(point: string, value: number): Promise<CommandCard> {
        const selected = await this.post<CommandCard>('/api/commands/select', { point, value, reason: 'test' })
        if (selected.state !== 'selected') return selected
        await this.post(`/api/commands/${selected.id}/operate`)
        return until(`command ${selected.id} to end`, async () => {
            const card = await this.get<CommandCard>(`/api/commands/${selected.id}`)
            return card.state === 'sent' ? undefined : card
        })
    }
}

/** The first administrator, by the one-time link. */
export async function setUp(running: Running, name = 'admin'): Promise<Client> {
    const client = new Client(running.url)
    if (!running.link) throw new Error('no sign-in link was printed')
    await client.post('/api/setup', { token: running.link.split('/welcome/')[1], name, password })
    return client
}

export async function signIn(url: string, name = 'admin'): Promise<Client> {
    const client = new Client(url)
    await client.post('/api/sign-in', { name, password })
    return client
}

/** Another person with a role, by an administrator's link. */
export async function invite(administrator: Client, name: string, role: string): Promise<Client> {
    const { url } = await administrator.post('/api/users', { name, role })
    const client = new Client(administrator.url)
    await client.post('/api/setup', { token: url.split('/welcome/')[1], name, password })
    return client
}

/** Tries again until it gives something; fails by name after the time. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
    const endMs = performance.now() + timeoutMs
    let last: unknown
    while (performance.now() < endMs) {
        try {
            const found = await look()
            if (found) return found
        } catch (error) {
            last = error
        }
        await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`waited ${timeoutMs / 1000} s for ${what}${last ? `; last: ${last}` : ''}`)
}

/** Every living process whose environment or arguments name this folder, and the children of a process. */
export function processesOf(dataDir: string): { pid: number; command: string }[] {
    const found: { pid: number; command: string }[] = []
    for (const entry of readdirSync('/proc')) {
        const pid = Number(entry)
        if (!Number.isInteger(pid) || pid === process.pid) continue
        const read = (file: string) => {
            try {
                return readFileSync(`/proc/${pid}/${file}`, 'utf8')
            } catch {
                return ''
            }
        }
        const command = read('cmdline').replaceAll('\0', ' ').trim()
        if (command && (command.includes(dataDir) || read('environ').includes(dataDir))) found.push({ pid, command })
    }
    return found
}
