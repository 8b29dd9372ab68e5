/**
 * The register of the fleet: which resources there are. Kept in the records, held in memory; every change is an entry of the
 * log with the hash of what was given, and makes the revision grow, by which a plant sees that there is something new.
 */
import { createHash } from 'node:crypto'
import { type Resource, type ResourceProtocol, resourceKinds } from '@gridverse/assets'
import { canonicalJson } from '@gridverse/trust'
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import { errorsOf, type Issue } from '@gridverse/units'
import { checkFleetRows, type EnrolAnswer, readFleetRows } from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import type { Enrolment } from './enrolment.ts'

export interface FleetRegister {
    readonly revision: number
    readonly size: number
    all(): Iterable<Resource>
    get(id: string): Resource
    /** Takes rows of a file or a call: all or none of them, unless `partial`. */
    enrol(by: Person, given: string | readonly Readonly<Record<string, unknown>>[], options?: EnrolOptions): Promise<EnrolAnswer>
    change(by: Person, id: string, row: Readonly<Record<string, unknown>>): Promise<Resource>
    remove(by: Person, ids: readonly string[], reason?: string): Promise<number>
    /** Enrols a fleet at the first start of an empty register. */
    enrolFirst(resources: readonly Resource[]): Promise<void>
    onChange(listener: (changed: readonly Resource[], removed: readonly string[]) => void): void
    /** The register as it was at an instant. */
    at(tMs: number): Promise<RegisterThen>
}
export interface RegisterThen {
    readonly revision: number
    readonly resources: readonly Resource[]
    /** when it was enrolled, Unix ms; −∞ where that was before such things were kept */
    sinceMs(id: string): number
}
/** What a change undid: kept, so that the register of any past instant can be told. */
interface Undo {
    /** of the register after the change */
    readonly revision: number
    readonly tMs: number
    /** as they were before they were changed or removed */
    readonly before: readonly Resource[]
    readonly added: readonly string[]
}
export interface EnrolOptions {
    /** takes what is right and refuses the rest */
    readonly partial?: boolean
    /** resources already enrolled are given their new description */
    readonly replace?: boolean
    /** looks, takes nothing */
    readonly check?: boolean
}

interface RegisterPorts {
    readonly records: Records
    readonly log: EvidenceLog
    readonly enrolment: Enrolment
    /** before resources are taken */
    prepare?(resources: readonly Resource[]): Promise<void>
    /** load/ID exists in the grid */
    knownConnection(component: string): boolean
    nowMs(): number
}

export const mostResources = 20_000
const kindOfRecord = 'resource'
const kindOfUndo = 'fleet-undo'
const system: Person = { name: 'system', role: 'administrator' }

