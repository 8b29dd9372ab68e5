/**
 * The plant without clock, network and files: its grid, its equipment and its telemetry. A host calls `tick` each second
 * and hands over what leaves; tests do the same with any clock they like.
 */
import { type Resource, readResourcePoint } from '@gridverse/assets'
import type { EdgeDevice, EdgeReading } from '@gridverse/field'
import { pointsOf, type Region } from '@gridverse/grid'
import { createRandom } from '@gridverse/math'
import { type Controls, createControls } from './controls.ts'
import { createFaults, type Fault, type FaultRequest, type Faults, type FaultTargets, faultRules } from './faults.ts'
import { createPlantFleet, type PlantFleet } from './fleet.ts'
import { createFleetReports, type FleetDevice } from './fleet-reports.ts'
import { edgeNodeOf } from './fleet-telemetry.ts'
import { columnsOf, createGridState, createRowFinder, type GridState } from './grid-state.ts'
import { ownName } from './own-links.ts'
import { createPhysics, type Physics, type PlantEvent } from './physics.ts'
import { createTelemetry, type Device, gridPoints, type Telemetry } from './telemetry.ts'
import { planTelemetry, type TelemetryPlan } from './telemetry-plan.ts'

export interface SimulationOptions {
    readonly seed: number
    /** local time ahead of UTC, h */
    readonly utcOffsetH: number
    readonly nowMs: () => number
    /** Readings on their way out, after `delayMs`. */
    send(edgeNode: string, device: string, readings: readonly EdgeReading[], delayMs: number): void
    /** The link of an edge node is cut or mended by a fault. */
    setLink(edgeNode: string, up: boolean): void
    onEvent(event: PlantEvent): void
    /** resources of a virtual power plant at the beginning; default none */
    readonly resources?: readonly Resource[]
    /** False for a resource that has a link of its own; default: all speak Sparkplug. */
    speaksSparkplug?(resource: Resource): boolean
    /** Runs an act after so many ms; default: at once, for those without a clock. */
    later?(delayMs: number, act: () => void): void
    /** Something was operated or commanded: to be remembered before it is reported. */
    remember?(): void
}

export interface Simulation {
    readonly region: Region
    readonly state: GridState
    readonly physics: Physics
    readonly plan: TelemetryPlan
    readonly faults: Faults
    readonly targets: FaultTargets
    readonly fleet: PlantFleet
    readonly nextActionMs: () => number
    /** every edge node, of the grid and of the fleet */
    edgeNodes(): string[]
    /** resources that report through an edge node */
    fleetDevices(): FleetDevice[]
    describe(edgeNode: string, isWanted?: (device: string) => boolean): EdgeDevice[]
    /** From now on these resources; who stays goes on as it was. */
    setResources(resources: readonly Resource[]): void
    /** One second of the plant, `dtS` long, ending at plant time `plantMs`. */
    tick(plantMs: number, dtS: number): void
    /** Carries out what equipment has finished doing, and reports it. */
    act(): void
    command(point: string, value: number): ReturnType<Controls['command']>
    /** The device of a resource is given something to keep (`readNotice`); false where it keeps none. */
    keep(resource: string, text: string): boolean
    /** Does what came over a line as the line lets it: now, late, or never. `name` is that of the link. */
    hear(name: string, act: () => void): void
    /** A switch worked by hand or relay. */
    operateLocally(switchId: string, closed: boolean): boolean
    /** Hands a commanded unit back to the plant's own dispatch; false for an unknown one. */
    release(component: string): boolean
    addFault(request: FaultRequest): Fault
    removeFault(id: string): Fault | undefined
    /** Publishes so many readings now, changed or not. */
    flood(count: number): void
    /** Every point's true value by id. */
    truth(): Record<string, number>
}

