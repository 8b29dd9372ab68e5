/**
 * An answer that is large and seldom changes: made and compressed once, not again for every page that opens. Who has it
 * already asks with its mark (ETag) and is told so in a line.
 */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

const compress = promisify(gzip)

/** `versionOf` names what the answer is made from: it is made again when that changes. */
export function createKeptAnswer(versionOf: () => unknown, make: () => unknown) {
    let kept: { version: unknown; text: string; tag: string; zipped: Promise<Buffer> | undefined } | undefined
    return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
        const version = versionOf()
        if (!kept || kept.version !== version) {
            const text = JSON.stringify(make())
            kept = { version, text, tag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`, zipped: undefined }
        }
        const answer = kept
        reply.headers({ etag: answer.tag, 'cache-control': 'private, no-cache', vary: 'accept-encoding' })
        if (request.headers['if-none-match'] === answer.tag) return reply.code(304).send()
        reply.type('application/json; charset=utf-8')
        if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.serializer(String).send(answer.text)
        answer.zipped ??= compress(answer.text, { level: 3 })
        return reply.header('content-encoding', 'gzip').send(await answer.zipped)
    }
}
