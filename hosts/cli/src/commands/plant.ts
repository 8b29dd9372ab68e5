/** `gridverse plant`: the simulated power system as a process of its own, met only through the field protocol. */
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

/** What this command needs of the plant. */
interface PlantPackage {
    runPlant(options: {
        platformUrl: string
        enrolToken?: string
        dataDir?: string
        caseFile?: string
        controlPort?: number
        speed?: number
        seed?: number
    }): Promise<{ readonly controlUrl?: string; close(): Promise<void> }>
}

export async function runPlantCommand(options: PlantCommandOptions, terminal: Terminal): Promise<number> {
    const enrolToken = process.env.GRIDVERSE_ENROL_TOKEN
    if (!URL.canParse(options.platform)) throw new Misuse(`--platform ${options.platform} is not an address like http://127.0.0.1:7400`)
    const { runPlant } = (await import('@gridverse/plant')) as unknown as PlantPackage
    const plant = await runPlant({
        platformUrl: options.platform,
        ...(enrolToken ? { enrolToken } : {}),
        ...(options.data === undefined ? {} : { dataDir: options.data }),
        ...(options.case === undefined ? {} : { caseFile: options.case }),
        ...(options.controlPort === undefined ? {} : { controlPort: options.controlPort }),
        ...(options.speed === undefined ? {} : { speed: options.speed }),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
    })
    const control = plant.controlUrl ?? null
    if (options.json) terminal.out(`${JSON.stringify({ platform: options.platform, controlUrl: control })}\n`)
    else terminal.out(`plant runs for ${options.platform}${control ? ` · control at ${control}` : ''}\n`)
    await untilStopped(() => plant.close())
    return exit.done
}
