/**
 * Walks a tour: the link says which tour and step, the guide fetches the tour, goes where the step takes place and looks,
 * a few times a second, whether what the step asks for is done. What is done stays done until the step is left.
 */
import { ApiError, type Failure, failureOf, get } from '../model/api.ts'
import { createCell } from '../model/cell.ts'
import { go, link, session } from '../model/state.ts'
import { leaveTour, tours } from './list.ts'
import { type Step, splitPlace, stepAt, type Tour, type Words } from './tour.ts'

export interface Walk {
    readonly tour: Tour
    readonly at: number
    readonly done: boolean
    /** the step is being done for the person */
    readonly busy: boolean
    readonly failure?: Failure
    /** showing it did not come to its end: what it was to press did not come, or did not answer */
    readonly stuck: boolean
    readonly lacks?: Words
    /** the plant is the simulated one */
    readonly simulated: boolean
}

const lookEveryMs = 300

export const walk = createCell<Walk | undefined>(undefined)
const change = (part: Partial<Walk>) => walk.update((now) => now && { ...now, ...part })

export function goToStep(at: number): void {
    const now = walk.get()
    const step = now?.tour.steps[at]
    if (!now) return
    if (step) go({ ...step.where?.(), tour: `${now.tour.id}/${step.id}` })
    else leaveTour()
}

/** Does the step for the person, as a person would. */
export async function showStep(): Promise<void> {
    const step = stepOf(walk.get())
    if (!step?.show || walk.get()?.busy) return
    change({ busy: true, stuck: false, failure: undefined })
    try {
        await step.show()
    } catch (cause) {
        if (stepOf(walk.get()) === step) change(cause instanceof ApiError ? { failure: failureOf(cause) } : { stuck: true })
    } finally {
        change({ busy: false })
    }
}

const stepOf = (now: Walk | undefined): Step | undefined => now?.tour.steps[now.at]

const ranks = ['viewer', 'operator', 'supervisor', 'administrator'] as const
export function mayDo(step: Step): boolean {
    const now = session.get()
    return now.state === 'signed-in' && ranks.indexOf(now.person.role) >= ranks.indexOf(step.role ?? 'viewer')
}

/** Follows the link; called once while somebody is in. Returns what ends it. */
export function watchTour(): () => void {
    let place = ''
    let entered = 0
    const follow = async () => {
        const next = link.get().tour
        if (next === place) return
        place = next
        const visit = ++entered
        const { id, step } = splitPlace(next)
        const card = tours.find((tour) => tour.id === id)
        if (!card) return walk.set(undefined)
        const before = walk.get()
        try {
            const tour = before?.tour.id === id ? before.tour : await card.load()
            const [lacks, simulated] =
                before?.tour.id === id ? [before.lacks, before.simulated] : await Promise.all([tour.lacks?.(), plantIsSimulated()])
            if (visit !== entered) return
            const at = stepAt(tour, step)
            walk.set({ tour, at, done: false, busy: false, stuck: false, simulated, ...(lacks ? { lacks } : {}) })
            const where = tour.steps[at]?.where?.()
            if (where && !lacks) go(where, true)
        } catch {
            // the page asks for it again when the link is opened again
            if (visit === entered) leaveTour()
        }
    }
    void follow()
    const stop = link.subscribe(() => void follow())
    let looking = false
    const timer = setInterval(async () => {
        const now = walk.get()
        const step = stepOf(now)
        if (!now || !step?.done || now.done || looking) return
        looking = true
        try {
            if ((await step.done()) && stepOf(walk.get()) === step) change({ done: true })
        } catch {
            // what cannot be asked is not known to be done; the page says that the platform is away
        } finally {
            looking = false
        }
    }, lookEveryMs)
    return () => {
        stop()
        clearInterval(timer)
        walk.set(undefined)
    }
}

const plantIsSimulated = () =>
    get<{ simulatedPlant: boolean }>('/status').then(
        ({ simulatedPlant }) => simulatedPlant,
        () => false,
    )
