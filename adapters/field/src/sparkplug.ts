/**
 * Words of Sparkplug B: data types, topics, quality codes. Source: Eclipse Sparkplug 3.0.0, chapters 4 (topics) and 6
 * (payloads); quality codes of OPC DA as the specification's property `Quality` takes them.
 */

/** Data types by their number in the specification, section 6.4.16. */
export const dataType = {
    int8: 1,
    int16: 2,
    int32: 3,
    int64: 4,
    uint8: 5,
    uint16: 6,
    uint32: 7,
    uint64: 8,
    float: 9,
    double: 10,
    boolean: 11,
    string: 12,
    dateTime: 13,
    text: 14,
    uuid: 15,
} as const

/** What a birth says a metric is: `text` stands for every type that is not a number or a Boolean. */
export function kindOf(type: number): 'analog' | 'status' | 'text' {
    if (type === dataType.boolean) return 'status'
    return (type >= dataType.int8 && type <= dataType.double) || type === dataType.dateTime ? 'analog' : 'text'
}

/** The number a metric of a type means; `raw` is the wire's integer in two's complement, or the number itself. */
export function numberOf(type: number, raw: number): number {
    switch (type) {
        case dataType.int8:
            return (raw << 24) >> 24
        case dataType.int16:
            return (raw << 16) >> 16
        case dataType.int32:
            return raw | 0
        case dataType.uint8:
            return raw & 0xff
        case dataType.uint16:
            return raw & 0xffff
        case dataType.uint32:
            return raw >>> 0
        case dataType.uint64:
        case dataType.dateTime:
            return raw < 0 ? raw + 2 ** 64 : raw
        case dataType.boolean:
            return raw === 0 ? 0 : 1
        default:
            return raw
    }
}

/** OPC quality as an index of the twin's `qualities`: good 0, suspect 1, stale 4. */
export function qualityFromOpc(code: number): number {
    if (code >= 192 && code < 256) return 0
    return code === 500 ? 4 : 1
}
export const opcQuality = { good: 192, suspect: 0, stale: 500 } as const

export type MessageType = 'NBIRTH' | 'DBIRTH' | 'NDATA' | 'DDATA' | 'NDEATH' | 'DDEATH' | 'NCMD' | 'DCMD'

export interface Topic {
    readonly group: string
    readonly type: MessageType
    readonly edgeNode: string
    /** absent for messages of the edge node itself */
    readonly device?: string
}

const nodeTypes: readonly string[] = ['NBIRTH', 'NDATA', 'NDEATH', 'NCMD']
const deviceTypes: readonly string[] = ['DBIRTH', 'DDATA', 'DDEATH', 'DCMD']

/** `spBv1.0/{group}/{type}/{edgeNode}[/{device}]`, or undefined when the topic is something else. */
export function parseTopic(topic: string): Topic | undefined {
    const [space, group, type = '', edgeNode, device, more] = topic.split('/')
    if (space !== 'spBv1.0' || !group || !edgeNode || more !== undefined) return undefined
    if (device === undefined) return nodeTypes.includes(type) ? { group, type: type as MessageType, edgeNode } : undefined
    return device && deviceTypes.includes(type) ? { group, type: type as MessageType, edgeNode, device } : undefined
}

export const topicOf = (group: string, type: MessageType, edgeNode: string, device?: string): string =>
    device === undefined ? `spBv1.0/${group}/${type}/${edgeNode}` : `spBv1.0/${group}/${type}/${edgeNode}/${device}`

export const stateTopic = (hostId: string): string => `spBv1.0/STATE/${hostId}`

/** The metric whose command asks an edge node for its births. */
export const rebirthMetric = 'Node Control/Rebirth'
