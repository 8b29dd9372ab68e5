/** `gridverse fault`: what goes wrong in the simulated plant, by its control port. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Issue } from '@gridverse/units'
import { BadInput, exit, Misuse } from '../failure.ts'
import { renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export interface FaultOptions {
    /** the plant's folder, or that of the platform that runs it */
    readonly data?: string
    readonly value?: number
    readonly for?: number
    readonly mend?: string
    readonly json?: boolean
}

interface Fault {
    readonly id: string
    readonly kind: string
    readonly target: string
    readonly value?: number
    readonly sinceMs: number
    readonly untilMs: number | null
}

export async function runFault(
    kind: string | undefined,
    target: string | undefined,
    options: FaultOptions,
    terminal: Terminal,
): Promise<number> {
    if (kind !== undefined && options.mend !== undefined) throw new Misuse('give either a fault to begin or --mend ID')
    if (kind !== undefined && target === undefined) throw new Misuse(`${kind} needs a target, such as resource/ID`)
    const ask = await openControl(options.data)
    if (options.mend !== undefined) {
        const mended = await ask<Fault>('DELETE', `/faults/${encodeURIComponent(options.mend)}`)
        terminal.out(options.json ? `${JSON.stringify(mended)}\n` : `${mended.id} ${mended.kind} ${mended.target}: over\n`)
        return exit.done
    }
    if (kind !== undefined) {
        const request = {
            kind,
            target,
            ...(options.value === undefined ? {} : { value: options.value }),
            ...(options.for === undefined ? {} : { durationS: options.for }),
        }
        const fault = await ask<Fault>('POST', '/faults', request)
        terminal.out(
            options.json
                ? `${JSON.stringify(fault)}\n`
                : `${fault.id} ${fault.kind} ${fault.target}${options.for === undefined ? '' : ` for ${options.for} s`}\n`,
        )
        return exit.done
    }
    const { rules, faults } = await ask<{ rules: Record<string, { target: string; value?: string }>; faults: Fault[] }>('GET', '/faults')
    if (options.json) {
        terminal.out(`${JSON.stringify({ rules, faults })}\n`)
        return exit.done
    }
    terminal.out(
        renderTable<Fault>(terminal, 'Faults', faults, [
            { title: 'id', value: (f) => f.id },
            { title: 'kind', value: (f) => f.kind },
            { title: 'target', value: (f) => f.target },
            { title: 'value', value: (f) => f.value ?? null },
        ]),
    )
    for (const [name, { target: of, value }] of Object.entries(rules)) terminal.out(`  ${name} ${of}${value ? ` --value: ${value}` : ''}\n`)
    return exit.done
}

/** The plant's door: its address and token are in its folder, which only whoever runs it can read. */
async function openControl(data: string | undefined) {
    const { env } = process
    const home = join(env.XDG_DATA_HOME ?? join(env.HOME ?? homedir(), '.local', 'share'), 'gridverse')
    const folders = data === undefined ? [join(home, 'plant'), home] : [resolve(data), resolve(data, 'plant')]
    const found = await Promise.all(folders.map((folder) => readFile(join(folder, 'control.json'), 'utf8').catch(() => undefined)))
    const text = found.find((content) => content !== undefined)
    if (text === undefined)
        throw new BadInput('', [
            {
                code: 'no-plant',
                path: 'data',
                message: `no control.json in ${folders.join(' or ')}: a plant leaves it there; give its folder by --data`,
            },
        ])
    const { url, token } = JSON.parse(text) as { url: string; token: string }
    return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
        let response: Response
        try {
            response = await fetch(url + path, {
                method,
                headers: { authorization: `Bearer ${token}` },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            })
        } catch {
            throw new BadInput('', [{ code: 'no-plant', path: url, message: `the plant at ${url} does not answer; does it run?` }])
        }
        const answer = (await response.json()) as T & { issues?: readonly Issue[] }
        if (!response.ok) throw new BadInput('', answer.issues ?? [{ code: 'plant-fault', path: url, message: `HTTP ${response.status}` }])
        return answer
    }
}
