/** The fleet of distributed resources as the platform keeps it: its register. */
import type { Region } from '@gridverse/grid'
import type { EvidenceLog, Records } from '@gridverse/twin'
import type { Enrolment } from './enrolment.ts'
import { createFleetRegister, type FleetRegister } from './fleet-register.ts'

export interface Fleet {
    readonly register: FleetRegister
}

interface FleetPorts {
    readonly region: Region
    readonly records: Records
    readonly log: EvidenceLog
    readonly enrolment: Enrolment
    nowMs(): number
}

export async function createFleet({ region, records, log, enrolment, nowMs }: FleetPorts): Promise<Fleet> {
    const loads = new Set(region.network.load.map(({ id }) => `load/${id}`))
    const register = await createFleetRegister({ records, log, enrolment, knownConnection: (component) => loads.has(component), nowMs })
    return { register }
}
