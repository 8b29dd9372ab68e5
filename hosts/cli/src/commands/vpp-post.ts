/** `gridverse vpp post`: a charging post of a running platform, from afar. */
import { exit, Misuse } from '../failure.ts'
import { connectPlatform } from '../platform-client.ts'
import type { Terminal } from '../terminal.ts'

export interface PostOptions {
    readonly platform: string
    readonly json?: boolean
    readonly token?: string
    readonly hard?: boolean
    readonly reason: string
}

export async function runVppPost(resource: string, act: string, options: PostOptions, terminal: Terminal): Promise<number> {
    const { token, hard, reason } = options
    if (token !== undefined && act !== 'start') throw new Misuse('--token is of start alone')
    if (hard && act !== 'reset') throw new Misuse('--hard is of reset alone')
    const { ask } = connectPlatform(options.platform)
    const body = { act, reason, ...(token === undefined ? {} : { idToken: token }), ...(hard ? { hard } : {}) }
    const path = `/api/vpp/resources/${encodeURIComponent(resource)}/post`
    const answer = await ask<{ accepted: true }>('POST', path, { type: 'application/json', text: JSON.stringify(body) })
    terminal.out(options.json ? `${JSON.stringify(answer)}\n` : `${resource}: ${act} accepted\n`)
    return exit.done
}
