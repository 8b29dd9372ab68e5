/** What the platform answers about a twin, as the steps of building one read it. */
import type { Issue } from '@gridverse/units'
import type { EnrolAnswer } from '../fleet-types.ts'
import type { TwinReport } from '../twin-check.ts'
import type { FeederPlace } from '../twin-reach.ts'
import type { TwinFile } from '../twin-write.ts'

export interface TwinPlaces {
    readonly timeZone: string
    readonly latDeg: number
    readonly lonDeg: number
    readonly feeders: readonly FeederPlace[]
}
export interface TwinLook {
    readonly twin: TwinFile
    readonly issues: readonly Issue[]
    readonly report: TwinReport
}
export interface TwinBuilt {
    readonly name: string
    readonly enrolled: number
    readonly unchanged: number
    readonly removed: number
    readonly marketChanged: boolean
    readonly answer?: EnrolAnswer
}
