/** How resources of the plant are met: what they report, which commands they take, who they are. */
import type { Resource } from '@gridverse/assets'
import type { EdgeDevice, EdgeReading } from '@gridverse/field'
import type { Random } from '@gridverse/math'
import type { Controls } from './controls.ts'
import type { Faults } from './faults.ts'
import type { PlantFleet } from './fleet.ts'
import { fleetPoints, takesNotices } from './fleet-telemetry.ts'
import { createTelemetry, type Device, type Telemetry } from './telemetry.ts'

/** what a resource reads back leaves so long after the command, ms */
const tellAfterMs = 50

type Emit = (device: Device, readings: EdgeReading[]) => void

export interface FleetDevice {
    readonly edgeNode: string
    readonly id: string
    /** what makes it another device under the same name */
    readonly make: string
}

export interface FleetReports {
    /** From now on these resources; who stays goes on as it was. */
    set(resources: readonly Resource[]): void
    command(id: string, quantity: string, value: number): ReturnType<Controls['command']>
    /** Something to keep arrives, and is acknowledged by its checksum; false where the device keeps none. */
    keep(id: string, text: string): boolean
    /** Everything that has changed or is due. */
    scan(emit: Emit): void
    /** What was commanded and has not been read back. */
    tell(emit: Emit): void
    /** When `tell` is due, ms; Infinity for nothing. */
    nextMs(): number
    devices(): FleetDevice[]
    describe(edgeNode: string, isWanted?: (device: string) => boolean): EdgeDevice[]
    truth(): [id: string, value: number][]
}

export function createFleetReports(
    fleet: PlantFleet,
    faults: Faults,
    ports: { random: Random; nowMs(): number; speaksSparkplug(resource: Resource): boolean },
): FleetReports {
    const { random, nowMs, speaksSparkplug } = ports
    let telemetry: Telemetry = createTelemetry([], random, faults)
    const deviceOf = new Map<string, Device>()
    const told = new Set<Device>()
    let tellMs = Infinity
    const refuse = (reason: string) => ({ accepted: false, reason }) as const

    return {
        set(resources) {
            fleet.replace(resources)
            fleet.suffer(faults.list())
            telemetry = createTelemetry(fleetPoints(fleet, speaksSparkplug), random, faults, telemetry)
            deviceOf.clear()
            told.clear()
            for (const device of telemetry.devices) deviceOf.set(device.id, device)
        },
        command(id, quantity, value) {
            const at = fleet.devices.find(id)
            if (!at) return refuse(`resource/${id} is not a resource of this plant`)
            if (!Number.isFinite(value)) return refuse(`resource/${id}/${quantity} needs a number, got ${value}`)
            const device = deviceOf.get(id)
            const isTaken =
                quantity === 'pSetKw'
                    ? fleet.devices.command(id, value)
                    : quantity === 'following' && fleet.devices.follow(id, value >= 0.5)
            if (!isTaken) return refuse(`resource/${id}/${quantity} takes no command`)
            // many are told at once: what they read back goes out together
            if (device) told.add(device)
            tellMs = Math.min(tellMs, nowMs() + tellAfterMs)
            return { accepted: true }
        },
        keep(id, text) {
            if (!fleet.keep(id, text)) return false
            const device = deviceOf.get(id)
            if (device) told.add(device)
            tellMs = Math.min(tellMs, nowMs() + tellAfterMs)
            return true
        },
        scan: (emit) => telemetry.scan(nowMs(), true, emit),
        tell(emit) {
            if (nowMs() < tellMs) return
            tellMs = Infinity
            for (const device of told) telemetry.answer(device)
            telemetry.scan(nowMs(), false, emit, told)
            told.clear()
        },
        nextMs: () => tellMs,
        devices() {
            const resource = new Map(fleet.resources.map((r) => [r.id, r]))
            return telemetry.devices.map(({ id, edgeNode }) => ({ id, edgeNode, make: resource.get(id)!.kind }))
        },
        describe: (edgeNode, isWanted) =>
            telemetry.describe(edgeNode, isWanted).map((device) => {
                const at = fleet.devices.find(device.id)
                return at && takesNotices(at.bank.kind) ? { ...device, takesNotices: true } : device
            }),
        truth: () => telemetry.truth(),
    }
}
