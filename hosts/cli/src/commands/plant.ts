/** `gridverse plant`: the simulated power system as a process of its own, met only through the field protocol. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { readCase } from '../case-file.ts'
import { exit, Misuse } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { untilStopped } from '../until-stopped.ts'

export interface PlantCommandOptions {
    readonly platform: string
    readonly data?: string
    readonly case?: string
    readonly controlPort?: number
    readonly speed?: number
    readonly seed?: number
    readonly json?: boolean
}

export async function runPlantCommand(options: PlantCommandOptions, terminal: Terminal): Promise<number> {
    if (!URL.canParse(options.platform)) throw new Misuse(`--platform ${options.platform} is not an address like http://127.0.0.1:7400`)
    // everything wrong with the case is told before anything runs
    if (options.case !== undefined) await readCase(options.case, terminal)
    const { env } = process
    const home = env.XDG_DATA_HOME ?? join(env.HOME ?? homedir(), '.local', 'share')
    const { runPlant } = await import('@gridverse/plant')
    const plant = await runPlant({
        platformUrl: options.platform,
        // a secret is not for the command line, where every process can read it
        enrolToken: env.GRIDVERSE_ENROL_TOKEN ?? '',
        dataDir: resolve(options.data ?? join(home, 'gridverse', 'plant')),
        ...(options.case === undefined ? {} : { caseFile: resolve(options.case) }),
        ...(options.controlPort === undefined ? {} : { controlPort: options.controlPort }),
        ...(options.speed === undefined ? {} : { speed: options.speed }),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
        onEvent: (kind, detail) => terminal.err(`plant: ${kind}: ${detail}\n`),
    })
    const { controlUrl, region } = plant
    if (options.json) terminal.out(`${JSON.stringify({ platform: options.platform, region: region.id, controlUrl })}\n`)
    else terminal.out(`plant of ${region.name} runs for ${options.platform} · control port ${controlUrl}\n`)
    await untilStopped(() => plant.close())
    return exit.done
}
