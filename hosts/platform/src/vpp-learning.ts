/**
 * What the virtual power plant learns: days as they were, kept once and never changed; models with their figures, one of
 * each kind in use. Learning runs on a thread; it promotes what is better than what is in use, and a person takes a step
 * back. Every step is an entry of the log.
 */

import { Worker } from 'node:worker_threads'
import { promotedOf, promoteModel, type RegisteredModel, type RegisterStep, rollBack, type Step, withoutBody } from '@gridverse/learn'
import { type Climate, defaultClimate, parseVpp } from '@gridverse/plan'
import { threadEntry } from '@gridverse/solver'
import type { MeasuredDay, SampleStore } from '@gridverse/study'
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import { errorsOf, type Issue } from '@gridverse/units'
import {
    checkDays,
    type ForecastFan,
    forecastFans,
    judgeCandidates,
    type Learned,
    type LearningState,
    type LearnReport,
    type ModelBody,
    type ModelEntry,
    type ModelKind,
    type ModelsAnswer,
    type Policy,
    proposeCandidates,
    type VppRegister,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import type { LearningMessage, LearningWork } from './vpp-learning-thread.ts'

export interface LearnRequest {
    /** vpp-instance/1 as text; without it capacities are what the days show, and no policy is tried */
    readonly plant?: string
    readonly climate?: Partial<Climate>
    /** tried on the last days; none leaves the policy as it is */
    readonly policies?: readonly Policy[]
    /** 14 where absent */
    readonly policyDays?: number
    /** false leaves candidates for a person to promote */
    readonly promote?: boolean
}

export interface VppLearning {
    /** the days kept, as the port of studies */
    readonly store: SampleStore
    /** every model, with its own numbers */
    register(): VppRegister
    /** what is in use, for who plans a day: the process of days, and how to decide */
    learned(): Learned
    /** a day by the forecasts in use */
    fans(day: string): ForecastFan[]
    days(): readonly MeasuredDay[]
    /** Keeps days; those kept already stay as they are. */
    addDays(by: Person, days: readonly MeasuredDay[]): Promise<{ added: string[]; known: string[] }>
    /** Keeps a day that has ended, and learns from all of them where they are enough. */
    endDay(day: MeasuredDay): Promise<void>
    models(): ModelsAnswer
    /** Begins to learn; refused while it does so already. Ends by itself: `models()` tells how far it is. */
    learn(by: Person, request?: LearnRequest): LearningState
    promote(by: Person, id: string): Promise<ModelEntry>
    /** Puts back what was in use before. */
    rollBack(by: Person, kind: ModelKind, reason?: string): Promise<ModelEntry[]>
    close(): Promise<void>
}

interface LearningPorts {
    readonly records: Records
    readonly log: EvidenceLog
    readonly climate?: Partial<Climate>
    /** what is measured of the day that is not over; its fans follow it */
    readonly soFar?: () => MeasuredDay | undefined
    readonly onError: (error: unknown) => void
    nowMs(): number
}

/** fewer teach nothing */
const enoughDays = 22
const system: Person = { name: 'system', role: 'administrator' }
const dayRecord = 'vpp-day'
const modelRecord = 'vpp-model'
const reportRecord = 'vpp-learning'
/** bodies as text: the database would put the names in an order of its own */
interface Text {
    readonly text: string
}

export async function createVppLearning({ records, log, climate, soFar, onError, nowMs }: LearningPorts): Promise<VppLearning> {
    const kept = new Map((await records.list<Text>(dayRecord)).map(({ id, body }) => [id, JSON.parse(body.text) as MeasuredDay]))
    let register: VppRegister = {
        models: (await records.list<Text>(modelRecord))
            .map(({ body }) => JSON.parse(body.text) as RegisteredModel<ModelBody, ModelKind>)
            .sort((a, b) => a.events[0]!.tMs - b.events[0]!.tMs),
    }
    const last = await records.get<Text>(reportRecord, 'last')
    let report = last && (JSON.parse(last.text) as LearnReport)
    let place: Climate = { ...defaultClimate, ...climate, ...(await records.get<Partial<Climate>>(reportRecord, 'climate')) }
    let state: LearningState = { state: 'idle', progress: 0, message: '' }
    let worker: Worker | undefined
    let fansKept: { readonly key: string; readonly fans: ForecastFan[] } | undefined

    const sorted = () => [...kept.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
    const note = (action: string, actor: string, target: string, detail: Record<string, unknown>) =>
        log.append({ tMs: nowMs(), actor, action, target, detail })

    async function keep(next: VppRegister, changed: readonly string[]) {
        for (const id of changed)
            await records.put(modelRecord, id, { text: JSON.stringify(next.models.find((model) => model.card.id === id)!) })
        register = next
    }

    /** Keeps the step, and an entry of the log for each model it moved. */
    async function take(result: RegisterStep<ModelBody, ModelKind>, step: Step): Promise<ModelEntry[]> {
        if (!result.ok) throw new ApiError('model-state', result.reason)
        await keep(result.register, result.changed)
        return noteModels(result.changed, step)
    }
    async function noteModels(ids: readonly string[], step: Step): Promise<ModelEntry[]> {
        const moved = register.models.filter((model) => ids.includes(model.card.id))
        for (const { card, state: to, comparison, events } of moved)
            await note(`model.${to}`, step.by, `model/${card.id}`, {
                kind: card.kind,
                reason: events.at(-1)!.reason,
                trainedOn: card.trainedOn,
                ...(comparison ? { comparison } : {}),
            })
        return moved.map(withoutBody)
    }

    function fans(day: string): ForecastFan[] {
        const begun = soFar?.()
        const measured = begun ? Object.values(begun.courses).map((course) => course.filter((v) => v !== null).length) : []
        const key = `${day} ${measured} ${kept.size} ${register.models.filter((m) => m.state === 'promoted').map((m) => m.card.id)}`
        if (fansKept?.key !== key)
            fansKept = { key, fans: forecastFans(register, sorted().slice(-15), day, place, begun ? { soFar: begun } : {}) }
        return fansKept.fans
    }

    async function finish(by: string, promote: boolean, message: Extract<LearningMessage, { done: true }>) {
        const { learnt, tuning } = message
        const candidates = [...learnt.candidates, ...(tuning?.candidate ? [tuning.candidate] : [])]
        const step = { tMs: nowMs(), by: promote ? 'system' : by }
        const { register: next, changed } = (promote ? judgeCandidates : proposeCandidates)(register, candidates, step)
        await keep(next, changed)
        report = learnt.report
        await records.put(reportRecord, 'last', { text: JSON.stringify(report) })
        await noteModels(changed, step)
        state = { state: 'idle', progress: 1, message: '', endedMs: nowMs() }
    }

    const store: SampleStore = {
        async append(day) {
            const added = await records.insert(dayRecord, day.day, { text: JSON.stringify(day) })
            if (added) kept.set(day.day, day)
            return added
        },
        list: async () => sorted(),
    }

    const learning: VppLearning = {
        store,
        register: () => register,
        learned() {
            const [process, policy] = (['scenarios', 'policy'] as const).map((kind) => promotedOf(register, kind))
            return {
                ...(process?.body.kind === 'scenarios' ? { climate: { model: process.body.model }, process: process.card.id } : {}),
                ...(policy?.body.kind === 'policy' ? { policy: policy.body.policy } : {}),
            }
        },
        fans,
        days: sorted,
        async addDays(by, days) {
            const issues = checkDays(days, sorted())
            if (issues.length) throw new ApiError('bad-input', issues[0]!.message, issues)
            const [added, known]: [string[], string[]] = [[], []]
            for (const day of days) ((await store.append(day)) ? added : known).push(day.day)
            if (added.length) await note('day.kept', by.name, 'study/vpp', { days: added.length, first: added[0], last: added.at(-1) })
            return { added, known }
        },
        async endDay(day) {
            if (!(await store.append(day))) return
            await note('day.kept', 'system', 'study/vpp', { days: 1, first: day.day, last: day.day })
            if (kept.size >= enoughDays && !worker) learning.learn(system)
        },
        models() {
            const latest = sorted().at(-1)?.day
            const tomorrow = latest && new Date(Date.parse(`${latest}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
            return {
                learning: state,
                ...(report ? { report } : {}),
                models: register.models.map(withoutBody).reverse(),
                curves: report?.curves ?? [],
                drift: report?.drift ?? [],
                fans: tomorrow ? fans(tomorrow) : [],
            }
        },
        learn(by, { plant, climate: there, policies = [], policyDays = 14, promote = true } = {}) {
            if (worker) throw new ApiError('model-state', 'learning is under way already; GET /api/studies/vpp/models tells how far')
            const wrong: Issue[] =
                plant === undefined ? [] : errorsOf(parseVpp(plant).issues).filter((i) => !i.path.startsWith('scenarios'))
            if (wrong.length) throw new ApiError('bad-input', wrong[0]!.message, wrong)
            if (there) {
                place = { ...place, ...there }
                records.put(reportRecord, 'climate', place).catch(onError)
            }
            const work: LearningWork = {
                days: sorted(),
                register,
                climate: place,
                policies,
                policyDays,
                ...(plant === undefined ? {} : { plant }),
            }
            state = { state: 'running', progress: 0, message: '' }
            note('model.learn', by.name, 'study/vpp', { days: work.days.length }).catch(onError)
            const failed = (error: unknown) => {
                state = { state: 'failed', progress: 0, message: error instanceof Error ? error.message : String(error), endedMs: nowMs() }
                onError(error)
            }
            const thread = new Worker(threadEntry(new URL('./vpp-learning-thread.ts', import.meta.url)), {
                workerData: work,
                execArgv: process.execArgv,
            })
            worker = thread
            let answered = false
            thread.on('message', (message: LearningMessage) => {
                if (!('done' in message)) {
                    state = { state: 'running', progress: message.share, message: message.what }
                    return
                }
                answered = true
                finish(by.name, promote, message)
                    .catch(failed)
                    .finally(() => {
                        worker = undefined
                    })
            })
            thread.once('error', failed)
            thread.once('exit', () => {
                if (answered) return
                worker = undefined
                if (state.state === 'running') failed(new Error('The thread that learns ended before it had answered.'))
            })
            return state
        },
        async promote(by, id) {
            if (!register.models.some((model) => model.card.id === id)) throw new ApiError('unknown-model', `there is no model ${id}`)
            const step = { tMs: nowMs(), by: by.name }
            const moved = await take(promoteModel(register, id, step), step)
            return moved.find((model) => model.card.id === id)!
        },
        async rollBack(by, kind, reason) {
            if (!promotedOf(register, kind)) throw new ApiError('unknown-model', `no model of ${kind} is in use`)
            const step = { tMs: nowMs(), by: by.name }
            return take(rollBack(register, kind, step, reason), step)
        },
        async close() {
            const thread = worker
            state = { state: 'idle', progress: 0, message: '' }
            await thread?.terminate()
        },
    }
    return learning
}
