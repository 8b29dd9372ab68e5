/** Large answers travel compressed to whoever accepts gzip: a large grid's points are ten megabytes of JSON. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

const compress = promisify(gzip)
/** below this the work costs more than the bytes */
const leastBytes = 16_384

/** A hook for `onSend`: text of some size, gzipped off the main thread. */
export async function compressAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    if (typeof payload !== 'string' || payload.length < leastBytes) return payload
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return payload
    reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding').removeHeader('content-length')
    // the least effort: level 1 takes nine tenths off such JSON already
    return compress(payload, { level: 1 })
}
