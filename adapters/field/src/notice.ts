/**
 * Notices: what the controller of a device is given to keep beside setpoints. One text, the same over every protocol that
 * carries texts, and its checksum, by which the device says what it holds.
 */
import type { NoticeBody } from '@gridverse/twin'

/** Sparkplug B: the metric of a device that takes notices, a String that may be written. */
export const noticeMetric = 'Device Control/Notice'
/** OCPP: who means what by a DataTransfer. */
export const noticeVendor = 'org.gridverse'

/** A notice as it travels. */
export const noticeText = (body: NoticeBody): string => JSON.stringify(body, (_, x) => (typeof x === 'number' ? Number(x.toFixed(3)) : x))

/** CRC-32 of a text in UTF-8 (ISO-HDLC, polynomial 0x04C11DB7 reflected). */
export function noticeChecksum(text: string): number {
    let crc = 0xffff_ffff
    for (const byte of new TextEncoder().encode(text)) {
        crc ^= byte
        for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1
    }
    return (crc ^ 0xffff_ffff) >>> 0
}

/** A notice as it arrived; undefined where it is none, so that nobody keeps what he does not understand. */
export function readNotice(text: string): NoticeBody | undefined {
    let given: unknown
    try {
        given = JSON.parse(text)
    } catch {
        return undefined
    }
    if (typeof given !== 'object' || given === null) return undefined
    const body = given as Record<string, unknown>
    const number = (name: string, least: number) => typeof body[name] === 'number' && Number.isFinite(body[name]) && body[name] >= least
    if (body.kind === 'diagnosis')
        return typeof body.cause === 'string' && number('sinceMs', 0) && typeof body.inspect === 'boolean'
            ? (body as NoticeBody)
            : undefined
    if (body.kind !== 'prediction' && body.kind !== 'market') return undefined
    const { kw } = body
    const isCourse = Array.isArray(kw) && kw.length <= 1000 && kw.every((x) => x === null || Number.isFinite(x))
    if (!isCourse || !number('startMs', 0) || !number('periodS', 0.001)) return undefined
    return body.kind === 'market' || number('holdS', 0) ? (body as NoticeBody) : undefined
}
