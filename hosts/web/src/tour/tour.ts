/** What a guided tour is: steps as data, each with words in both languages, the place it speaks of, and what is to be done. */
import type { Role } from '@gridverse/twin'
import type { Link } from '../model/link.ts'
import type { Lang } from '../text/index.ts'

export type Words = Readonly<Record<Lang, string>>

export interface Step {
    readonly id: string
    readonly title: Words
    /** what one sees */
    readonly say: Words
    /** CSS selectors of what it speaks of: the first that is on the page is pointed at */
    readonly at?: readonly string[]
    /** where it takes place; asked when the step begins */
    readonly where?: () => Partial<Link>
    readonly todo?: Words
    /** true once it is done, as the page or the platform has it; a step without one only shows */
    readonly done?: () => boolean | Promise<boolean>
    /** does it for the person */
    readonly show?: () => Promise<void>
    /** who may do it */
    readonly role?: Role
    /** it moves the plant: done for the person only where the plant is the simulated one */
    readonly acts?: true
}

export interface Tour {
    readonly id: string
    readonly steps: readonly Step[]
    /** why it cannot be walked here, if so */
    readonly lacks?: () => Promise<Words | undefined>
}

export interface TourCard {
    readonly id: string
    readonly title: Words
    readonly about: Words
    readonly minutes: number
    load(): Promise<Tour>
}

/** The tour and step a link names, `vpp/approve`. */
export function splitPlace(place: string): { id: string; step: string } {
    const [id = '', step = ''] = place.split('/')
    return { id, step }
}
export const stepAt = (tour: Tour, step: string): number =>
    Math.max(
        0,
        tour.steps.findIndex((s) => s.id === step),
    )
