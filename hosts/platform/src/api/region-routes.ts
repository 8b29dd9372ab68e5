/** What the world is made of: the region's record, its assets and points, and metrics nobody claims. */
import { say, suggestPoints } from '@gridverse/twin'
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { createKeptAnswer } from './kept-answer.ts'
import { assetList, pointList, unmappedList } from './schemas.ts'
import type { Server } from './server.ts'

export function addRegionRoutes(app: Server, platform: Platform): void {
    const { region, model, twin, intake, points } = platform

    app.get(
        '/api/region',
        createKeptAnswer(
            () => region,
            () => region,
        ),
    )
    app.get('/api/assets', { schema: { response: answers(assetList) } }, async () => assetsOf(platform))
    const pointsWithDevices = () =>
        model.points.map((point) => {
            const device = twin.deviceOf(point.index)
            return device === undefined ? point : { ...point, device }
        })
    app.get('/api/points', { schema: { response: answers(pointList) } }, createKeptAnswer(twin.bindings, pointsWithDevices))
    app.get('/api/points/unmapped', { schema: { response: answers(unmappedList) } }, async () => {
        const ids = intake.registryIds()
        return [...intake.unmapped()].map(([index, { device, unit, value, tMs }]) => ({
            id: ids[index] ?? '',
            device,
            unit,
            lastValue: value,
            lastMs: tMs,
            suggestions: suggestPoints(model, ids[index] ?? '', unit),
        }))
    })
    const claim = z.object({ id: z.string().min(1), to: z.string().min(1) })
    app.post('/api/points/map', { config: { role: 'supervisor' }, schema: { body: claim } }, async (request) => {
        const { id, to } = request.body
        if (model.indexOf(to) < 0) throw new ApiError('unknown-point', say('point.none', { point: to }))
        if (!(await platform.claimPoint(id, to))) throw new ApiError('unknown-point', say('metric.none', { metric: id }))
        const registry = intake.registryIds().indexOf(id)
        const reading = intake.unmapped().get(registry)
        if (reading) {
            twin.bindDevice(reading.device, [points.modelIndex(registry)])
            intake.claimed(registry)
        }
        await platform.note({
            actor: request.person.name,
            action: 'point.map',
            target: to,
            detail: { metric: id, device: reading?.device ?? '' },
        })
        return { id, to }
    })
}

/** Every component with its place and what it is: one twin per real element. */
function assetsOf({ region, model }: Platform) {
    const units = new Map(region.unit.map((unit) => [unit.component, unit]))
    const busSite = new Map(region.network.bus.map((bus) => [bus.id, bus.site]))
    // the bus of every component that stands at one, by kind and id; of a branch its from side
    const busOf = new Map<string, number>(region.network.branch.map(({ id, fromBus }) => [`branch/${id}`, fromBus]))
    for (const { id, bus } of region.switch) busOf.set(`switch/${id}`, bus)
    for (const kind of ['load', 'shunt', 'generator', 'storage'] as const)
        for (const { id, bus } of region.network[kind]) busOf.set(`${kind}/${id}`, bus)
    const siteOf = (component: string): string => {
        const unit = units.get(component)
        if (unit) return unit.site
        const [kind, id] = [component.slice(0, component.indexOf('/')), component.slice(component.indexOf('/') + 1)]
        if (kind === 'site') return id
        return busSite.get(kind === 'bus' ? Number(id) : (busOf.get(component) ?? 0)) ?? ''
    }
    return [...model.componentIndex].map(([component, quantities]) => ({
        component,
        name: units.get(component)?.name ?? component,
        kind: units.get(component)?.kind ?? component.slice(0, component.indexOf('/')),
        site: siteOf(component),
        points: Object.keys(quantities).map((quantity) => `${component}/${quantity}`),
    }))
}
