import { checkLink } from '../link.conformance.ts'
import { createChargePoint } from './charge-point.ts'
import { createOcppSource } from './ocpp-source.ts'
import type { OcppVersion } from './ocpp-types.ts'

for (const version of ['1.6', '2.0.1'] as OcppVersion[])
    checkLink(`OCPP ${version}`, async (recorder) => {
        const source = createOcppSource({
            host: '127.0.0.1',
            port: 0,
            nowMs: Date.now,
            authenticate: async (identity, password) =>
                identity === 'CP7' && password === 'secret' ? { connectors: [{ connector: 1, resource: 'ev-7', maxKw: 22 }] } : undefined,
        })
        await source.start(recorder)
        let limit: number | undefined
        const post = createChargePoint({
            url: source.url,
            version,
            identity: 'CP7',
            password: 'secret',
            connectors: 1,
            nowMs: Date.now,
            retryMs: 30,
            onLimit: (_, kW) => {
                limit = kW
            },
        })
        return {
            link: source,
            device: 'CP7/1',
            point: 'resource/ev-7/pKw',
            unit: 'kW',
            setting: 'resource/ev-7/pSetKw',
            orders: [7.4, 11],
            ownTime: true,
            acknowledged: true,
            async connect() {
                await post.connect()
                await post.startTransaction(1, 'card-1', { pKw: 0, energyKwh: 100 })
            },
            say: (pKw, tMs) => post.report(1, { tMs, pKw, energyKwh: 100.1, socPercent: 50 }),
            cut: () => post.setLink(false),
            restore: () => post.setLink(true),
            ordered: () => limit,
            async close() {
                await post.close()
                await source.close()
            },
        }
    })
