import { checkLink } from '../link.conformance.ts'
import { createSunspecServer } from './sunspec-server.ts'
import { createSunspecSource } from './sunspec-source.ts'
import type { SunspecUnit } from './sunspec-types.ts'

for (const [name, models, kind, orders] of [
    ['SunSpec battery of IEEE 1547-2018', 'der', 'storage', [-7.4, 5]],
    ['older SunSpec inverter', 'legacy', 'generator', [7.4, 5]],
] as const)
    checkLink(name, async (recorder) => {
        let pKw = 0
        let ordered: number | undefined
        const unit: SunspecUnit = {
            unit: 3,
            models,
            kind,
            serial: 'A1',
            ratedKw: 10,
            capacityKwh: 20,
            read: () => ({ pKw, energyKwh: 1, socPercent: 50, running: true }),
            onSetpoint: (kW) => {
                ordered = kW
            },
        }
        const server = createSunspecServer({ units: [unit], port: 0, nowMs: Date.now })
        await server.listen()
        const { port } = server
        server.setLink(false)
        const source = createSunspecSource({
            devices: [{ host: '127.0.0.1', port, unit: 3, resource: 'b1' }],
            nowMs: Date.now,
            pollMs: 10,
            missedPolls: 2,
            timeoutMs: 3000,
            retryMs: 20,
        })
        await source.start(recorder)
        return {
            link: source,
            device: `127.0.0.1:${port}/3`,
            point: 'resource/b1/pKw',
            unit: 'kW',
            setting: 'resource/b1/pSetKw',
            orders,
            ownTime: false,
            acknowledged: false,
            connect: async () => server.setLink(true),
            async say(value) {
                pKw = value
            },
            cut: () => server.setLink(false),
            restore: () => server.setLink(true),
            ordered: () => ordered,
            async close() {
                await source.close()
                await server.close()
            },
        }
    })
