/**
 * The application's state, without React: who is signed in, which region and world are on screen, what is picked, the
 * values, alarms and commands. Views read cells and call the actions at the end; nothing else holds state worth keeping.
 */
import type { Alarm, CommandCard, EventCard, Fidelity, Hold, Person, PointCard, Summary, WorldCard } from '@gridverse/twin'
import { lang, t } from '../text/index.ts'
import { type Failure, failureOf, get, onSignedOut, post } from './api.ts'
import { createCell } from './cell.ts'
import { formatTime } from './format.ts'
import { createLatencies, frameLatencyMs } from './latency.ts'
import { emptyLink, formatLink, type Link, parseLink, worldKind } from './link.ts'
import { createLive, type LinkState, type Live } from './live.ts'
import { buildRegionIndex, type RegionIndex, type RegionJson } from './region.ts'
import { applyFrame, buildPointIndex, createBeat, createValues, type PointIndex } from './values.ts'

export type Session =
    | { readonly state: 'loading' }
    | { readonly state: 'signed-out'; readonly setupNeeded: boolean }
    | { readonly state: 'signed-in'; readonly person: Person }
    | { readonly state: 'unreachable'; readonly message: string }

export interface Totals {
    readonly world: string
    readonly tMs: number
    readonly summary?: Summary
    readonly fidelity?: Fidelity
}
export interface Mark {
    readonly tMs: number
    readonly kind: string
    readonly priority?: string
    readonly target?: string
}
export interface Span {
    readonly firstMs: number
    readonly lastMs: number
    readonly marks: readonly Mark[]
}

export const session = createCell<Session>({ state: 'loading' })
export const region = createCell<RegionIndex | undefined>(undefined)
export const points = createCell<PointIndex>(buildPointIndex([]))
export const loadFailure = createCell<Failure | undefined>(undefined)
export const link = createCell<Link>(typeof location === 'undefined' ? emptyLink : parseLink(location.hash))
export const worlds = createCell<readonly WorldCard[]>([])
export const totals = createCell<Totals>({ world: 'live', tMs: Number.NaN })
export const alarms = createCell<ReadonlyMap<string, Alarm>>(new Map())
export const commands = createCell<readonly CommandCard[]>([])
export const events = createCell<readonly EventCard[]>([])
/** the last each application said on the live link */
export const apps = createCell<ReadonlyMap<string, unknown>>(new Map())
export const linkState = createCell<LinkState>('connecting')
/** what the platform said went wrong on the live link */
export const liveFailure = createCell<Failure | undefined>(undefined)
export const span = createCell<Span | undefined>(undefined)
/** points nobody operates now, with who hung the tag and why */
export const holds = createCell<ReadonlyMap<string, Hold>>(new Map())
/** field-to-screen latencies of the live world's frames */
export const latencies = createLatencies()
/** a point asked to be held or substituted: opens the tag sheet */
export const tagAsked = createCell<{ point: string; act: 'hold' | 'release' | 'substitute' } | undefined>(undefined)
/** playing speed of a replay; 0 stands still */
export const playing = createCell(0)
/** point asked to be commanded: opens the command sheet */
export const commandPoint = createCell<{ point: string; value?: number } | undefined>(undefined)
export const values = createValues()
const { raise, beat } = createBeat(
    () => performance.now(),
    (run, ms) => setTimeout(run, ms),
)
/** where the 3D camera last stood, for coming back from another view */
export const lastCamera = createCell('')
/** raised at most four times a second when values changed */
export { beat }

type FrameListener = () => void
const frameListeners = new Set<FrameListener>()
/** Hears of every frame as it lands; for the world view, which draws at its own pace. */
export function onFrame(listener: FrameListener): () => void {
    frameListeners.add(listener)
    return () => frameListeners.delete(listener)
}

// ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const indexOfPoint = (id: string): number => points.get().byId.get(id) ?? -1
export function cardOfPoint(id: string): PointCard | undefined {
    const component = id.slice(0, id.lastIndexOf('/'))
    return points
        .get()
        .ofComponent.get(component)
        ?.find((card) => card.id === id)
}
/** Value of a point in the world on screen; NaN where nothing is known. */
export function pointValue(id: string): number {
    const i = indexOfPoint(id)
    return i < 0 ? Number.NaN : (values.value[i] ?? Number.NaN)
}
export const nowMs = (): number => (worldKind(link.get().world).kind === 'live' ? Date.now() : values.tMs)

