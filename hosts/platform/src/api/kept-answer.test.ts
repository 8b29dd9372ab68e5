import { gunzipSync } from 'node:zlib'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { createKeptAnswer } from './kept-answer.ts'

test('a kept answer is made once per version, compressed for whoever takes it, and not sent again to whoever has it', async () => {
    let version = 1
    let made = 0
    const app = fastify()
    app.get(
        '/kept',
        createKeptAnswer(
            () => version,
            () => ({ version, made: ++made, unit: 'W/m²' }),
        ),
    )
    const plain = await app.inject('/kept')
    expect(plain.json()).toEqual({ version: 1, made: 1, unit: 'W/m²' })
    const zipped = await app.inject({ url: '/kept', headers: { 'accept-encoding': 'br, gzip' } })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(JSON.parse(gunzipSync(zipped.rawPayload).toString())).toEqual(plain.json())
    const again = await app.inject({ url: '/kept', headers: { 'if-none-match': String(plain.headers.etag) } })
    expect([again.statusCode, again.body, made]).toEqual([304, '', 1])
    version = 2
    const next = await app.inject({ url: '/kept', headers: { 'if-none-match': String(plain.headers.etag) } })
    expect([next.statusCode, next.json().made]).toEqual([200, 2])
})
