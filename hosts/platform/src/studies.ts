/**
 * Studies people ask for: one after the other on a thread of its own, with progress, kept with their inputs, begun again
 * after a restart. A study proposes; nothing of it reaches the field by itself.
 */
import { randomUUID } from 'node:crypto'
import type { LinearSolver } from '@gridverse/math'
import { createHighsSolver } from '@gridverse/solver'
import type { StudyCard, StudyState } from '@gridverse/study'
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import { say } from '@gridverse/twin'
import { district, type Learned, runVppStudy, type VppOutcome, type VppPreferences } from '@gridverse/vpp'
import { ApiError } from './api-error.ts'

export type VppCard = StudyCard<VppPreferences>
export interface StudyAnswer {
    readonly card: VppCard
    readonly outcome?: VppOutcome
}

export interface NewStudy {
    readonly title: string
    /** plant and prices (vpp-instance/1) as text; the district that ships where absent */
    readonly plant?: string
    /** id of a study whose plant it takes, and its day of the live fleet */
    readonly like?: string
    /** how the plant was made of the live fleet, as text: what a day is run with */
    readonly fleet?: string
    readonly preferences: VppPreferences
}

export interface Studies {
    /** newest first */
    list(): VppCard[]
    get(id: string): Promise<StudyAnswer>
    create(by: Person, study: NewStudy): Promise<VppCard>
    /** of a study of the live fleet: its plant, and how it was made */
    fleetOf(id: string): Promise<{ plant: string; fleet: string } | undefined>
    cancel(by: Person, id: string): Promise<VppCard>
    remove(by: Person, id: string): Promise<void>
    close(): Promise<void>
}

interface StudyPorts {
    readonly records: Records
    readonly log: EvidenceLog
    /** what is in use of what days taught; nothing where absent */
    readonly learned?: () => Learned
    readonly onError: (error: unknown) => void
    nowMs(): number
}

const plantOf = 'study-plant'
const cardOf = 'study'
const outcomeOf = 'study-outcome'
const fleetRecord = 'study-fleet'

