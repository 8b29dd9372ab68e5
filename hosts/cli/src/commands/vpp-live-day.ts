/** `gridverse vpp request` and `gridverse vpp day plan|approve|apply|status|stop`: a day of the live fleet, from what is wanted to what came. */

import type { LimitReport } from '@gridverse/plan'
import type { StudyCard } from '@gridverse/study'
import { type ReadSentence, readLimit, readSentence, type VppDayCard, type VppOutcome, type VppPreferences } from '@gridverse/vpp'
import { exit, Misuse } from '../failure.ts'
import { connectPlatform, type PlatformClient } from '../platform-client.ts'
import { createInterrupt, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface LiveOptions {
    readonly platform: string
    readonly json?: boolean
}
type Card = StudyCard<VppPreferences>

export interface RequestOptions extends LiveOptions {
    readonly read?: boolean
    readonly title?: string
    readonly samples?: number
    readonly keep?: number
    readonly seed?: number
}

/** Reads the sentence, asks for the plan, follows it; Ctrl-C cancels it there too. */
export async function runVppRequest(sentence: string, options: RequestOptions, terminal: Terminal): Promise<number> {
    const read = readSentence(sentence)
    if (options.read) {
        if (options.json) terminal.out(`${JSON.stringify(read)}\n`)
        else terminal.out(describeRead(read, terminal))
        return exit.done
    }
    // nobody confirms here: half a sentence is none
    if (read.rest.length > 0) throw new Misuse(`not understood: ${read.rest.join(', ')}; --read shows what is, without asking for anything`)
    if (!options.json) terminal.err(describeRead(read, terminal))
    const { title = sentence.slice(0, 200), samples, keep, seed } = options
    const drawn = Object.fromEntries(Object.entries({ samples, keep, seed }).filter(([, value]) => value !== undefined))
    const client = connectPlatform(options.platform)
    const card = await client.ask<Card>('POST', '/api/vpp/requests', jsonBody({ title, request: read.request, ...drawn }))
    return follow(client, card, options, terminal)
}

const jsonBody = (value: unknown) => ({ type: 'application/json', text: JSON.stringify(value) })

function describeRead({ request, understood, rest }: ReadSentence, terminal: Terminal): string {
    const { limits, ...asked } = request
    return [
        `asked for: ${Object.entries(asked)
            .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
            .join(' · ')}\n`,
        ...limits.map((limit) => `limit: ${readLimit(limit)}\n`),
        ...understood.map(({ as, text }) => `${paint(terminal, 'dim', `${as}:`)} ${text}\n`),
        ...(rest.length > 0 ? [`${paint(terminal, 'yellow', 'not understood:')} ${rest.join(' · ')}\n`] : []),
    ].join('')
}

async function follow(client: PlatformClient, asked: Card, options: LiveOptions, terminal: Terminal): Promise<number> {
    const interrupt = createInterrupt()
    let card = asked
    let cancelled = false
    let told = -1
    try {
        while (card.state === 'waiting' || card.state === 'running') {
            if (interrupt.asked && !cancelled) {
                cancelled = true
                await client.ask('POST', `/api/studies/${card.id}/cancel`)
            }
            const percent = Math.floor(100 * card.progress)
            if (terminal.interactive) terminal.err(`\r\u001b[K${card.state} ${percent} % · ${card.message}`)
            else if (percent >= told + 20) {
                told = percent
                terminal.err(`${card.state} ${percent} % ${card.message}\n`)
            }
            await new Promise((resolve) => setTimeout(resolve, 400))
            card = (await client.ask<{ card: Card }>('GET', `/api/studies/${card.id}`)).card
        }
    } finally {
        interrupt.dispose()
        if (terminal.interactive) terminal.err('\r\u001b[K')
    }
    const { outcome } = await client.ask<{ card: Card; outcome?: VppOutcome }>('GET', `/api/studies/${card.id}`)
    if (options.json) terminal.out(`${JSON.stringify({ card, ...(outcome ? { outcome: short(outcome) } : {}) })}\n`)
    else terminal.out(describePlan(card, outcome, terminal))
    if (cancelled) return interruptedExit
    return card.state === 'done' ? exit.done : outcome?.kind === 'issues' ? exit.badInput : exit.noSolution
}

/** What came of a plan without its courses. */
function short(outcome: VppOutcome) {
    if (outcome.kind !== 'report') return outcome
    const { day, limits, beforeAfter, firstStage } = outcome.report
    const { status, gap, objective, cvar, valueAtRisk, costs, currency, beta, alpha, maxViolation } = day
    return {
        kind: 'report',
        day: { status, gap, objective, cvar, valueAtRisk, costs, currency, beta, alpha, maxViolation },
        firstStage,
        ...(limits ? { limits } : {}),
        ...(beforeAfter ? { beforeAfter } : {}),
    }
}

function describePlan(card: Card, outcome: VppOutcome | undefined, terminal: Terminal): string {
    if (outcome?.kind === 'infeasible')
        return [
            `plan ${card.id}: ${paint(terminal, 'red', 'no plan keeps every limit')}${outcome.leastCvar === undefined ? '' : ` · least CVaR ${formatNumber(outcome.leastCvar, 2)}`}\n`,
            renderTable(terminal, 'Least that must give way', outcome.relaxation, [
                { title: 'limit', value: (row) => row.what },
                { title: 'by', value: (row) => row.by, decimals: 3 },
            ]),
        ].join('')
    if (outcome?.kind === 'issues') return outcome.issues.map(({ message }) => `${message}\n`).join('')
    if (outcome?.kind !== 'report') return `plan ${card.id}: ${card.state} ${card.message}\n`
    const { day, limits = [], beforeAfter } = outcome.report
    const parts = [
        `plan ${card.id}: ${paint(terminal, 'green', card.state)} · expected ${formatNumber(day.costs.operatingCost!, 2)} ${day.currency} · ` +
            `CVaR ${formatNumber(day.cvar, 2)} · gap ${day.gap.toExponential(1)} · largest violation ${day.maxViolation.toExponential(0)} kW\n`,
    ]
    if (limits.length > 0)
        parts.push(
            renderTable<LimitReport>(terminal, 'Limits asked for', limits, [
                { title: 'limit', value: (l) => readLimit(l.limit) },
                { title: 'comes to', value: (l) => l.reached ?? null, decimals: 1 },
                { title: 'binds', value: (l) => (l.binds ? 'yes' : 'no') },
                { title: `costs ${day.currency}`, value: (l) => l.cost ?? null, decimals: 2 },
                { title: 'shadow price', value: (l) => l.price ?? null, decimals: 3 },
            ]),
        )
    if (beforeAfter) {
        const { before, after, costBefore, costAfter, missedBefore, missedAfter } = beforeAfter
        const rows = [
            { what: `expected cost ${day.currency}`, before: costBefore, after: costAfter },
            { what: 'rooms outside comfort K·h', before: before.comfortKh, after: after.comfortKh },
            { what: 'vehicles not ready kWh', before: before.evShortKwh, after: after.evShortKwh },
            { what: 'hot water short kWh', before: before.waterShortKwh, after: after.waterShortKwh },
            { what: 'production not done kWh', before: before.taskShortKwh, after: after.taskShortKwh },
            { what: 'heat missing kWh', before: before.heatShortKwh, after: after.heatShortKwh },
            { what: 'cold missing kWh', before: before.coldShortKwh, after: after.coldShortKwh },
            { what: 'let down in all', before: missedBefore, after: missedAfter },
        ]
        parts.push(
            renderTable(terminal, 'Before, by rules, and after', rows, [
                { title: 'worst of the days', value: (r) => r.what },
                { title: 'before', value: (r) => r.before, decimals: 2 },
                { title: 'after', value: (r) => r.after, decimals: 2 },
            ]),
        )
    }
    return parts.join('')
}

// ── the day ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const runDayApprove = (study: string, options: LiveOptions, terminal: Terminal) => {
    const client = connectPlatform(options.platform)
    return tellDay(client.ask<VppDayCard>('POST', '/api/vpp/day/approve', jsonBody({ study })), options, terminal)
}
export const runDayApply = (options: LiveOptions, terminal: Terminal) =>
    tellDay(connectPlatform(options.platform).ask<VppDayCard>('POST', '/api/vpp/day/apply'), options, terminal)
