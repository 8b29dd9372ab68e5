/** What a platform can be told; every setting has a safe default. The environment is read here and nowhere else. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export interface PlatformOptions {
    /** address the API, pages and broker listen on; loopback unless told otherwise */
    readonly host?: string
    /** port of the API and pages; 0 takes a free one */
    readonly port?: number
    /** port of the embedded broker; 0 takes a free one */
    readonly brokerPort?: number
    /** port charging posts connect to by OCPP; 0 takes a free one */
    readonly ocppPort?: number
    /**
     * PEM files of a certificate for that port: with them posts connect over TLS (security profile 2). With an authority for
     * posts they show a certificate of it instead of a password (profile 3).
     */
    readonly ocppTls?: { readonly certFile: string; readonly keyFile: string; readonly clientCaFile?: string }
    readonly dataDir?: string
    /** MATPOWER or region file; the shipped region where absent */
    readonly caseFile?: string
    readonly databaseUrl?: string
    readonly broker?: { readonly url: string; readonly username: string; readonly password: string; readonly caFile?: string }
    /** start the simulated plant as a process of its own */
    readonly plant?: boolean
    readonly plantSeed?: number
    readonly plantSpeed?: number
    /** where people reach the platform, for links and passkeys */
    readonly publicUrl?: string
    /** days of history kept; all of it where absent */
    readonly retentionDays?: number
    readonly logLevel?: string
}

export interface PlatformConfig {
    readonly host: string
    readonly port: number
    readonly brokerPort: number
    readonly ocppPort: number
    readonly ocppTls: PlatformOptions['ocppTls']
    readonly dataDir: string
    readonly caseFile: string | undefined
    readonly databaseUrl: string | undefined
    readonly broker: PlatformOptions['broker']
    readonly plant: boolean
    readonly plantSeed: number | undefined
    readonly plantSpeed: number | undefined
    readonly publicUrl: string | undefined
    readonly retentionDays: number | undefined
    readonly logLevel: string
    readonly group: string
}

export function resolveConfig(options: PlatformOptions, env: Readonly<Record<string, string | undefined>> = process.env): PlatformConfig {
    const brokerUrl = env.GRIDVERSE_BROKER_URL
    const fromEnv = brokerUrl && {
        url: brokerUrl,
        username: env.GRIDVERSE_BROKER_USERNAME ?? '',
        password: env.GRIDVERSE_BROKER_PASSWORD ?? '',
        ...(env.GRIDVERSE_BROKER_CA ? { caFile: env.GRIDVERSE_BROKER_CA } : {}),
    }
    const { GRIDVERSE_OCPP_CERT: certFile, GRIDVERSE_OCPP_KEY: keyFile, GRIDVERSE_OCPP_CLIENT_CA: clientCaFile } = env
    const home = env.XDG_DATA_HOME ?? join(env.HOME ?? homedir(), '.local', 'share')
    return {
        host: options.host ?? env.GRIDVERSE_HOST ?? '127.0.0.1',
        port: options.port ?? Number(env.GRIDVERSE_PORT ?? 7400),
        brokerPort: options.brokerPort ?? Number(env.GRIDVERSE_BROKER_PORT ?? 0),
        ocppPort: options.ocppPort ?? Number(env.GRIDVERSE_OCPP_PORT ?? 0),
        ocppTls: options.ocppTls ?? (certFile && keyFile ? { certFile, keyFile, ...(clientCaFile ? { clientCaFile } : {}) } : undefined),
        dataDir: resolve(options.dataDir ?? env.GRIDVERSE_DATA ?? join(home, 'gridverse')),
        caseFile: options.caseFile && resolve(options.caseFile),
        databaseUrl: options.databaseUrl ?? env.GRIDVERSE_DATABASE_URL,
        broker: options.broker ?? (fromEnv || undefined),
        plant: options.plant ?? true,
        plantSeed: options.plantSeed,
        plantSpeed: options.plantSpeed,
        publicUrl: options.publicUrl ?? env.GRIDVERSE_PUBLIC_URL,
        retentionDays: options.retentionDays,
        logLevel: options.logLevel ?? env.GRIDVERSE_LOG_LEVEL ?? 'info',
        group: 'gridverse',
    }
}