export async function createStudies({ records, log, learned, onError, nowMs }: StudyPorts): Promise<Studies> {
    const cards = new Map((await records.list<VppCard>(cardOf)).map(({ id, body }) => [id, body]))
    const stops = new Map<string, AbortController>()
    const queue: string[] = []
    let solver: LinearSolver | undefined
    let working: Promise<void> | undefined
    let closed = false

    const cardOrThrow = (id: string) => {
        const card = cards.get(id)
        if (!card) throw new ApiError('unknown-study', say('study.none', { study: id }))
        return card
    }
    /** shown at once; kept where it lasts */
    const show = (id: string, change: Partial<VppCard>) => {
        const card = { ...cardOrThrow(id), ...change }
        cards.set(id, card)
        return card
    }
    const inputsOf = async (id: string) => {
        const [plant, fleet] = await Promise.all([plantOf, fleetRecord].map((kind) => records.get<{ text: string }>(kind, id)))
        return { plant: plant?.text, fleet: fleet?.text }
    }
    const keep = (card: VppCard) => records.put(cardOf, card.id, card)
    const note = (action: string, card: VppCard, actor: string) =>
        log.append({
            tMs: nowMs(),
            actor,
            action: `study.${action}`,
            target: `study/${card.id}`,
            detail: { title: card.title, study: card.study },
        })

    async function work() {
        for (let id = queue.shift(); id !== undefined && !closed; id = queue.shift()) {
            try {
                await run(id)
            } catch (error) {
                onError(error)
                if (!closed && cards.has(id))
                    await keep(
                        show(id, { state: 'failed', endedMs: nowMs(), message: error instanceof Error ? error.message : String(error) }),
                    )
            }
        }
    }
    const start = () => {
        working ??= work().finally(() => {
            working = undefined
            if (queue.length > 0 && !closed) start()
        })
    }

    async function run(id: string) {
        const stop = new AbortController()
        stops.set(id, stop)
        const { preferences } = show(id, { state: 'running', progress: 0, message: '' })
        const plant = (await records.get<{ text: string }>(plantOf, id))?.text ?? JSON.stringify(district)
        solver ??= createHighsSolver()
        const outcome = await runVppStudy(plant, preferences, solver, {
            signal: stop.signal,
            ...(learned ? { learned: learned() } : {}),
            onProgress: (progress, message) => cards.has(id) && void show(id, { progress, message }),
        })
        stops.delete(id)
        if (closed || !cards.has(id)) return
        // as text: the database would put the names in an order of its own
        if (outcome.kind !== 'stopped') await records.put(outcomeOf, id, { text: JSON.stringify(outcome) })
        const state: StudyState =
            outcome.kind === 'report' || outcome.kind === 'claims'
                ? 'done'
                : outcome.kind === 'stopped'
                  ? 'cancelled'
                  : outcome.kind === 'infeasible'
                    ? 'infeasible'
                    : 'failed'
        const message =
            outcome.kind === 'failed'
                ? outcome.message
                : outcome.kind === 'issues'
                  ? outcome.issues.map((issue) => issue.message).join('\n')
                  : ''
        const card = show(id, { state, endedMs: nowMs(), message, ...(state === 'done' ? { progress: 1 } : {}) })
        await keep(card)
        await note(state, card, 'system')
    }

    // what a stop of the platform broke off begins again
    for (const card of [...cards.values()].sort((a, b) => a.createdMs - b.createdMs))
        if (card.state === 'waiting' || card.state === 'running') queue.push(show(card.id, { state: 'waiting', progress: 0 }).id)
    if (queue.length > 0) start()

    const mayChange = (by: Person, card: VppCard) => {
        if (card.by !== by.name && by.role !== 'administrator') throw new ApiError('not-allowed', say('study.others', { person: card.by }))
    }

    return {
        list: () => [...cards.values()].sort((a, b) => b.createdMs - a.createdMs),
        async get(id) {
            const card = cardOrThrow(id)
            const kept = await records.get<{ text: string }>(outcomeOf, id)
            return { card, ...(kept ? { outcome: JSON.parse(kept.text) as VppOutcome } : {}) }
        },
        async fleetOf(id) {
            const { plant, fleet } = await inputsOf(id)
            return plant !== undefined && fleet !== undefined ? { plant, fleet } : undefined
        },
        async create(by, { title, preferences, like, ...own }) {
            const { plant, fleet } = like === undefined ? own : await inputsOf(cardOrThrow(like).id)
            const id = randomUUID()
            const card: VppCard = {
                id,
                study: 'vpp',
                title,
                by: by.name,
                createdMs: nowMs(),
                state: 'waiting',
                progress: 0,
                message: '',
                preferences,
            }
            if (plant !== undefined) await records.put(plantOf, id, { text: plant })
            if (fleet !== undefined) await records.put(fleetRecord, id, { text: fleet })
            await keep(card)
            await note('asked', card, by.name)
            cards.set(id, card)
            queue.push(id)
            start()
            return card
        },
        async cancel(by, id) {
            const card = cardOrThrow(id)
            mayChange(by, card)
            if (card.state !== 'waiting' && card.state !== 'running')
                throw new ApiError('study-state', say('study.ended', { state: card.state }))
            const at = queue.indexOf(id)
            if (at < 0) {
                stops.get(id)?.abort()
                return card
            }
            queue.splice(at, 1)
            const ended = show(id, { state: 'cancelled', endedMs: nowMs() })
            await keep(ended)
            await note('cancelled', ended, by.name)
            return ended
        },
        async remove(by, id) {
            const card = cardOrThrow(id)
            mayChange(by, card)
            stops.get(id)?.abort()
            const at = queue.indexOf(id)
            if (at >= 0) queue.splice(at, 1)
            cards.delete(id)
            for (const kind of [cardOf, plantOf, outcomeOf, fleetRecord]) await records.remove(kind, id)
            await note('removed', card, by.name)
        },
        async close() {
            closed = true
            for (const stop of stops.values()) stop.abort()
            await working?.catch(onError)
            await solver?.close()
        },
    }
}
