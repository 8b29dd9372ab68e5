/**
 * Which model is in use, which were, and why. A model enters as candidate with its comparison against what is in use; it
 * is promoted only if that says better, else rejected. What it replaces retires and can be put back by one step. Pure:
 * every step gives a new register.
 */
import type { Comparison } from './compare.ts'
import type { ForecastScores } from './scores.ts'

export type ModelState = 'candidate' | 'promoted' | 'retired' | 'rejected'

export interface ModelCard<Kind extends string = string> {
    readonly id: string
    readonly kind: Kind
    /** of the method; raised when the same days would give another model */
    readonly version: number
    readonly method: string
    readonly features: readonly string[]
    readonly trainedOn: { readonly from: string; readonly to: string; readonly days: number }
    /** of forecasts */
    readonly scores?: ForecastScores
}

export interface ModelEvent {
    readonly tMs: number
    readonly by: string
    readonly from?: ModelState
    readonly to: ModelState
    /** a sentence with the figures */
    readonly reason: string
    /** the same for other languages: `compared` by the comparison of the model, others by the model named; absent where a person gave the reason */
    readonly code?: 'compared' | 'not-compared' | 'superseded' | 'replaced' | 'rolled-back' | 'put-back'
    /** model the code speaks of */
    readonly other?: string
}

export interface ModelEntry<Kind extends string = string> {
    readonly card: ModelCard<Kind>
    readonly state: ModelState
    readonly comparison?: Comparison
    readonly events: readonly ModelEvent[]
}

/** A model with its own numbers, as it is kept. */
export interface RegisteredModel<Body = unknown, Kind extends string = string> extends ModelEntry<Kind> {
    readonly body: Body
    /** the model it took the place of, by id */
    readonly replaced?: string
    /** when somebody took it out of use again, Unix ms */
    readonly rolledBackMs?: number
}

export interface ModelRegister<Body = unknown, Kind extends string = string> {
    readonly models: readonly RegisteredModel<Body, Kind>[]
}

export const emptyRegister: ModelRegister<never, never> = { models: [] }

/** When and by whom a step is taken. */
export interface Step {
    readonly tMs: number
    readonly by: string
}

export type RegisterStep<Body, Kind extends string> =
    | { readonly ok: true; readonly register: ModelRegister<Body, Kind>; readonly changed: readonly string[] }
    | { readonly ok: false; readonly reason: string }

export const promotedOf = <Body, Kind extends string>(register: ModelRegister<Body, Kind>, kind: Kind) =>
    register.models.find((model) => model.card.kind === kind && model.state === 'promoted')

export const withoutBody = <Kind extends string>({
    card,
    state,
    comparison,
    events,
}: RegisteredModel<unknown, Kind>): ModelEntry<Kind> => ({
    card,
    state,
    events,
    ...(comparison ? { comparison } : {}),
})

/** A new candidate; refused where the id is taken. An older candidate of its kind is rejected: there is one at a time. */
export function proposeModel<Body, Kind extends string>(
    register: ModelRegister<Body, Kind>,
    { card, body, comparison }: { card: ModelCard<Kind>; body: Body; comparison: Comparison },
    step: Step,
): RegisterStep<Body, Kind> {
    if (register.models.some((model) => model.card.id === card.id)) return refuse(`there is a model ${card.id} already`)
    const older = register.models.filter((model) => model.card.kind === card.kind && model.state === 'candidate')
    const models = register.models.map((model) =>
        older.includes(model) ? move(model, 'rejected', step, `${card.id} came after it`, 'superseded', card.id) : model,
    )
    const entry: RegisteredModel<Body, Kind> = {
        card,
        body,
        comparison,
        state: 'candidate',
        events: [{ ...step, to: 'candidate', reason: describeComparison(comparison), code: 'compared' }],
    }
    return done({ models: [...models, entry] }, [...older.map((model) => model.card.id), card.id])
}

