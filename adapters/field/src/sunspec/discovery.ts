import { type ModbusClient, ModbusException } from './modbus-client.ts'
import { baseAddresses, endModel, type Model, marker, models } from './models.ts'

/** A model a device has, and its registers when it was found. */
export interface FoundModel {
    readonly model: Model
    /** address of its id */
    readonly address: number
    /** registers it has, id and length included; drafts and later editions may have fewer or more than our table */
    readonly size: number
    readonly registers: Uint16Array
}

/** models in one chain; more is a map that does not end */
const mostModels = 200

/** Walks a unit's chain of models. Models we have no table for are stepped over. Rejects when the unit is away or no SunSpec. */
export async function discover(client: ModbusClient, unit: number): Promise<ReadonlyMap<number, FoundModel>> {
    const tried: string[] = []
    for (const base of baseAddresses) {
        const first = await client.read(unit, base, 2).catch((error) => {
            // no registers there; anything else is trouble with the line, not with the address
            if (error instanceof ModbusException && error.code <= 4) return undefined
            throw error
        })
        if (first?.[0] === marker[0] && first[1] === marker[1]) return walk(client, unit, base + 2)
        tried.push(`${base}: ${first ? `0x${[...first].map((w) => w.toString(16).padStart(4, '0')).join('')}` : 'no registers'}`)
    }
    throw new Error(`unit ${unit} has no SunSpec map (${tried.join('; ')})`)
}

async function walk(client: ModbusClient, unit: number, start: number): Promise<ReadonlyMap<number, FoundModel>> {
    const found = new Map<number, FoundModel>()
    let address = start
    for (let n = 0; n < mostModels; n++) {
        const [id, length] = await client.read(unit, address, 2)
        if (id === endModel) return found
        const size = length! + 2
        if (id === 0 || address + size > 0x1_0000) break
        const model = models.get(id!)
        // of two models of one kind the first is the device's own
        if (model && !found.has(id!))
            found.set(id!, { model, address, size, registers: await client.read(unit, address, Math.min(size, model.length + 2)) })
        address += size
    }
    throw new Error(`unit ${unit}: its chain of models has no end (at register ${address})`)
}
