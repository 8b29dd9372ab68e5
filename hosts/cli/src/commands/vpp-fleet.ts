/** `gridverse vpp enrol|fleet|dispatch`: the fleet of a running platform, from files and the command line. */
import { errorsOf } from '@gridverse/units'
import {
    type EnrolAnswer,
    type FleetSummary,
    type NewOrder,
    type OrderCard,
    type ResourcePage,
    type ResourceSort,
    readFleet,
    type StandingOrder,
} from '@gridverse/vpp'
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

export interface FleetLookOptions extends FleetOptions {
    readonly at?: string
    readonly resources?: boolean
    readonly sort: ResourceSort
    readonly group?: string
    readonly limit: number
}

export async function runVppFleet(options: FleetLookOptions, terminal: Terminal): Promise<number> {
    const { ask } = connectPlatform(options.platform)
    const at = options.at === undefined ? '' : `at=${encodeURIComponent(options.at)}`
    const fleet = await ask<FleetSummary>('GET', `/api/vpp/fleet?${at}`)
    const orders = await ask<StandingOrder[]>('GET', `/api/vpp/orders/standing?${at}`)
    const filter = `sort=${options.sort}&limit=${options.limit}${options.group ? `&group=${encodeURIComponent(options.group)}` : ''}`
    const page = options.resources ? await ask<ResourcePage>('GET', `/api/vpp/resources?${filter}&${at}`) : undefined
    const resources = page?.resources.map(({ id, kind, group }, n) => ({ id, kind, group, ...page.twins[n]! }))
    if (options.json) {
        terminal.out(`${JSON.stringify({ ...fleet, orders, ...(resources ? { resources } : {}) })}\n`)
        return exit.done
    }
    const { tiles, availability, links } = fleet
    const fine = (value: number | null, decimals: number) => (value === null ? '–' : formatNumber(value, decimals))
    const kw = (value: number | null) => fine(value, 0)
    if (at) terminal.out(`${paint(terminal, 'yellow', `past, at ${new Date(fleet.tMs).toISOString()}`)}\n`)
    terminal.out(
        `${fleet.count} resources: ${links.online} online, ${links.silent} silent, ${links.offline} offline, ${links.never} never heard · ` +
            `coverage ${(100 * fleet.coverage).toFixed(0)} %\n` +
            `generation ${kw(tiles.generationKw)} · load ${kw(tiles.loadKw)} · storage ${kw(tiles.storageKw)} · from the grid ${kw(tiles.exchangeKw)} kW\n` +
            `could give ${kw(availability.upKw)} kW more (${kw(availability.fastUpKw)} at once), ${kw(availability.downKw)} kW less · ` +
            `${fleet.underDelivered} short of their orders\n` +
            `twins: oldest ${fine(fleet.twin.worstAgeS, 1)} s, off by ${fine(fleet.twin.syncErrorKw, 3)} kW and ${fine(fleet.twin.syncErrorPercent, 3)} points of charge (rms, last hour)\n`,
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
            { title: 'age s', value: (g) => g.twin.worstAgeS, decimals: 1 },
            { title: 'off kW', value: (g) => g.twin.syncErrorKw, decimals: 3 },
            { title: 'off points', value: (g) => g.twin.syncErrorPercent, decimals: 3 },
        ]),
    )
    if (resources)
        terminal.out(
            renderTable<(typeof resources)[number]>(terminal, `Resources (${resources.length} of ${page!.total})`, resources, [
                { title: 'resource', value: (r) => r.id },
                { title: 'kind', value: (r) => r.kind },
                { title: 'link', value: (r) => r.link, tone: (r) => (r.link === 'online' ? undefined : 'yellow') },
                { title: 'gives kW', value: (r) => r.pKw, decimals: 2 },
                { title: 'charge %', value: (r) => r.socPercent, decimals: 1 },
                { title: 'age s', value: (r) => r.ageS, decimals: 1 },
                { title: 'off kW', value: (r) => r.syncErrorKw, decimals: 3 },
                { title: 'off points', value: (r) => r.syncErrorPercent, decimals: 3 },
            ]),
        )
    if (orders.length > 0)
        terminal.out(
            renderTable<StandingOrder>(terminal, 'Orders in force', orders, [
                { title: 'order', value: (o) => o.id },
                { title: 'by', value: (o) => (o.approvedBy ? `${o.by}, ${o.approvedBy}` : o.by) },
                { title: 'until', value: (o) => new Date(o.untilMs).toISOString() },
                { title: 'kW', value: (o) => o.orderedKw, decimals: 1 },
                { title: 'stands for', value: (o) => o.standing },
                { title: 'read back', value: (o) => o.readBack, tone: (o) => (o.readBack < o.standing ? 'yellow' : undefined) },
                { title: 'reason', value: (o) => o.reason },
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
