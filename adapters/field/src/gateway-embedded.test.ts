import { createEdgeNode } from './edge-node.ts'
import { createGateway } from './gateway.ts'
import { checkLink } from './link.conformance.ts'
import { checkSource } from './source.conformance.ts'

checkSource('embedded broker', async (recorder) => {
    const gateway = createGateway({
        host: '127.0.0.1',
        port: 0,
        hostId: 'test',
        nowMs: Date.now,
        authenticate: async (username, password) => (password === 'secret' ? { edgeNode: username } : undefined),
        limits: { rebirthMs: 100, pointsPerSecond: 5000 },
    })
    await gateway.start(recorder)
    return { gateway, url: gateway.url, group: 'gridverse', password: 'secret', acksWhenDurable: true, close: () => gateway.close() }
})

checkLink('Sparkplug B', async (recorder) => {
    const gateway = createGateway({
        host: '127.0.0.1',
        port: 0,
        hostId: 'test',
        nowMs: Date.now,
        authenticate: async (username) => ({ edgeNode: username }),
    })
    await gateway.start(recorder)
    const [point, setting] = ['resource/box/pKw', 'resource/box/pSetKw']
    let ordered: number | undefined
    const node = createEdgeNode({
        url: gateway.url,
        group: 'gridverse',
        edgeNode: 'S3',
        username: 'S3',
        password: 'any',
        nowMs: Date.now,
        retryMs: 30,
        devices: [
            {
                id: 'box',
                metrics: [
                    { name: point, kind: 'analog', unit: 'kW', commandable: false, value: 0 },
                    { name: setting, kind: 'analog', unit: 'kW', commandable: true, value: 0 },
                ],
            },
        ],
        onCommand: (_device, _metric, value) => {
            ordered = value
        },
    })
    return {
        link: gateway,
        device: 'S3/box',
        point,
        unit: 'kW',
        setting,
        orders: [7.4, 5],
        ownTime: true,
        acknowledged: true,
        connect: () => node.connect(),
        say: (value, tMs) => node.publish('box', [{ name: point, value, tMs }]),
        cut: () => node.setLink(false),
        restore: () => node.setLink(true),
        ordered: () => ordered,
        async close() {
            await node.close({ abrupt: true })
            // once more is an error of the broker's
            await gateway.close().catch(() => {})
        },
    }
})
