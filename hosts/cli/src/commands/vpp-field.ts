/** `gridverse vpp field`: who is lost to the day, how it was decided around them, and what was sent to the field and acknowledged. */
import type { NoticeCard, OrderCard, VppDayCard } from '@gridverse/vpp'
import { exit } from '../failure.ts'
import { connectPlatform } from '../platform-client.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface FieldOptions {
    readonly platform: string
    readonly limit: number
    readonly json?: boolean
}

/** One thing sent to the field, of whatever kind. */
interface Sent {
    readonly kind: 'dispatch' | NoticeCard['kind']
    readonly id: string
    readonly tMs: number
    readonly state: string
    readonly recipients: number
    readonly acknowledged: number
    readonly acknowledgedMs: number | null
    readonly lost: readonly string[]
    readonly declined: NoticeCard['declined']
}

export async function runVppField({ platform, limit, json }: FieldOptions, terminal: Terminal): Promise<number> {
    const { ask } = connectPlatform(platform)
    const [day, notices, orders] = await Promise.all([
        ask<VppDayCard>('GET', '/api/vpp/day'),
        ask<NoticeCard[]>('GET', `/api/vpp/notices?limit=${limit}`),
        ask<OrderCard[]>('GET', `/api/vpp/orders?limit=${limit}`),
    ])
    const sent = [...notices.map(ofNotice), ...orders.map(ofOrder)].sort((a, b) => b.tMs - a.tMs).slice(0, limit)
    const { lost, left, currency } = day
    const changes = day.replans.flatMap(({ tMs, change }) => (change ? [{ tMs, ...change }] : []))
    if (json) {
        terminal.out(`${JSON.stringify({ state: day.state, currency, lost, left, changes, sent })}\n`)
        return exit.done
    }
    const at = (tMs: number | null) => (tMs === null ? '–' : new Date(tMs).toISOString().slice(11, 19))
    terminal.out(
        `day ${day.state} · ${lost.length === 0 ? 'nobody lost' : paint(terminal, 'yellow', `${lost.length} devices lost`)} · times UTC\n`,
    )
    for (const { resource, name, why, sinceMs, setpointEndsMs, schedule, scheduledKw } of lost) {
        const keeps =
            why === 'tripped'
                ? 'off the network'
                : schedule === null
                  ? 'by itself'
                  : `keeps to the schedule acknowledged ${at(schedule.acknowledgedMs)}${scheduledKw === null ? '' : `, now ${formatNumber(scheduledKw)} kW`}`
        terminal.out(`  ${name || resource} (${resource}): ${why} since ${at(sinceMs)}, setpoint ends ${at(setpointEndsMs)}, ${keeps}\n`)
    }
    for (const { unit, resources, left: n, upKw, downKw } of left)
        terminal.out(`  ${unit}: ${n} of ${resources} left, ${formatNumber(upKw)} kW more, ${formatNumber(downKw)} kW less than now\n`)
    for (const { tMs, lost: gone, found, before, after } of changes.slice(-3)) {
        const cost = before.restCost === null || after.restCost === null ? null : after.restCost - before.restCost
        terminal.out(
            `${at(tMs)} decided anew: ${[...gone.map((l) => `${l.resource} ${l.why}`), ...found.map((f) => `${f} back`)].join(', ')}` +
                `${cost === null ? '' : ` · ${cost.toFixed(2)} ${currency} to the end of the day`}\n`,
        )
        const moved = after.units.filter(({ unit, kw }) => Math.abs((before.units.find((u) => u.unit === unit)?.kw ?? 0) - kw) >= 0.05)
        for (const { unit, kw } of moved)
            terminal.out(`  ${unit}: ${formatNumber(before.units.find((u) => u.unit === unit)?.kw ?? 0)} → ${formatNumber(kw)} kW\n`)
        terminal.out(`  beside the trade: ${formatNumber(before.imbalanceKw)} → ${formatNumber(after.imbalanceKw)} kW with the grid\n`)
    }
    terminal.out(
        renderTable<Sent>(terminal, 'Sent to the field', sent, [
            { title: 'sent', value: (s) => at(s.tMs) },
            { title: 'kind', value: (s) => s.kind },
            { title: 'state', value: (s) => s.state },
            { title: 'to', value: (s) => s.recipients },
            { title: 'acknowledged', value: (s) => s.acknowledged },
            { title: 'last', value: (s) => at(s.acknowledgedMs) },
            { title: 'no answer', value: (s) => s.lost.length },
            { title: 'declined', value: (s) => s.declined.length },
        ]),
    )
    return exit.done
}

const ofNotice = ({ kind, id, createdMs: tMs, state, recipients, acknowledged, acknowledgedMs, lost, declined }: NoticeCard): Sent => ({
    kind,
    id,
    tMs,
    state,
    recipients,
    acknowledged,
    acknowledgedMs,
    lost,
    declined,
})
const ofOrder = ({ id, createdMs, state, setpoints, confirmed, confirmMs, lost }: OrderCard): Sent => ({
    kind: 'dispatch',
    id,
    tMs: createdMs,
    state,
    recipients: setpoints,
    acknowledged: confirmed,
    acknowledgedMs: confirmMs.max === null ? null : Math.round(createdMs + confirmMs.max),
    lost,
    declined: [],
})
