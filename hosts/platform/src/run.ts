/** `gridverse start`: the platform as a process, from configuration to a clean end. */
import { join } from 'node:path'
import { pino } from 'pino'
import { welcomeUrl } from './api/people-routes.ts'
import { createServer } from './api/server.ts'
import { CannotStart, checkConfig, explainStart } from './cannot-start.ts'
import { readRegion } from './case-file.ts'
import { type PlatformOptions, resolveConfig } from './config.ts'
import { lockDataDir } from './data-dir.ts'
import { startPlantProcess } from './plant-process.ts'
import { createPlatform } from './platform.ts'

export interface RunningPlatform {
    /** where people and programs reach it */
    readonly url: string
    readonly brokerUrl: string
    /** one-time link for the first administrator, until there is one */
    readonly signInUrl: string | undefined
    readonly dataDir: string
    readonly plantPid: () => number | undefined
    close(): Promise<void>
}

/** Rejects with `CannotStart` and every reason known; nothing is left open then. */
export async function runPlatform(options: PlatformOptions = {}): Promise<RunningPlatform> {
    const config = resolveConfig(options)
    const issues = checkConfig(config)
    if (issues.length) throw new CannotStart(issues)
    const closing: (() => Promise<void> | void)[] = []
    // every part is closed, whatever the others say
    const close = async () => {
        const errors: unknown[] = []
        while (closing.length)
            try {
                await closing.pop()!()
            } catch (error) {
                errors.push(error)
            }
        if (errors.length) throw errors[0]
    }
    try {
        closing.push(lockDataDir(config.dataDir))
        const logFile = join(config.dataDir, 'platform.log')
        const logger = pino({ level: config.logLevel }, pino.destination({ dest: logFile, mkdir: true, sync: false }))
        const region = await readRegion(config.caseFile)
        const platform = await createPlatform(config, region, logger)
        closing.push(() => platform.close())
        await platform.fleet.start()
        await platform.gateway.start(platform.intake)
        await platform.fieldLinks.start(platform.intake)
        platform.loop.tick()
        platform.loop.start()

        const server = await createServer(platform, webFolder())
        closing.push(() => server.close())
        await server.listen({ host: config.host, port: config.port })
        const address = server.server.address()
        const port = typeof address === 'object' && address ? address.port : config.port
        const url = config.publicUrl ?? `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${port}`

        let plantPid: () => number | undefined = () => undefined
        if (config.plant) {
            const plant = startPlantProcess({
                platformUrl: `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${port}`,
                token: platform.enrolment.plantToken,
                dataDir: join(config.dataDir, 'plant'),
                caseFile: config.caseFile,
                seed: config.plantSeed,
                speed: config.plantSpeed,
                brokerCaFile: config.broker?.caFile,
                onExit: (detail) => logger.warn({ detail }, 'plant'),
            })
            plantPid = plant.pid
            closing.push(() => plant.stop())
        }
        const signInUrl = (await platform.people.setupNeeded()) ? welcomeUrl(url, await platform.people.setupLink()) : undefined
        await platform.note({ actor: 'system', action: 'platform.start', target: 'platform', detail: { region: region.id } })
        logger.info({ url, region: region.id }, 'ready')
        return { url, brokerUrl: platform.gateway.url, signInUrl, dataDir: config.dataDir, plantPid, close }
    } catch (error) {
        await close().catch(() => undefined)
        throw explainStart(error, config)
    }
}

/** The built pages; the API works without them. */
const webFolder = () => join(import.meta.dirname, '..', '..', 'web', 'dist')
