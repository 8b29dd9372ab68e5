/** `/metrics`: the platform's figures in Prometheus' text format, read when asked. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Platform } from './platform.ts'

const registries = new WeakMap<Platform, Registry>()

export async function renderMetrics(platform: Platform): Promise<{ type: string; text: string }> {
    const registry = registries.get(platform) ?? createRegistry(platform)
    registries.set(platform, registry)
    return { type: registry.contentType, text: await registry.metrics() }
}

function createRegistry(platform: Platform): Registry {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    const gauge = (name: string, help: string, read: () => number) =>
        new Gauge({
            name: `gridverse_${name}`,
            help,
            registers: [registry],
            collect() {
                this.set(read())
            },
        })
    const labelled = (name: string, help: string, label: string, read: () => Record<string, number>) =>
        new Gauge({
            name: `gridverse_${name}`,
            help,
            labelNames: [label],
            registers: [registry],
            collect() {
                this.reset()
                for (const [key, value] of Object.entries(read())) this.set({ [label]: key }, value)
            },
        })
    const { loop, intake, gateway, fieldLinks, twin, store, live, alarms, fleet, day } = platform
    labelled('field_total', 'points and messages from the field by what became of them', 'kind', () => gateway.counters())
    labelled('field_links_total', 'the same of charging posts and SunSpec devices', 'kind', () => fieldLinks.counters())
    labelled('twin_total', 'measurements by what the twin made of them', 'kind', () => ({ ...twin.counters() }))
    gauge('points_received_total', 'measurements handed to the history', () => intake.counters.received)
    gauge('points_durable_total', 'measurements the history has acknowledged', () => intake.counters.durable)
    gauge('points_waiting', 'measurements not durable yet', () => intake.counters.waiting)
    gauge('loop_ticks_total', 'ticks of the field loop', () => loop.figures().ticks)
    gauge('loop_tick_milliseconds', 'duration of the last tick', () => loop.figures().tickMs)
    gauge('loop_estimate_milliseconds', 'duration of the last state estimation', () => loop.figures().estimateMs)
    gauge('loop_lag_milliseconds', 'how late the last tick began', () => loop.figures().lagMs)
    gauge('ingest_points_per_second', 'measurements per second over ten seconds', () => loop.figures().pointsPerS)
    gauge('latency_p50_milliseconds', 'device time to published snapshot, median', () => loop.figures().latencyMs.p50)
    gauge('latency_p99_milliseconds', 'device time to published snapshot, 99th percentile', () => loop.figures().latencyMs.p99)
    gauge('store_up', '1 while the store answers', () => (store.state() === 'ready' ? 1 : 0))
    gauge('watchers', 'clients of the live stream', () => live.size)
    gauge('alarms_active', 'alarms whose condition holds', () => alarms.list().filter((alarm) => alarm.active).length)
    gauge('twin_objective', 'weighted sum of squared residuals of the estimate', () => loop.latest().fidelity.objective)
    gauge('twin_objective_limit', 'its 95 % limit', () => loop.latest().fidelity.chiSquareLimit)
    gauge('system_frequency_hertz', 'system frequency', () => loop.latest().summary.frequencyHz)
    labelled('fleet_resources', 'enrolled resources by how they are heard of', 'link', () => ({ ...fleet.summary().links }))
    labelled('fleet_dispatch_total', 'orders and setpoints by what became of them', 'kind', () => ({ ...fleet.dispatch.counters }))
    gauge('fleet_coverage', 'share of expected measurements of the fleet, last 15 min', () => fleet.summary().coverage)
    gauge('fleet_under_delivering', 'resources short of their orders', () => fleet.summary().underDelivered)
    gauge('fleet_power_kilowatts', 'power of the fleet into the network', () => fleet.summary().pKw)
    gauge('fleet_unreconciled', 'connections whose resources do not add up with their meter', () => fleet.summary().reconciliation.failing)
    gauge('fleet_day_running', '1 while an approved day is run in the field', () => (day.state() === 'running' ? 1 : 0))
    return registry
}
