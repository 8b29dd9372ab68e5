/** `gridverse vpp enrol|fleet|dispatch`: the fleet of a running platform, from files and the command line. */
import { errorsOf } from '@gridverse/units'
import { type EnrolAnswer, type FleetSummary, type NewOrder, type OrderCard, readFleet } from '@gridverse/vpp'
import { readText } from '../case-file.ts'
import { BadInput, describeIssue, exit, Misuse } from '../failure.ts'
import { connectPlatform } from '../platform-client.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface FleetOptions {
    readonly platform: string
    readonly json?: boolean
}
export interface EnrolOptions extends FleetOptions {
    readonly check?: boolean
    readonly partial?: boolean
    readonly replace?: boolean
}

export async function runVppEnrol(file: string, options: EnrolOptions, terminal: Terminal): Promise<number> {
    const text = await readText(file, terminal)
    const { resources, issues } = readFleet(text)
    const errors = errorsOf(issues)
    if (errors.length > 0 && (options.check || !options.partial || resources.length === 0)) throw new BadInput(file, issues)
    for (const issue of issues) if (!options.json) terminal.err(describeIssue(terminal, file, issue))
    const kinds = countBy(resources.map(({ kind }) => kind))
    if (options.check) {
        const found = { resources: resources.length, groups: [...new Set(resources.map((r) => r.group))].length, kinds, issues }
        if (options.json) terminal.out(`${JSON.stringify(found)}\n`)
        else
            terminal.out(
                `${file}: ${paint(terminal, 'green', 'a fleet')} of ${resources.length} resources in ${found.groups} groups\n${tableOf(kinds)}`,
            )
        return exit.done
    }
    const { ask, url } = connectPlatform(options.platform, file)
    const query = `?partial=${options.partial === true}&replace=${options.replace === true}`
    const json = /^\uFEFF?\s*[[{]/.test(text)
    const body = {
        type: json ? 'application/json' : 'text/csv',
        text: json ? JSON.stringify(JSON.parse(text.replace(/^\uFEFF/, ''))) : text,
    }
    const answer = await ask<EnrolAnswer>('POST', `/api/vpp/resources${query}`, body)
    if (options.json) terminal.out(`${JSON.stringify(answer)}\n`)
    else {
        const more = [
            answer.refused > 0 ? `${answer.refused} refused` : '',
            answer.replaced > 0 ? `${answer.replaced} replaced` : '',
            answer.edgeNodes.length > 0 ? `${answer.edgeNodes.length} edge nodes still need credentials` : '',
        ].filter(Boolean)
        terminal.out(
            `${url}: ${answer.taken} resources enrolled in ${answer.groups.length} groups${more.map((m) => `, ${m}`).join('')} · hash ${answer.hash}\n`,
        )
        if (answer.enrolmentToken) terminal.out(`token for their edge nodes, good for a day: ${answer.enrolmentToken}\n`)
        for (const { identity, secret } of answer.secrets) terminal.out(`post ${identity}: ${secret}\n`)
    }
    return exit.done
}

export async function runVppFleet(options: FleetOptions, terminal: Terminal): Promise<number> {
    const fleet = await connectPlatform(options.platform).ask<FleetSummary>('GET', '/api/vpp/fleet')
    if (options.json) {
        terminal.out(`${JSON.stringify(fleet)}\n`)
        return exit.done
    }
    const { tiles, availability, links } = fleet
    const kw = (value: number | null) => (value === null ? '–' : formatNumber(value))
    terminal.out(
        `${fleet.count} resources: ${links.online} online, ${links.silent} silent, ${links.offline} offline, ${links.never} never heard · ` +
            `coverage ${(100 * fleet.coverage).toFixed(0)} %\n` +
            `generation ${kw(tiles.generationKw)} · load ${kw(tiles.loadKw)} · storage ${kw(tiles.storageKw)} · from the grid ${kw(tiles.exchangeKw)} kW\n` +
            `could give ${kw(availability.upKw)} kW more (${kw(availability.fastUpKw)} at once), ${kw(availability.downKw)} kW less · ` +
            `${fleet.underDelivered} short of their orders\n`,
    )
    type Row = FleetSummary['groups'][number]
    terminal.out(
        renderTable<Row>(terminal, 'Groups', fleet.groups, [
            { title: 'group', value: (g) => g.id },
            { title: 'resources', value: (g) => g.count },
            { title: 'online', value: (g) => g.online },
            { title: 'gives kW', value: (g) => g.pKw, decimals: 1 },
            { title: 'ordered kW', value: (g) => g.orderedKw, decimals: 1 },
            { title: 'more kW', value: (g) => g.availability.upKw, decimals: 1 },
            { title: 'less kW', value: (g) => g.availability.downKw, decimals: 1 },
            { title: 'charge %', value: (g) => g.socPercent },
            {
                title: 'coverage %',
                value: (g) => 100 * g.coverage,
                tone: (g) => (g.coverage < fleet.coverageNeeded ? 'yellow' : undefined),
            },
        ]),
    )
    return exit.done
}

export interface DispatchOptions extends FleetOptions {
    readonly groups?: readonly string[]
    readonly resources?: readonly string[]
    readonly total?: number
    readonly release?: boolean
    readonly for?: number
    readonly reason: string
}

export async function runVppDispatch(options: DispatchOptions, terminal: Terminal): Promise<number> {
    if ((options.total === undefined) === (options.release !== true)) throw new Misuse('give either --total KW or --release')
    const order: NewOrder = {
        ...(options.groups ? { groups: options.groups } : {}),
        ...(options.resources ? { resources: options.resources } : {}),
        ...(options.total === undefined ? { release: true } : { totalKw: options.total }),
        ...(options.for === undefined ? {} : { forS: options.for }),
        reason: options.reason,
    }
    const { ask } = connectPlatform(options.platform)
    let card = await ask<OrderCard>('POST', '/api/vpp/orders', { type: 'application/json', text: JSON.stringify(order) })
    // a setpoint not confirmed is told once more: half a minute is enough for either end
    for (const endMs = performance.now() + 40_000; card.state === 'sent' && performance.now() < endMs; ) {
        await new Promise((resolve) => setTimeout(resolve, 250))
        card = await ask<OrderCard>('GET', `/api/vpp/orders/${card.id}`)
    }
    if (options.json) terminal.out(`${JSON.stringify(card)}\n`)
    else {
        const { p50, p99 } = card.confirmMs
        terminal.out(
            `order ${card.id}: ${paint(terminal, card.state === 'confirmed' ? 'green' : 'yellow', card.state)} · ${card.setpoints} setpoints, ` +
                `${card.confirmed} confirmed${p50 === null ? '' : ` (median ${p50.toFixed(0)} ms, 99th percentile ${p99!.toFixed(0)} ms)`}, ` +
                `${card.leftOut.length} left out · ${formatNumber(card.orderedKw)} kW\n`,
        )
        for (const { pass, rule, message } of card.checks) if (!pass) terminal.out(`${paint(terminal, 'red', rule)}: ${message}\n`)
        if (card.lost.length > 0) terminal.out(`lost: ${card.lost.join(', ')}\n`)
    }
    return card.state === 'confirmed' || card.state === 'waiting-for-second' ? exit.done : exit.noSolution
}

function countBy(words: readonly string[]): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const word of words) counts[word] = (counts[word] ?? 0) + 1
    return counts
}
const tableOf = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
        .map(([kind, n]) => `  ${kind.padEnd(18)} ${String(n).padStart(6)}\n`)
        .join('')
