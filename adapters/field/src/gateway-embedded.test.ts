import { createGateway } from './gateway.ts'
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
