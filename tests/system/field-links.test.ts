/** A charging post and a battery of somebody else's at a running platform that is killed: nothing acknowledged is lost. */
import { createChargePoint, createSunspecServer } from '@gridverse/field'
import { expect, test } from 'vitest'
import { type Client, newDataDir, removeDataDir, setUp, signIn, startGridverse, until } from './harness.ts'

test('PL6 a session goes on over a killed platform, and the battery is found again', { timeout: 120_000 }, async () => {
    const dataDir = newDataDir()
    let running = await startGridverse(dataDir, ['--no-plant'])
    let admin: Client = await setUp(running)
    const box = createSunspecServer({
        port: 0,
        nowMs: Date.now,
        units: [
            {
                unit: 1,
                models: 'der',
                kind: 'storage',
                serial: 'box',
                ratedKw: 50,
                capacityKwh: 100,
                read: () => ({ pKw: 3, energyKwh: 0, socPercent: 42, running: true }),
                onSetpoint: () => {},
            },
        ],
    })
    await box.listen()
    try {
        const { secrets } = await admin.post('/api/vpp/resources', [
            { id: 'car', kind: 'public-ev', group: 'here', protocol: 'ocpp-2.0.1', address: 'CP-1', chargeKw: 22 },
            {
                id: 'box',
                kind: 'battery',
                group: 'here',
                protocol: 'sunspec',
                address: `127.0.0.1:${box.port}/1`,
                chargeKw: 50,
                dischargeKw: 50,
                energyKwh: 100,
            },
        ])
        const { ocppUrl } = await admin.get('/api/devices')
        const post = createChargePoint({
            url: ocppUrl,
            version: '2.0.1',
            identity: 'CP-1',
            password: secrets[0].secret,
            connectors: 1,
            nowMs: Date.now,
            retryMs: 100,
            onLimit: () => {},
        })
        try {
            await post.connect()
            await post.startTransaction(1, 'card', { pKw: 0, energyKwh: 10 })
            const acknowledged: number[] = []
            const t = Date.now()
            const say = (k: number) => post.report(1, { tMs: t + k, pKw: 5 + k / 1000, energyKwh: 10 }).then(() => acknowledged.push(t + k))
            for (let k = 0; k < 20; k++) await say(k)
            await until('the battery', async () => (await admin.get('/api/vpp/resources/box')).values.socPercent?.value === 42 || undefined)

            await running.kill()
            const waiting = Array.from({ length: 20 }, (_, k) => say(20 + k))
            const ended = post.stopTransaction(1, { pKw: 0, energyKwh: 12 })
            running = await startGridverse(dataDir, ['--no-plant'])
            admin = await signIn(running.url)
            await Promise.all([...waiting, ended])
            expect(acknowledged).toHaveLength(40)
            // the readings of the session, each at its own time
            const at = await admin.get(`/api/history?points=${encodeURIComponent('resource/car/pKw')}&from=${t - 1}&to=${t + 39}`)
            // what the session begins with, 0 kW, may come in the same millisecond
            const { tMs, value } = at.series[0] as { tMs: number[]; value: number[] }
            expect(tMs.filter((_, n) => value[n]! > 4)).toEqual(Array.from({ length: 40 }, (_, k) => t + k))
            const events = await admin.get('/api/events?prefix=charging&limit=10')
            expect(
                events.map(({ action, detail }: { action: string; detail: { energyKwh: number } }) => [action, detail.energyKwh]).sort(),
            ).toEqual([
                ['charging.ended', 12],
                ['charging.started', 10],
            ])
            await until('the battery again', async () => (await admin.get('/api/vpp/resources/box')).link === 'online' || undefined)
        } finally {
            await post.close()
        }
    } finally {
        await box.close()
        await running.stop()
        removeDataDir(dataDir)
    }
})
