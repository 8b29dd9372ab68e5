/** The devices of a fleet as a process of their own, told by messages what to do. */
import { type FieldOrder, type FleetField, startField } from '../../tests/system/fleet-field.ts'

let field: FleetField | undefined

process.on('message', async (message: { kind: 'start'; order: FieldOrder } | { kind: 'report' | 'tally' | 'stop' }) => {
    if (message.kind === 'start') field = await startField(message.order)
    if (message.kind === 'report') await field!.report()
    const { user, system } = process.cpuUsage()
    process.send!({ kind: message.kind, heard: field?.heard() ?? 0, cpuS: (user + system) / 1e6 })
    if (message.kind === 'stop') {
        await field?.close()
        process.disconnect()
    }
})