/** Puts a candidate to use if its comparison says better, else rejects it. */
export function judgeModel<Body, Kind extends string>(
    register: ModelRegister<Body, Kind>,
    id: string,
    step: Step,
): RegisterStep<Body, Kind> {
    const model = register.models.find((m) => m.card.id === id)
    if (!model) return refuse(`there is no model ${id}`)
    if (model.state !== 'candidate') return refuse(`${id} is ${model.state}, not a candidate`)
    if (model.comparison?.better) return promoteModel(register, id, step)
    const rejected = model.comparison
        ? move(model, 'rejected', step, describeComparison(model.comparison), 'compared')
        : move(model, 'rejected', step, 'nothing to compare it by', 'not-compared')
    return done({ models: register.models.map((m) => (m === model ? rejected : m)) }, [id])
}

/** Puts a candidate to use; refused where it is not better than what is in use. */
export function promoteModel<Body, Kind extends string>(
    register: ModelRegister<Body, Kind>,
    id: string,
    step: Step,
): RegisterStep<Body, Kind> {
    const model = register.models.find((m) => m.card.id === id)
    if (!model) return refuse(`there is no model ${id}`)
    if (model.state !== 'candidate') return refuse(`${id} is ${model.state}, not a candidate`)
    if (!model.comparison?.better)
        return refuse(
            `${id} is not better than what is in use: ${model.comparison ? describeComparison(model.comparison) : 'not compared'}`,
        )
    const before = promotedOf(register, model.card.kind)
    const models = register.models.map((m) => {
        if (m === before) return move(m, 'retired', step, `replaced by ${id}`, 'replaced', id)
        if (m !== model) return m
        return {
            ...move(m, 'promoted', step, describeComparison(model.comparison!), 'compared'),
            ...(before ? { replaced: before.card.id } : {}),
        }
    })
    return done({ models }, [...(before ? [before.card.id] : []), id])
}

/** Takes the model of a kind out of use and puts back the one it replaced; without one, none is in use. */
export function rollBack<Body, Kind extends string>(
    register: ModelRegister<Body, Kind>,
    kind: Kind,
    step: Step,
    reason?: string,
): RegisterStep<Body, Kind> {
    const current = promotedOf(register, kind)
    if (!current) return refuse(`no model of ${kind} is in use`)
    const before = register.models.find((m) => m.card.id === current.replaced)
    const models = register.models.map((m) => {
        const why = reason ?? 'rolled back'
        if (m === current)
            return { ...move(m, 'retired', step, why, reason === undefined ? 'rolled-back' : undefined), rolledBackMs: step.tMs }
        return m === before ? move(m, 'promoted', step, `put back for ${current.card.id}: ${why}`, 'put-back', current.card.id) : m
    })
    return done({ models }, [current.card.id, ...(before ? [before.card.id] : [])])
}

/** Whether the last word on a kind was a step back: then nothing is put to use again until somebody promotes it. */
export function isHeld<Body, Kind extends string>(register: ModelRegister<Body, Kind>, kind: Kind): boolean {
    const models = register.models.filter((model) => model.card.kind === kind)
    const back = Math.max(...models.map((model) => model.rolledBackMs ?? -Infinity), -Infinity)
    const promoted = models.flatMap(({ events }) => events.filter(({ to }) => to === 'promoted').map(({ tMs }) => tMs))
    return back > -Infinity && promoted.every((tMs) => tMs <= back)
}

/** The figures of a comparison in a sentence. */
export function describeComparison({ days, loss, candidate, incumbent, gain, pValue, better }: Comparison): string {
    const figure = (x: number) => x.toPrecision(4)
    return `${loss} ${figure(candidate)} against ${figure(incumbent)} over ${days} held-out days: ${(100 * Math.abs(gain)).toFixed(1)} % ${gain >= 0 ? 'less' : 'more'}, p ${pValue.toFixed(3)}, ${better ? 'better' : 'not shown to be better'}`
}

const refuse = (reason: string) => ({ ok: false as const, reason })
const done = <Body, Kind extends string>(register: ModelRegister<Body, Kind>, changed: readonly string[]) => ({
    ok: true as const,
    register,
    changed,
})
function move<Body, Kind extends string>(
    model: RegisteredModel<Body, Kind>,
    to: ModelState,
    step: Step,
    reason: string,
    code?: ModelEvent['code'],
    other?: string,
): RegisteredModel<Body, Kind> {
    const more = { ...(code ? { code } : {}), ...(other ? { other } : {}) }
    return { ...model, state: to, events: [...model.events, { ...step, from: model.state, to, reason, ...more }] }
}
