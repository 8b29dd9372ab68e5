/** `gridverse start`: the platform, and with it the simulated plant unless told otherwise. */
import type { PlatformOptions } from '@gridverse/platform'
import { BadInput, exit, Misuse } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { untilStopped } from '../until-stopped.ts'

export interface StartOptions {
    readonly case?: string
    readonly data?: string
    readonly port?: number
    readonly host?: string
    readonly plant: boolean
    readonly databaseUrl?: string
    readonly brokerUrl?: string
    readonly json?: boolean
}

export async function runStart(options: StartOptions, terminal: Terminal): Promise<number> {
    const { CannotStart, runPlatform } = await import('@gridverse/platform')
    const { env } = process
    const platform = await runPlatform({
        plant: options.plant,
        ...(options.case === undefined ? {} : { caseFile: options.case }),
        ...(options.data === undefined ? {} : { dataDir: options.data }),
        ...(options.port === undefined ? {} : { port: options.port }),
        ...(options.host === undefined ? {} : { host: options.host }),
        ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
        ...(options.brokerUrl === undefined ? {} : { broker: brokerOf(options.brokerUrl, env) }),
    }).catch((error: unknown) => {
        throw error instanceof CannotStart ? new BadInput(error.file ? (options.case ?? error.file) : '', error.issues, error.cause) : error
    })
    const { url, signInUrl, brokerUrl, dataDir } = platform
    if (options.json) terminal.out(`${JSON.stringify({ url, signInUrl: signInUrl ?? null, brokerUrl, dataDir })}\n`)
    else terminal.out(`gridverse is ready at ${url}${signInUrl ? ` · sign in once with ${signInUrl}` : ''}\n`)
    await untilStopped(() => platform.close())
    return exit.done
}

/** Name and password of an external broker come from its address or from the environment, never from the command line's other words. */
function brokerOf(address: string, env: NodeJS.ProcessEnv): NonNullable<PlatformOptions['broker']> {
    if (!URL.canParse(address)) throw new Misuse(`--broker-url ${address} is not an address like mqtts://broker:8883`)
    const url = new URL(address)
    const username = decodeURIComponent(url.username) || (env.GRIDVERSE_BROKER_USERNAME ?? '')
    const password = decodeURIComponent(url.password) || (env.GRIDVERSE_BROKER_PASSWORD ?? '')
    url.username = ''
    url.password = ''
    return { url: url.href, username, password, ...(env.GRIDVERSE_BROKER_CA ? { caFile: env.GRIDVERSE_BROKER_CA } : {}) }
}
