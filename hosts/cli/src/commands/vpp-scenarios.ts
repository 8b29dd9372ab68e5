/** `gridverse vpp scenarios`: days drawn from climate and forecast, and those kept that stand for all. */
import { writeFile } from 'node:fs/promises'
import {
    type Climate,
    defaultClimate,
    parseVpp,
    reduceSamples,
    type Scenario,
    sampleVersion,
    sampleVpp,
    type Vpp,
    withSamples,
} from '@gridverse/plan'
import { writeParquet } from '@gridverse/tables'
import { errorsOf } from '@gridverse/units'
import { readText } from '../case-file.ts'
import { BadInput, exit, Misuse } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { samplesToTable } from './samples-table.ts'

export interface VppScenariosOptions {
    readonly samples: number
    readonly keep: number
    readonly seed: number
    readonly lat?: number
    readonly day?: number
    readonly air?: number
    readonly out?: string
    readonly table?: string
    readonly json?: boolean
}

/** Draws days, keeps those that stand for all, and writes the instance with them. */
export async function runVppScenarios(file: string, options: VppScenariosOptions, terminal: Terminal): Promise<number> {
    const text = await readText(file, terminal)
    const { vpp, issues } = parseVpp(text)
    // an instance without scenarios yet is what this command is for
    const wrong = errorsOf(issues).filter((issue) => issue.path !== 'scenarios' && !issue.path.startsWith('scenarios/'))
    if (wrong.length) throw new BadInput(file, wrong)
    if (vpp.scenarios.length === 0 && !vpp.forecast)
        throw new BadInput(file, [
            {
                code: 'missing-value',
                path: 'forecast',
                message: 'forecast is missing: without it, or scenarios, the wind of the day is not known',
            },
        ])
    if (options.keep > options.samples) throw new Misuse(`--keep ${options.keep} is more than the ${options.samples} samples drawn`)
    const climate: Climate = {
        ...defaultClimate,
        ...(options.lat === undefined ? {} : { latDeg: options.lat }),
        ...(options.day === undefined ? {} : { dayOfYear: options.day }),
        ...(options.air === undefined ? {} : { airC: options.air }),
    }
    const samples = sampleVpp(vpp, climate, options.seed, options.samples)
    const reduced = reduceSamples(vpp, samples, options.keep)
    const { forecast, scenarios } = withSamples(vpp, samples, reduced)
    const meta = {
        seed: options.seed,
        samples: options.samples,
        modelVersion: sampleVersion,
        climate,
        selected: reduced.rows,
        kantorovich: reduced.distance,
        coverage: reduced.coverage,
        features: reduced.features,
    }
    if (options.table) await writeFile(options.table, writeParquet(samplesToTable(samples, { climate: JSON.stringify(climate) })))
    const instance = {
        ...JSON.parse(text),
        forecast: listed(forecast!),
        scenarios: scenarios.map((s) => ({ prob: s.probability, ...listed(s) })),
        meta,
    }
    if (options.out) await writeFile(options.out, `${JSON.stringify(instance)}\n`)
    if (options.json) terminal.out(`${JSON.stringify(options.out ? meta : instance)}\n`)
    else terminal.out(describeSamples(vpp, meta, reduced.probability, terminal))
    return exit.done
}

const listed = ({ pv, wind, load }: Scenario) => ({
    pv: pv.map((series) => Array.from(series)),
    wind: wind.map((series) => Array.from(series)),
    ...(load ? { load: Array.from(load) } : {}),
})

function describeSamples(
    vpp: Vpp,
    meta: {
        samples: number
        selected: readonly number[]
        kantorovich: number
        coverage: ReturnType<typeof reduceSamples>['coverage']
        features: readonly string[]
    },
    probability: readonly number[],
    terminal: Terminal,
): string {
    const { coverage } = meta
    const head = [
        `${vpp.name}: ${meta.selected.length} of ${meta.samples} days kept`,
        `mean distance ${formatNumber(100 * meta.kantorovich, 1)} % of the load`,
        `correlations off by at most ${formatNumber(coverage.correlationError, 2)}`,
        `largest hole ${formatNumber(100 * coverage.hole, 0)} % of the space's diagonal`,
    ]
    return [
        `${head.join(' · ')}\n`,
        renderTable(terminal, 'Reach', meta.features, [
            { title: 'of', value: (feature) => feature },
            { title: 'share of the range kept %', value: (feature) => 100 * coverage.span[meta.features.indexOf(feature)]!, decimals: 0 },
        ]),
        renderTable(terminal, 'Days kept', meta.selected, [
            { title: 'day', value: (row) => row },
            { title: 'probability %', value: (row) => 100 * probability[meta.selected.indexOf(row)]!, decimals: 1 },
        ]),
    ].join('')
}