/** The moment of a replay on screen, Unix ms, in whole seconds while it plays; undefined in any other world. */
export function instantShown(): number | undefined {
    const { world } = link.get()
    const { kind, tMs } = worldKind(world)
    if (kind !== 'replay') return undefined
    const played = playing.get() > 0 && values.world === world && Number.isFinite(values.tMs)
    return played ? Math.floor(values.tMs / 2000) * 2000 : tMs
}

// ── link ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Goes where the change says; a change of camera or pens alone, or `replace`, leaves no step in the history. */
export function go(change: Partial<Link>, replace = false): void {
    const before = link.get()
    const viewChanges = change.view !== undefined && change.view !== before.view
    const next: Link = { ...before, ...(viewChanges ? { part: '', camera: '' } : {}), ...change }
    const hash = formatLink(next)
    if (hash === formatLink(before)) return
    const quiet =
        next.view === before.view &&
        next.part === before.part &&
        next.world === before.world &&
        next.pick === before.pick &&
        next.outage === before.outage &&
        next.tour === before.tour
    if (quiet || replace) history.replaceState(null, '', hash)
    else history.pushState(null, '', hash)
    link.set(next)
}
export const pick = (component: string): void => go({ pick: component })
export const hrefOf = (change: Partial<Link>): string => formatLink({ ...link.get(), ...change })

// ── session and loading ────────────────────────────────────────────────────────────────────────────────────────────

export async function loadSession(): Promise<void> {
    try {
        const now = await get<{ person: Person | null; setupNeeded: boolean }>('/session')
        session.set(now.person ? { state: 'signed-in', person: now.person } : { state: 'signed-out', setupNeeded: now.setupNeeded })
    } catch (cause) {
        session.set({ state: 'unreachable', message: failureOf(cause).message })
    }
}

let live: Live | undefined

/** Fetches the region and its points; asked again by a person where it failed. */
export async function loadRegion(): Promise<void> {
    loadFailure.set(undefined)
    try {
        const [json, cards] = await Promise.all([get<RegionJson>('/region'), get<PointCard[]>('/points')])
        points.set(buildPointIndex(cards))
        region.set(buildRegionIndex(json))
    } catch (cause) {
        loadFailure.set(failureOf(cause))
    }
}

let cardsAskedMs = Number.NEGATIVE_INFINITY
/** Asks for the points again, at most every 30 s: devices are born after the page was opened. */
export function refreshCards(): Promise<void> {
    if (Date.now() - cardsAskedMs < 30_000) return Promise.resolve()
    cardsAskedMs = Date.now()
    return quietly(async () => points.set(buildPointIndex(await get<PointCard[]>('/points'))))
}

/** Fetches what changes seldom and joins the live link. Returns what ends it. */
export function startSession(): () => void {
    void loadRegion()
    void refreshWorlds()
    void refreshAlarms()
    void refreshCommands()
    void refreshSpan()
    void refreshHolds()
    latencies.clear()
    live = createLive({
        frame(frame) {
            if (!isShown(frame.world)) return
            if (frame.world === 'live' && !frame.whole) latencies.add(frameLatencyMs(frame, Date.now()))
            applyFrame(values, frame)
            // a playing replay names the instant reached; the link names where it began
            values.world = subscribedTo
            const known = points.get().cards.length
            if (frame.whole && known > 0 && frame.index.length > known) void refreshCards()
            for (const listener of frameListeners) listener()
            raise()
        },
        text: hear,
        state(state) {
            linkState.set(state)
            if (state === 'open') {
                void refreshAlarms()
                void refreshCommands()
                void refreshWorlds()
                void refreshHolds()
            }
        },
    })
    follow()
    const stopFollowing = link.subscribe(follow)
    const spanTimer = setInterval(() => void refreshSpan(), 30_000)
    return () => {
        stopFollowing()
        clearInterval(spanTimer)
        live?.close()
        live = undefined
        subscribedTo = ''
    }
}

let subscribedTo = ''
const isShown = (world: string) => world === subscribedTo || (world.startsWith('replay@') && subscribedTo.startsWith('replay@'))
let subscribedPlay = 0
function follow(): void {
    const { world } = link.get()
    const play = worldKind(world).kind === 'replay' ? playing.get() : 0
    if (world === subscribedTo && play === subscribedPlay) return
    if (world !== subscribedTo) liveFailure.set(undefined)
    subscribedTo = world
    subscribedPlay = play
    live?.subscribe(world, worldKind(world).kind === 'replay' ? play : undefined)
}

