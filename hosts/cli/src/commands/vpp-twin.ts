/** `gridverse vpp build|export`: the twin of a virtual power plant as one file: checked here, built on a running platform, written from it. */
import { writeFile } from 'node:fs/promises'
import { regionOf } from '@gridverse/grid'
import { createHighsSolver } from '@gridverse/solver'
import { errorsOf } from '@gridverse/units'
import { checkTwin, type EnrolAnswer, type Finding, parseTwin, type TrialPlan, type TwinReport, trialPlan } from '@gridverse/vpp'
import { readCase, readText } from '../case-file.ts'
import { BadInput, describeIssue, exit } from '../failure.ts'
import { checkOutFile } from '../out-file.ts'
import { connectPlatform } from '../platform-client.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface TwinBuildOptions {
    readonly platform: string
    readonly json?: boolean
    readonly check?: boolean
    /** grid it stands in, for --check */
    readonly case: string
    readonly trial: boolean
    readonly exact?: boolean
}

export async function runVppBuild(file: string, options: TwinBuildOptions, terminal: Terminal): Promise<number> {
    const text = await readText(file, terminal)
    if (options.check) return checkHere(file, text, options, terminal)
    const { issues } = parseTwin(text)
    if (errorsOf(issues).length > 0) throw new BadInput(file, issues)
    const { ask, url } = connectPlatform(options.platform, file)
    const body = { type: 'application/json', text: JSON.stringify({ text, exact: options.exact === true }) }
    const built = await ask<{
        name: string
        enrolled: number
        unchanged: number
        removed: number
        marketChanged: boolean
        answer?: EnrolAnswer
    }>('POST', '/api/vpp/twin', body)
    if (options.json) terminal.out(`${JSON.stringify(built)}\n`)
    else {
        terminal.out(
            `${url}: ${paint(terminal, 'green', `${built.name} is built`)} · ${built.enrolled} resources enrolled, ${built.unchanged} as they were, ` +
                `${built.removed} taken out · market ${built.marketChanged ? 'changed' : 'as it was'}\n`,
        )
        if (built.answer?.enrolmentToken) terminal.out(`token for their edge nodes, good for a day: ${built.answer.enrolmentToken}\n`)
        for (const { identity, secret } of built.answer?.secrets ?? []) terminal.out(`post ${identity}: ${secret}\n`)
    }
    return exit.done
}

async function checkHere(file: string, text: string, options: TwinBuildOptions, terminal: Terminal): Promise<number> {
    const { twin, issues } = parseTwin(text)
    const found = await readCase(options.case, terminal)
    const region = regionOf(found)
    const report = checkTwin(twin, { region })
    const sound = errorsOf(issues).length === 0 && report.buildable
    let trial: TrialPlan | undefined
    if (sound && options.trial) {
        if (terminal.interactive) terminal.err('planning a first day …')
        const solver = createHighsSolver({ threads: 1 })
        try {
            trial = await trialPlan(twin, solver, { nowMs: Date.now() })
        } finally {
            await solver.close()
            if (terminal.interactive) terminal.err('\r\u001b[K')
        }
    }
    if (options.json) terminal.out(`${JSON.stringify({ buildable: sound, issues, report, ...(trial ? { trial } : {}) })}\n`)
    else {
        for (const issue of issues) terminal.err(describeIssue(terminal, file, issue))
        terminal.out(describe(report, trial, sound, terminal))
    }
    if (!sound) return exit.badInput
    return trial && trial.status !== 'optimal' ? exit.noSolution : exit.done
}

const tones = { error: 'red', warning: 'yellow', note: undefined } as const

function describe(report: TwinReport, trial: TrialPlan | undefined, sound: boolean, terminal: Terminal): string {
    const kinds = Object.entries(report.kinds).map(([kind, n]) => `${n} ${kind}`)
    const parts = [
        `${report.name}: ${paint(terminal, sound ? 'green' : 'red', sound ? 'can be built' : 'cannot be built')} · ${report.count} resources in ${report.groups} groups · ` +
            `gives ${formatNumber(report.givesKw, 0)} kW, draws ${formatNumber(report.drawsKw, 0)} kW, holds ${formatNumber(report.holdsKwh, 0)} kWh · ` +
            `${formatNumber(100 * report.metered, 0)} % behind a meter\n${kinds.join(', ')}\n`,
        renderTable<Finding>(terminal, 'Findings', report.findings, [
            { title: 'about', value: (f) => f.section },
            { title: 'level', value: (f) => f.level, tone: (f) => tones[f.level] },
            { title: 'what', value: (f) => f.message },
        ]),
    ]
    if (trial?.cost !== undefined)
        parts.push(
            `first plan of ${trial.units} units: ${formatNumber(trial.cost, 2)} ${trial.currency} for a calm day, ${formatNumber(trial.ruleCost!, 2)} by rules · ` +
                `${trial.missed === 0 ? paint(terminal, 'green', 'nobody let down') : paint(terminal, 'yellow', `${trial.missed} let down`)}\n`,
        )
    else if (trial)
        parts.push(
            `first plan: ${paint(terminal, 'red', trial.status)} (${trial.message})\n`,
            renderTable(terminal, 'Least that must give way', trial.relaxation.slice(0, 20), [
                { title: 'limit', value: (row) => row.what },
                { title: 'by kW, kWh or K', value: (row) => row.by, decimals: 3 },
            ]),
        )
    return parts.join('')
}

export interface TwinExportOptions {
    readonly platform: string
    readonly out?: string
}

export async function runVppExport(options: TwinExportOptions, terminal: Terminal): Promise<number> {
    if (options.out) checkOutFile(options.out, [])
    const text = await connectPlatform(options.platform).askText('GET', '/api/vpp/twin')
    if (options.out) await writeFile(options.out, text)
    else terminal.out(text)
    return exit.done
}