export function createSimulation(region: Region, options: SimulationOptions): Simulation {
    const { seed, utcOffsetH, nowMs, send, setLink, onEvent, remember = () => {}, later = (_, act) => act() } = options
    const state = createGridState(region)
    const fleet = createPlantFleet(state, createRandom(seed + 3), utcOffsetH, nowMs)
    const physics = createPhysics(state, createRandom(seed), onEvent, utcOffsetH, fleet)
    const { memory } = physics
    const plan = planTelemetry(region)
    const faults = createFaults(createRandom(seed + 5))
    const telemetry: Telemetry = createTelemetry(gridPoints(state, plan), createRandom(seed + 1), faults)
    const { speaksSparkplug = () => true } = options
    const reports = createFleetReports(fleet, faults, { random: createRandom(seed + 4), nowMs, speaksSparkplug })
    const controls = createControls(state, memory, createRandom(seed + 2), nowMs)
    const find = createRowFinder(region)
    const switchesOf = new Map<string, number[]>()
    region.switch.forEach((s, n) => {
        switchesOf.set(s.component, [...(switchesOf.get(s.component) ?? []), n])
    })
    const tripped = new Map<string, number[]>()

    function emit(device: Device, readings: EdgeReading[]): void {
        const { edgeNode, id } = device
        const parts = faults.touchesReadings() ? faults.route(edgeNode, id, readings) : [{ readings, delayMs: 0 }]
        for (const part of parts) send(edgeNode, id, part.readings, part.delayMs)
    }
    /** what has changed, at once, but not before it is remembered */
    const report = () => {
        remember()
        telemetry.scan(nowMs(), false, emit)
    }

    const targets = {
        branches: new Set(region.network.branch.map((b) => `branch/${b.id}`)),
        points: new Set<string>(),
        devices: new Set<string>(),
        edgeNodes: new Set<string>(),
        resources: new Map<string, Resource['kind']>(),
    } satisfies FaultTargets
    function setResources(resources: readonly Resource[]): void {
        reports.set(resources)
        const { points, devices, edgeNodes, resources: byName } = targets
        for (const names of [points, devices, edgeNodes, byName]) names.clear()
        for (const p of plan.points) {
            points.add(p.id)
            devices.add(`${p.edgeNode}/${p.device}`)
            edgeNodes.add(p.edgeNode)
        }
        for (const [id] of reports.truth()) points.add(id)
        for (const { edgeNode, id } of reports.devices()) {
            devices.add(`${edgeNode}/${id}`)
            edgeNodes.add(edgeNode)
        }
        for (const r of resources) {
            byName.set(`resource/${r.id}`, r.kind)
            // a link of its own goes by the name it has there
            if (speaksSparkplug(r)) continue
            edgeNodes.add(ownName(r))
            devices.add(ownName(r))
        }
    }
    setResources(options.resources ?? [])

    function tick(plantMs: number, dtS: number): void {
        for (const fault of faults.expire(nowMs())) endFault(fault)
        controls.advance(nowMs())
        physics.step(plantMs, dtS)
        telemetry.scan(nowMs(), true, emit)
        reports.scan(emit)
    }
    function act(): void {
        reports.tell(emit)
        if (!controls.advance(nowMs())) return
        physics.resolve()
        report()
    }
    function command(point: string, value: number): ReturnType<Controls['command']> {
        const resource = readResourcePoint(point)
        if (resource) return reports.command(resource.id, resource.quantity, value)
        const answer = controls.command(point, value)
        // a setpoint is taken over at once and read back at once
        if (answer.accepted) report()
        return answer
    }
    function hear(name: string, act: () => void): void {
        const { lost, delayMs } = faults.line(name)
        if (lost) return
        if (delayMs > 0) later(delayMs, act)
        else act()
    }
    function operateLocally(switchId: string, closed: boolean): boolean {
        const row = find(`switch/${switchId}`)
        if (row < 0) return false
        controls.moveSwitch(row, closed)
        physics.resolve()
        report()
        return true
    }
    function release(component: string): boolean {
        const row = find(component)
        if (row < 0) return false
        if (component.startsWith('generator/')) memory.generatorManual[row] = 0
        else if (component.startsWith('storage/')) memory.storageManual[row] = 0
        else if (component.startsWith('branch/')) memory.tapManual[row] = 0
        else if (component.startsWith('load/')) state.loadSetMw[row] = Math.abs(region.network.load[row]!.pMw)
        else return false
        return true
    }

    /** A resource named where a device or link is meant: that of its own, or the one its edge node has. */
    function targetOf({ kind, target }: FaultRequest): string {
        const wanted = faultRules[kind].target
        const resource = fleet.resources.find(({ id }) => `resource/${id}` === target)
        if (!resource || (wanted !== 'device' && wanted !== 'edge node')) return target
        if (!speaksSparkplug(resource)) return ownName(resource)
        const edgeNode = edgeNodeOf(resource)
        return wanted === 'device' ? `${edgeNode}/${resource.id}` : edgeNode
    }
    function addFault(request: FaultRequest): Fault {
        const fault = faults.add({ ...request, target: targetOf(request) }, nowMs())
        fleet.suffer(faults.list())
        if (fault.kind === 'link-lost') setLink(fault.target, false)
        if (fault.kind === 'line-trip') {
            const opened = (switchesOf.get(fault.target) ?? []).filter((n) => state.switchClosed[n] === 1)
            for (const n of opened) controls.moveSwitch(n, false)
            tripped.set(fault.id, opened)
            physics.resolve()
            report()
        }
        return fault
    }
    function removeFault(id: string): Fault | undefined {
        const fault = faults.remove(id)
        if (fault) endFault(fault)
        return fault
    }
    function endFault(fault: Fault): void {
        fleet.suffer(faults.list())
        if (fault.kind === 'link-lost' && !faults.has('link-lost', fault.target)) setLink(fault.target, true)
        if (fault.kind !== 'line-trip') return
        // the line is sound again: what its relays opened is closed
        for (const n of tripped.get(fault.id) ?? []) controls.moveSwitch(n, true)
        tripped.delete(fault.id)
        physics.resolve()
        report()
    }

    function truth(): Record<string, number> {
        const columns = columnsOf(state)
        return Object.fromEntries([
            ...pointsOf(region).map(
                (p) => [p.id, columns[p.component.slice(0, p.component.indexOf('/'))]![p.quantity]![find(p.component)]!] as const,
            ),
            ...fleet.devices.banks.flatMap(({ kind, rows, measured, columns: { tripped, onSchedule } }) =>
                Object.entries(kind === 'fixed-load' ? measured : { ...measured, tripped, onSchedule }).flatMap(([quantity, column]) =>
                    rows.map((r, i) => [`resource/${r.id}/${quantity}`, column[i]!]),
                ),
            ),
        ])
    }
    return {
        region,
        state,
        physics,
        plan,
        faults,
        targets,
        fleet,
        nextActionMs: () => Math.min(controls.nextMs(), reports.nextMs()),
        edgeNodes: () => [...new Set([...plan.edgeNodes, ...reports.devices().map((d) => d.edgeNode)])],
        fleetDevices: reports.devices,
        describe: (edgeNode, isWanted) => [...telemetry.describe(edgeNode, isWanted), ...reports.describe(edgeNode, isWanted)],
        setResources,
        tick,
        act,
        command,
        keep: reports.keep,
        hear,
        operateLocally,
        release,
        addFault,
        removeFault,
        flood: (count) => telemetry.flood(nowMs(), count, emit),
        truth,
    }
}