export async function createFleetRegister({
    records,
    log,
    enrolment,
    prepare,
    knownConnection,
    nowMs,
}: RegisterPorts): Promise<FleetRegister> {
    const resources = new Map((await records.list<Resource>(kindOfRecord)).map(({ id, body }) => [id, body]))
    const kept = await records.get<{ revision: number }>('setting', 'fleet')
    let revision = kept?.revision ?? 0
    const listeners: ((changed: readonly Resource[], removed: readonly string[]) => void)[] = []
    let work: Promise<unknown> = Promise.resolve()
    /** read when the past is first asked for */
    let undos: Promise<Undo[]> | undefined

    /** Changes come one after the other. */
    function enter<T>(act: () => Promise<T>): Promise<T> {
        const done = work.then(act, act)
        work = done.catch(() => undefined)
        return done
    }

    /** The log first, then the revision, then the register: a kill between leaves a plant that looks once in vain. */
    async function put(by: Person, action: string, changed: readonly Resource[], hash: string): Promise<void> {
        const groups = [...new Set(changed.map((r) => r.group))]
        const detail = { count: changed.length, hash, groups: groups.slice(0, 50), first: changed[0]?.id ?? '' }
        await log.append({ tMs: nowMs(), actor: by.name, action, target: 'fleet', detail })
        await prepare?.(changed)
        const undo = await keepRevision(
            changed.flatMap(({ id }) => resources.get(id) ?? []),
            changed.flatMap(({ id }) => (resources.has(id) ? [] : [id])),
        )
        await records.putAll(
            kindOfRecord,
            changed.map((body) => ({ id: body.id, body })),
        )
        for (const resource of changed) resources.set(resource.id, resource)
        revision++
        await noteUndo(undo)
        for (const listener of listeners) listener(changed, [])
    }
    /** Told only once the register is another: a plant that asks in between would take the old one for the new. */
    async function keepRevision(before: readonly Resource[], added: readonly string[]): Promise<Undo> {
        const undo: Undo = { revision: revision + 1, tMs: nowMs(), before, added }
        await records.put(kindOfUndo, String(undo.revision).padStart(9, '0'), undo)
        await records.put('setting', 'fleet', { revision: revision + 1 })
        return undo
    }
    async function noteUndo(undo: Undo): Promise<void> {
        const known = await undos
        if (known && known.at(-1)?.revision !== undo.revision) known.push(undo)
    }
    const readUndos = async () => (await records.list<Undo>(kindOfUndo)).map(({ body }) => body)

    /** Changes are taken back one by one, the last first. */
    async function at(tMs: number): Promise<RegisterThen> {
        undos ??= readUndos()
        const known = await undos
        const then = new Map(resources)
        const since = new Map<string, number>()
        let number = revision
        for (const { revision: after, tMs: changedMs, before, added } of known.toReversed()) {
            if (changedMs <= tMs) {
                for (const id of added) if (!since.has(id)) since.set(id, changedMs)
                continue
            }
            for (const id of added) then.delete(id)
            for (const resource of before) then.set(resource.id, resource)
            number = after - 1
        }
        return { revision: number, resources: [...then.values()], sinceMs: (id) => since.get(id) ?? Number.NEGATIVE_INFINITY }
    }

    /** What the tables cannot know: the grid behind it, and what is enrolled already. */
    function checkPlace(resource: Resource, line: number | undefined, replace: boolean): Issue[] {
        const issues: Issue[] = []
        const found = (code: string, name: string, message: string) => {
            const path = `resource/${resource.id}/${name}`
            issues.push({ code, path, ...(line === undefined ? {} : { line }), message: `resource/${resource.id} ${name}: ${message}` })
        }
        if (resource.connection && !knownConnection(resource.connection))
            found('unknown-connection', 'connection', `"${resource.connection}" is no load of this grid; loads are written load/ID`)
        if (!replace && resources.has(resource.id))
            found('duplicate-id', 'id', `"${resource.id}" is enrolled already; replace it, or give this one another id`)
        return issues
    }

    const hashOf = (list: readonly Resource[]) => createHash('sha256').update(canonicalJson(list)).digest('hex')

    async function enrol(by: Person, given: Parameters<FleetRegister['enrol']>[1], options: EnrolOptions = {}): Promise<EnrolAnswer> {
        const { partial = false, replace = false, check = false } = options
        const beganMs = performance.now()
        const read = typeof given === 'string' ? readFleetRows(given) : { rows: given, lines: given.map((_, n) => n + 1), issues: [] }
        if (read.rows.length > mostResources)
            throw new ApiError(
                'too-large',
                `one call takes ${mostResources} resources at most, got ${read.rows.length}; send them in parts`,
            )
        const checked = checkFleetRows(read.rows, read.lines)
        const lineOf = new Map(read.rows.map((row, n) => [row.id, read.lines[n]]))
        const issues = [...read.issues, ...checked.issues]
        const taken: Resource[] = []
        for (const resource of checked.resources) {
            const wrong = checkPlace(resource, lineOf.get(resource.id), replace)
            if (wrong.length === 0) taken.push(resource)
            issues.push(...wrong)
        }
        const errors = errorsOf(issues)
        if (errors.length > 0 && !(partial && taken.length > 0) && !check)
            throw new ApiError('bad-input', `${errors.length} thing(s) wrong with ${read.rows.length} resource(s); none was taken`, issues)
        const replaced = taken.filter(({ id }) => resources.has(id)).length
        const hash = hashOf(taken)
        const fresh = taken.filter(({ id }) => !resources.has(id))
        if (taken.length > 0 && !check) await put(by, 'fleet.enrol', taken, hash)
        // supervisors get a token their new edge nodes enrol with; others ask one who may give it
        const nodes = check
            ? []
            : [...new Set(fresh.flatMap(({ protocol, address }) => (protocol === 'sparkplug' && address ? [address] : [])))]
        const unknown = nodes.filter((node) => !enrolment.knows(node))
        const mayToken = by.role === 'administrator' || by.role === 'supervisor'
        const token = unknown.length > 0 && mayToken ? await enrolment.createToken(by, unknown) : undefined
        const posts = check ? [] : fresh.filter(({ protocol }) => isOcpp(protocol))
        // connectors of one post have one secret, and a post that is known keeps its own
        const known = new Set([...resources.values()].filter((r) => isOcpp(r.protocol) && !posts.includes(r)).map(identityOf))
        const identities = [...new Set(posts.map(identityOf))].filter((identity) => !known.has(identity))
        const secrets = identities.length === 0 ? [] : await enrolment.issueToPosts(by.name, identities)
        const secretOf = new Map(secrets.map(({ username, password }) => [username, password]))
        return {
            revision,
            taken: check ? 0 : taken.length,
            replaced,
            refused: read.rows.length - taken.length,
            issues,
            groups: [...new Set(taken.map((r) => r.group))],
            hash,
            tookMs: performance.now() - beganMs,
            edgeNodes: unknown,
            ...(token === undefined ? {} : { enrolmentToken: token }),
            secrets: posts.flatMap((post) => {
                const secret = secretOf.get(identityOf(post))
                return secret === undefined ? [] : [{ id: post.id, identity: identityOf(post), secret }]
            }),
        }
    }

    const get = (id: string): Resource => {
        const resource = resources.get(id)
        if (!resource) throw new ApiError('unknown-resource', `there is no resource "${id}"`)
        return resource
    }

    return {
        get revision() {
            return revision
        },
        get size() {
            return resources.size
        },
        all: () => resources.values(),
        get,
        enrol: (by, given, options) => enter(() => enrol(by, given, options)),
        change: (by, id, row) =>
            enter(async () => {
                get(id)
                const { resources: read, issues } = checkFleetRows([{ ...row, id }])
                const wrong = [...issues, ...read.flatMap((resource) => checkPlace(resource, undefined, true))]
                if (errorsOf(wrong).length > 0) throw new ApiError('bad-input', `${wrong.length} thing(s) wrong with resource/${id}`, wrong)
                await put(by, 'fleet.change', read, hashOf(read))
                return read[0]!
            }),
        remove: (by, ids, reason = '') =>
            enter(async () => {
                for (const id of ids) get(id)
                const detail = { count: ids.length, ids: ids.slice(0, 50), reason }
                await log.append({ tMs: nowMs(), actor: by.name, action: 'fleet.remove', target: 'fleet', detail })
                const undo = await keepRevision(ids.map(get), [])
                await records.removeAll(kindOfRecord, ids)
                for (const id of ids) resources.delete(id)
                revision++
                await noteUndo(undo)
                for (const listener of listeners) listener([], ids)
                return ids.length
            }),
        enrolFirst: (list) =>
            enter(async () => {
                // a register that ever held something is a person's, also when it is empty now
                if (revision > 0 || list.length === 0) return
                await put(system, 'fleet.enrol', list, hashOf(list))
            }),
        onChange(listener) {
            listeners.push(listener)
        },
        at,
    }
}

const isOcpp = (protocol: ResourceProtocol) => protocol === 'ocpp-1.6' || protocol === 'ocpp-2.0.1'
/** By what name a post speaks: its address, or its id where it has none of its own. */
export const identityOf = ({ address, id }: Resource): string => address || id
export const isResourceKind = (kind: string): boolean => (resourceKinds as readonly string[]).includes(kind)
