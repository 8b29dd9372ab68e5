/** What a platform answers about the twin of a virtual power plant. */
import type { Issue } from '@gridverse/units'
import type { EnrolAnswer } from './fleet-types.ts'
import type { TwinReport } from './twin-check.ts'
import type { FeederPlace } from './twin-reach.ts'
import type { TwinFile } from './twin-write.ts'

/** Where one can be built. */
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
    /** resources that are new or different; those that were the same already; taken out because the file has them not */
    readonly enrolled: number
    readonly unchanged: number
    readonly removed: number
    readonly marketChanged: boolean
    readonly answer?: EnrolAnswer
}
