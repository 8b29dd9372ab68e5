/**
 * Commands on their way through the gate. The gate itself is pure (`twin`); here its effects are carried out in an order
 * that survives a kill at any instant: first the log and the record are durable, then the field is written, then the
 * person gets an answer.
 */
import { randomUUID } from 'node:crypto'
import {
    type AlarmNotice,
    type CommandCard,
    checkCommand,
    type EvidenceLog,
    emptyGate,
    type GateEvent,
    type GateState,
    gateReadings,
    type Hold,
    type OutgoingCommand,
    type Person,
    type Records,
    type Refusal,
    type Sink,
    type Snapshot,
    say,
    stepGate,
    type Twin,
    type TwinModel,
} from '@gridverse/twin'
import { ApiError } from './api-error.ts'

export interface CommandPorts {
    readonly model: TwinModel
    readonly twin: Twin
    readonly sink: Sink
    readonly records: Records
    readonly log: EvidenceLog
    latest(): Snapshot
    alarm(notice: AlarmNotice): void
    /** components with a trip nobody has acknowledged yet */
    tripped(): ReadonlySet<string>
    onCommand(card: CommandCard): void
    onError(error: unknown): void
    nowMs(): number
}

export interface Commands {
    select(by: Person, request: { point: string; value: number; reason: string; confirmStale?: boolean }): Promise<CommandCard>
    operate(by: Person, id: string): Promise<CommandCard>
    approve(by: Person, id: string): Promise<CommandCard>
    cancel(by: Person, id: string): Promise<CommandCard>
    hold(by: Person, point: string, reason: string): Promise<void>
    release(by: Person, point: string): Promise<void>
    holds(): Hold[]
    list(): Promise<CommandCard[]>
    get(id: string): Promise<CommandCard>
    /** a command on this point (model index) is under way or just done */
    commanded(index: number): boolean
    /** the gate looks at a new snapshot */
    confirm(snapshot: Snapshot, nowMs: number): void
    /** resolves when every effect begun so far is done */
    settled(): Promise<void>
}

/** a change this soon after a command of ours is its doing */
const causedWithinMs = 30_000

export async function createCommands(ports: CommandPorts): Promise<Commands> {
    const { model, twin, records, log } = ports
    let gate = await restoreGate(records)
    let work: Promise<unknown> = Promise.resolve()

    const device = (point: string) => {
        const index = model.indexOf(point)
        return index < 0 ? undefined : twin.deviceOf(index)
    }

    /** One event through the gate; its effects one after the other. */
    async function step(event: GateEvent): Promise<{ card: CommandCard | undefined; refused: Refusal | undefined }> {
        const { state, effects, refused } = stepGate(gate, event, ports.nowMs())
        gate = state
        let card: CommandCard | undefined
        for (const effect of effects) if (effect.kind === 'log') await log.append(effect.entry)
        for (const effect of effects) {
            if (effect.kind !== 'command') continue
            card = effect.card
            await records.put('command', card.id, card)
            ports.onCommand(card)
        }
        for (const effect of effects) if (effect.kind === 'alarm') ports.alarm(effect.notice)
        for (const effect of effects) if (effect.kind === 'send') await send(effect.command)
        return { card: card && ((await records.get<CommandCard>('command', card.id)) ?? card), refused }
    }

    async function send(command: OutgoingCommand): Promise<void> {
        try {
            await ports.sink.write(command)
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error)
            await step({ kind: 'write-failed', id: command.commandId, reason })
        }
    }

    /** Events enter one at a time, in the order people and the loop gave them. */
    function enter<T>(act: () => Promise<T>): Promise<T> {
        const done = work.then(act, act)
        work = done.catch(() => undefined)
        return done
    }

    const checks = (by: Person, point: string, value: number, confirmStale = false) => {
        const owner = device(point)
        return checkCommand(
            model,
            { point, value, by, confirmStale },
            {
                snapshot: ports.latest(),
                gate,
                device: owner,
                deviceAlive: owner !== undefined && twin.isAlive(owner),
                tripped: ports.tripped(),
            },
            ports.nowMs(),
        )
    }

    async function act(event: GateEvent & { id: string }): Promise<CommandCard> {
        const { card, refused } = await step(event)
        if (refused) throw new ApiError('command-not-selected', refused)
        return card ?? readCard(event.id)
    }

    async function readCard(id: string): Promise<CommandCard> {
        const card = gate.commands.get(id) ?? (await records.get<CommandCard>('command', id))
        if (!card) throw new ApiError('unknown-command', say('command.none', { command: id }))
        return card
    }

    return {
        select: (by, { point, value, reason, confirmStale }) =>
            enter(async () => {
                if (model.indexOf(point) < 0) throw new ApiError('unknown-point', say('point.none', { point }))
                const checked = checks(by, point, value, confirmStale)
                return act({ kind: 'select', id: randomUUID(), point, value, by, reason, checked })
            }),
        operate: (by, id) =>
            enter(async () => {
                const { point, value } = await readCard(id)
                // the grid may have changed since the selection: what stood then must still stand
                return act({ kind: 'operate', id, by, checked: checks(by, point, value) })
            }),
        approve: (by, id) => enter(() => act({ kind: 'approve', id, by })),
        cancel: (by, id) => enter(() => act({ kind: 'cancel', id, by })),
        hold: (by, point, reason) =>
            enter(async () => {
                if (model.indexOf(point) < 0) throw new ApiError('unknown-point', say('point.none', { point }))
                const { refused } = await step({ kind: 'hold', point, by, reason })
                if (refused) throw new ApiError('not-allowed', refused)
                await records.put('hold', point, gate.holds.get(point))
            }),
        release: (by, point) =>
            enter(async () => {
                const { refused } = await step({ kind: 'release', point, by })
                if (refused) throw new ApiError('not-allowed', refused)
                await records.remove('hold', point)
            }),
        holds: () => [...gate.holds.values()],
        async list() {
            const all = await records.list<CommandCard>('command')
            return all.map((entry) => entry.body).sort((a, b) => b.selectedMs - a.selectedMs)
        },
        get: readCard,
        commanded(index) {
            const point = model.points[index]?.id
            return point !== undefined && ports.nowMs() - (gate.lastSentMs.get(point) ?? Number.NEGATIVE_INFINITY) < causedWithinMs
        },
        confirm(snapshot) {
            if (gate.commands.size === 0) return
            const readings = gateReadings(model, gate, snapshot)
            enter(() => step({ kind: 'observe', readings })).catch(ports.onError)
        },
        settled: async () => {
            await work
        },
    }
}

/** Commands that were under way when the platform last stopped go on being watched. */
async function restoreGate(records: Records): Promise<GateState> {
    const open = (await records.list<CommandCard>('command')).map((entry) => entry.body)
    const unfinished = open.filter(
        ({ state, rollBackMs }) => state === 'selected' || state === 'sent' || (state === 'mismatch' && rollBackMs !== undefined),
    )
    const holds = (await records.list<Hold>('hold')).map((entry) => entry.body)
    return {
        ...emptyGate,
        commands: new Map(unfinished.map((card) => [card.id, card])),
        holds: new Map(holds.map((hold) => [hold.point, hold])),
        lastSentMs: new Map(unfinished.flatMap((card) => (card.sentMs ? [[card.point, card.sentMs] as const] : []))),
    }
}