export const runDayStop = (options: LiveOptions & { readonly reason: string }, terminal: Terminal) =>
    tellDay(
        connectPlatform(options.platform).ask<VppDayCard>('POST', '/api/vpp/day/stop', jsonBody({ reason: options.reason })),
        options,
        terminal,
    )
export const runDayStatus = (options: LiveOptions, terminal: Terminal) =>
    tellDay(connectPlatform(options.platform).ask<VppDayCard>('GET', '/api/vpp/day'), options, terminal)

async function tellDay(asked: Promise<VppDayCard>, options: LiveOptions, terminal: Terminal): Promise<number> {
    const card = await asked
    if (options.json) {
        terminal.out(`${JSON.stringify(card)}\n`)
        return exit.done
    }
    const { state, study, approvedBy, appliedBy, periods, currency, replans, message } = card
    if (state === 'none') {
        terminal.out('no day is approved\n')
        return exit.done
    }
    const over = periods.filter(({ realised }) => realised)
    const sum = (of: (p: (typeof periods)[number]) => number | null | undefined) => over.reduce((total, p) => total + (of(p) ?? 0), 0)
    terminal.out(
        [
            `the day is ${paint(terminal, state === 'running' ? 'green' : 'yellow', state)} · plan ${study} · approved by ${approvedBy}${appliedBy ? `, applied by ${appliedBy}` : ''}\n`,
            `${over.length} of ${periods.length} periods over · ${formatNumber(
                sum((p) => p.realised?.cost),
                2,
            )} ${currency}, predicted ${formatNumber(
                sum((p) => p.predicted.cost),
                2,
            )} · decided anew ${replans.length} times · ${periods.reduce((total, p) => total + p.orders, 0)} orders, ${periods.reduce((total, p) => total + p.lost, 0)} setpoints lost\n`,
            ...(message ? [`${paint(terminal, 'yellow', message)}\n`] : []),
        ].join(''),
    )
    return exit.done
}
