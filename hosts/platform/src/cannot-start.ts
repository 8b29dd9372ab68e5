/** Why the platform does not start, in words for whoever started it: every reason at once, with what to do about it. */
import { DatabaseUnusable } from '@gridverse/store'
import type { Issue } from '@gridverse/units'
import type { PlatformConfig } from './config.ts'

export class CannotStart extends Error {
    readonly issues: readonly Issue[]
    /** the file the issues are of, where they are of one */
    readonly file: string | undefined
    constructor(issues: readonly Issue[], options: { file?: string; cause?: unknown } = {}) {
        super(issues.map((issue) => issue.message).join('\n'), { cause: options.cause })
        this.issues = issues
        this.file = options.file
    }
}

/** What a setting says that cannot be, before anything is opened. */
export function checkConfig({ port, brokerPort, ocppPort, databaseUrl, broker, publicUrl }: PlatformConfig): Issue[] {
    const issues: Issue[] = []
    const wrong = (path: string, message: string) => issues.push({ code: 'bad-setting', path, message })
    for (const [path, value] of Object.entries({ port, brokerPort, ocppPort }))
        if (!Number.isInteger(value) || value < 0 || value > 65_535) wrong(path, `${path} must be a port, 0 to 65535, got ${value}`)
    const address = (path: string, url: string | undefined, protocols: readonly string[]) => {
        if (url === undefined) return
        const known = URL.canParse(url) && protocols.includes(new URL(url).protocol.slice(0, -1))
        // an address may hold a password: it is not repeated
        if (!known) wrong(path, `${path} must be an address beginning with ${protocols.map((name) => `${name}://`).join(' or ')}`)
    }
    address('databaseUrl', databaseUrl, ['postgresql', 'postgres'])
    address('brokerUrl', broker?.url, ['mqtt', 'mqtts', 'ws', 'wss'])
    address('publicUrl', publicUrl, ['http', 'https'])
    return issues
}

/** An error of the start as a reason; what nobody foresaw keeps its own words. */
export function explainStart(error: unknown, { dataDir, host, port, brokerPort, ocppPort, broker }: PlatformConfig): CannotStart {
    if (error instanceof CannotStart) return error
    const {
        code = '',
        message = String(error),
        syscall,
        path,
        ...at
    } = error as Error & NodeJS.ErrnoException & { port?: number; address?: string }
    const reason = (code: string, path: string, message: string) => new CannotStart([{ code, path, message }], { cause: error })
    if (error instanceof DatabaseUnusable) return reason('database-unreachable', 'databaseUrl', message)
    if (code === 'EADDRINUSE' || (code === 'EACCES' && syscall === 'listen')) {
        const taken = at.port ?? port
        const [setting, variable] =
            taken === port
                ? ['port']
                : taken === brokerPort
                  ? ['brokerPort', 'BROKER']
                  : taken === ocppPort
                    ? ['ocppPort', 'OCPP']
                    : ['port']
        const why = code === 'EACCES' ? 'may not be opened by this user' : 'is taken by another program'
        const remedy = variable
            ? `choose another by GRIDVERSE_${variable}_PORT`
            : 'stop that program, or choose another port by --port (0 takes a free one)'
        return reason('port-taken', setting!, `port ${taken} of ${at.address ?? host} ${why}; ${remedy}`)
    }
    if (code === 'EADDRNOTAVAIL' || (syscall === 'getaddrinfo' && code === 'ENOTFOUND'))
        return reason('no-such-address', 'host', `this machine has no address ${host} to listen on; --host takes one of its own`)
    if (path !== undefined && path === broker?.caFile)
        return reason('unreadable-file', 'brokerCa', `the authority's certificate ${path} cannot be read: ${message}`)
    if (path !== undefined && (path.startsWith(dataDir) || dataDir.startsWith(`${path}/`)))
        return reason('data-folder-unusable', 'dataDir', `the data folder ${dataDir} cannot be used: ${message}`)
    if (message.includes('in use by process')) return reason('data-folder-in-use', 'dataDir', message)
    return reason('cannot-start', 'platform', message)
}