type Heard = Parameters<Parameters<typeof createLive>[0]['text']>[0]
function hear(message: Heard): void {
    if (message.type === 'summary') {
        if (!isShown(message.world)) return
        totals.set({ world: subscribedTo, tMs: message.tMs, summary: message.summary, fidelity: message.fidelity })
    } else if (message.type === 'alarms') {
        const next = new Map(message.whole ? [] : alarms.get())
        for (const alarm of message.alarms) {
            if (alarm.state === 'normal') next.delete(alarm.id)
            else next.set(alarm.id, alarm)
        }
        alarms.set(next)
    } else if (message.type === 'command') commands.update((now) => putCommand(now, message.command))
    else if (message.type === 'event') {
        if (message.event.action.startsWith('hold.')) void refreshHolds()
        events.update((now) => (now[0] && now[0].seq >= message.event.seq ? now : [message.event, ...now].slice(0, 500)))
        span.update((now) => now && { ...now, lastMs: Math.max(now.lastMs, message.event.tMs) })
    } else if (message.type === 'worlds') worlds.set(message.worlds)
    else if (message.type === 'app') apps.update((now) => new Map(now).set(message.app, message.body))
    else if (message.type === 'error') {
        const { type: _, ...failure } = message
        liveFailure.set(failure)
        // the values of the world before must not pass for those of this one
        Object.assign(values, createValues(values.value.length))
        raise()
    }
}

function putCommand(now: readonly CommandCard[], command: CommandCard): readonly CommandCard[] {
    const at = now.findIndex((c) => c.id === command.id)
    return at < 0 ? [command, ...now] : now.map((c, i) => (i === at ? command : c))
}
export const rememberCommand = (command: CommandCard): void => commands.update((now) => putCommand(now, command))

/** What a background refresh cannot get stays as it was; the live link's state says that the platform is away. */
const quietly = async (work: () => Promise<void>) => {
    try {
        await work()
    } catch {
        // said by the link state and by the next view that asks
    }
}
export const refreshWorlds = () => quietly(async () => worlds.set(await get<WorldCard[]>('/worlds')))
export const refreshCommands = () => quietly(async () => commands.set(await get<CommandCard[]>('/commands')))
export const rememberHolds = (list: readonly Hold[]): void => holds.set(new Map(list.map((hold) => [hold.point, hold])))
export const refreshHolds = () => quietly(async () => rememberHolds(await get<Hold[]>('/holds')))
export const refreshSpan = () =>
    quietly(async () => {
        const held = await get<{ firstMs: number | null; lastMs: number | null; marks: Mark[] }>('/history/span')
        span.set(
            held.firstMs === null || held.lastMs === null ? undefined : { firstMs: held.firstMs, lastMs: held.lastMs, marks: held.marks },
        )
    })
export const refreshAlarms = () =>
    quietly(async () => {
        const list = await get<Alarm[]>('/alarms')
        alarms.set(new Map(list.filter((a) => a.state !== 'normal').map((a) => [a.id, a])))
    })

// ── worlds ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function showWorld(world: string): void {
    if (worldKind(world).kind !== 'replay') playing.set(0)
    go({ world })
}
/** Shows the instant, clamped to what the history holds. */
export function replayAt(tMs: number, replace = false): void {
    const held = span.get()
    const at = held ? Math.min(Math.max(tMs, held.firstMs), held.lastMs) : tMs
    go({ world: `replay@${Math.round(at)}` }, replace)
}
/** Plays the replay at `speed` times real time; 0 stops and keeps the instant reached in the link. */
export function play(speed: number): void {
    if (worldKind(link.get().world).kind !== 'replay') replayAt(Date.now() - 300_000)
    playing.set(speed)
    if (speed === 0 && Number.isFinite(values.tMs) && values.world === link.get().world) go({ world: `replay@${Math.round(values.tMs)}` })
    follow()
}

export async function createWhatIf(base: string): Promise<WorldCard> {
    const title = `${t('world.what-if')} ${formatTime(Date.now(), region.get()?.json.timeZone ?? 'UTC', lang.get())}`
    const card = await post<WorldCard>('/worlds', { base, title })
    worlds.update((now) => [...now.filter((w) => w.id !== card.id), card])
    showWorld(card.id)
    return card
}

/** Wires the address bar to the link; called once. */
export function watchAddress(): void {
    const read = () => {
        const next = parseLink(location.hash)
        if (formatLink(next) !== formatLink(link.get())) link.set(next)
    }
    addEventListener('popstate', read)
    addEventListener('hashchange', read)
    onSignedOut.current = () => {
        if (session.get().state === 'signed-in') session.set({ state: 'signed-out', setupNeeded: false })
    }
}
