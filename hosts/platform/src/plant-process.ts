/**
 * The simulated plant as a child process: started with its enrolment token, started again when it dies, stopped with the
 * platform. It is met only through the field protocol; nothing but life and death passes here.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface PlantProcess {
    readonly pid: () => number | undefined
    stop(): Promise<void>
}
export interface PlantProcessOptions {
    readonly platformUrl: string
    readonly token: string
    readonly dataDir: string
    readonly caseFile: string | undefined
    readonly seed: number | undefined
    readonly speed: number | undefined
    /** PEM file of the authority behind an external broker */
    readonly brokerCaFile: string | undefined
    readonly onExit: (detail: string) => void
}

export function startPlantProcess(options: PlantProcessOptions): PlantProcess {
    let child: ChildProcess | undefined
    let stopping = false
    let waitMs = 500
    let timer: NodeJS.Timeout | undefined

    const start = () => {
        const startedMs = performance.now()
        const process = fork(plantEntry(), plantArguments(options), {
            // the token travels by the environment: arguments are for everybody to read
            env: {
                ...globalThis.process.env,
                GRIDVERSE_ENROL_TOKEN: options.token,
                ...(options.brokerCaFile ? { NODE_EXTRA_CA_CERTS: options.brokerCaFile } : {}),
            },
            execArgv: globalThis.process.execArgv,
            stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
            // its own process group: a Ctrl-C in the terminal reaches the platform first, which then stops it
            detached: true,
        })
        child = process
        process.once('exit', (code, signal) => {
            child = undefined
            if (stopping) return
            options.onExit(`plant process ended (${signal ?? `exit ${code}`}); starting it again`)
            waitMs = performance.now() - startedMs > 10_000 ? 500 : Math.min(waitMs * 2, 10_000)
            timer = setTimeout(start, waitMs)
        })
    }
    start()

    return {
        pid: () => child?.pid,
        async stop() {
            stopping = true
            clearTimeout(timer)
            const process = child
            if (!process) return
            const gone = new Promise<void>((resolve) => process.once('exit', () => resolve()))
            process.kill('SIGTERM')
            const kill = setTimeout(() => process.kill('SIGKILL'), 4000)
            await gone
            clearTimeout(kill)
        },
    }
}

const plantEntry = () => fileURLToPath(import.meta.resolve('@gridverse/plant/main'))

const plantArguments = ({ platformUrl, dataDir, caseFile, seed, speed }: PlantProcessOptions): string[] => [
    ...['--platform', platformUrl, '--data', dataDir],
    ...(caseFile ? ['--case', caseFile] : []),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...(speed === undefined ? [] : ['--speed', String(speed)]),
]
