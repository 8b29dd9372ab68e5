/** Measurements as they travel: columns, not objects, so that a flood costs no garbage. */

/** IEC 61850-7-3 quality, reduced to what people act on. The position in this list is the code on the wire and in the store. */
export const qualities = ['good', 'suspect', 'estimated', 'substituted', 'stale'] as const
export type Quality = (typeof qualities)[number]
export const qualityCode = (quality: Quality): number => qualities.indexOf(quality)
export const qualityOf = (code: number): Quality => qualities[code] ?? 'suspect'

/** `count` measurements side by side; `point` holds registry indices, `tMs` Unix milliseconds (UTC) of the device. */
export interface MeasurementBatch {
    readonly count: number
    readonly point: Int32Array
    readonly tMs: Float64Array
    readonly value: Float64Array
    readonly quality: Uint8Array
}
