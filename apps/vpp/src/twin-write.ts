/** A twin of a virtual power plant as data, and as the file it is written to; reading it back is `twin-file.ts`. */
import type { Resource } from '@gridverse/assets'
import { defaultMarket, type VppMarket } from './market.ts'

export const twinFormat = 'vpp-twin/1'

export interface TwinPlace {
    /** IANA name: departures, profiles and prices are by its clock */
    readonly timeZone: string
    /** deg, WGS 84 */
    readonly latDeg: number
    readonly lonDeg: number
    /** branch at the head of the feeder, as branch/ID; empty where the whole grid serves */
    readonly feeder: string
}
export interface TwinFile {
    readonly name: string
    readonly place: TwinPlace
    readonly market: VppMarket
    /** an order that moves more than this needs a second person, kW; the platform's own where absent */
    readonly twoPersonKw?: number
    readonly resources: readonly Resource[]
}

export const emptyTwin: TwinFile = {
    name: 'virtual power plant',
    place: { timeZone: 'UTC', latDeg: 0, lonDeg: 0, feeder: '' },
    market: defaultMarket,
    resources: [],
}

/** The twin as a file: read again it is the same. A resource stands in one line, so that an issue's line finds it. */
export function writeTwin({ name, place, market, twoPersonKw, resources }: TwinFile): string {
    const fields = [
        `  "format": ${JSON.stringify(twinFormat)}`,
        `  "name": ${JSON.stringify(name)}`,
        `  "place": ${JSON.stringify(place)}`,
        `  "market": {\n${Object.entries(market)
            .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
            .join(',\n')}\n  }`,
        ...(twoPersonKw === undefined ? [] : [`  "twoPersonKw": ${twoPersonKw}`]),
        `  "resources": [${resources.map((r) => `\n    ${JSON.stringify(r)}`).join(',')}\n  ]`,
    ]
    return `{\n${fields.join(',\n')}\n}\n`
}
