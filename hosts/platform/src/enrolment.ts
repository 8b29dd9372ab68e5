/**
 * Credentials of devices. An edge node is enrolled once with a token and gets a name and secret of its own for the
 * broker; only the secret's fingerprint is kept. The simulated plant enrols with a token that lives as long as one run.
 */
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import { ApiError } from './api-error.ts'
import { fingerprint, newPostSecret, newSecret, sameSecret } from './people/secrets.ts'

interface CredentialRecord {
    readonly fingerprint: string
    readonly enrolledMs: number
    readonly enrolledBy: string
}
interface TokenRecord {
    readonly edgeNodes: readonly string[]
    readonly expiresMs: number
    readonly by: string
}
export interface Credential {
    readonly edgeNode: string
    readonly username: string
    readonly password: string
}

export interface Enrolment {
    /** The token of the plant this run starts. */
    readonly plantToken: string
    /** A token that enrols the named edge nodes once, within a day. */
    createToken(by: Person, edgeNodes: readonly string[]): Promise<string>
    enrol(token: string, edgeNodes: readonly string[]): Promise<Credential[]>
    /** Credentials for charging posts, which take short secrets only. Nothing is logged, the caller has. */
    issueToPosts(by: string, identities: readonly string[]): Promise<Credential[]>
    /** The name has credentials. */
    knows(name: string): boolean
    /** The token is that of the plant this run started. */
    isPlant(token: string | undefined): boolean
    revoke(by: Person, edgeNode: string): Promise<void>
    authenticate(username: string, password: string): Promise<{ edgeNode: string } | undefined>
    list(): Promise<{ edgeNode: string; enrolledMs: number; enrolledBy: string }[]>
}

export async function createEnrolment(records: Records, log: EvidenceLog, nowMs: () => number): Promise<Enrolment> {
    const plantToken = newSecret()
    const known = new Map((await records.list<CredentialRecord>('credential')).map(({ id, body }) => [id, body]))

    async function authorise(token: string, edgeNodes: readonly string[]): Promise<string> {
        if (sameSecret(token, plantToken)) return 'plant'
        const id = fingerprint(token)
        const record = await records.get<TokenRecord>('enrolment', id)
        if (!record || record.expiresMs < nowMs())
            throw new ApiError('wrong-enrolment-token', 'the enrolment token is unknown or has run out')
        const foreign = edgeNodes.filter((node) => !record.edgeNodes.includes(node))
        if (foreign.length) throw new ApiError('wrong-enrolment-token', `the token does not cover ${foreign.join(', ')}`)
        await records.remove('enrolment', id)
        return record.by
    }

    async function issue(enrolledBy: string, names: readonly string[], createSecret = newSecret): Promise<Credential[]> {
        const issued = names.map((edgeNode) => ({ edgeNode, username: edgeNode, password: createSecret() }))
        const kept = issued.map(({ edgeNode, password }) => ({
            id: edgeNode,
            body: { fingerprint: fingerprint(password), enrolledMs: nowMs(), enrolledBy } satisfies CredentialRecord,
        }))
        await records.putAll('credential', kept)
        for (const { id, body } of kept) known.set(id, body)
        return issued
    }

    return {
        plantToken,
        issueToPosts: (by, identities) => issue(by, identities, newPostSecret),
        knows: (name) => known.has(name),
        isPlant: (token) => token !== undefined && sameSecret(token, plantToken),

        async createToken(by, edgeNodes) {
            const token = newSecret()
            await records.put('enrolment', fingerprint(token), { edgeNodes, expiresMs: nowMs() + 86_400_000, by: by.name })
            await log.append({ tMs: nowMs(), actor: by.name, action: 'device.enrolment-token', target: 'devices', detail: { edgeNodes } })
            return token
        },

        async enrol(token, edgeNodes) {
            const enrolledBy = await authorise(token, edgeNodes)
            const issued = await issue(enrolledBy, [...new Set(edgeNodes)])
            const detail = { edgeNodes: edgeNodes.length, first: edgeNodes[0] ?? '' }
            await log.append({ tMs: nowMs(), actor: enrolledBy, action: 'device.enrol', target: 'devices', detail })
            return issued
        },

        async revoke(by, edgeNode) {
            if (!known.has(edgeNode)) throw new ApiError('unknown-device', `no edge node "${edgeNode}" is enrolled`)
            known.delete(edgeNode)
            await records.remove('credential', edgeNode)
            await log.append({ tMs: nowMs(), actor: by.name, action: 'device.revoke', target: `device/${edgeNode}`, detail: {} })
        },

        async authenticate(username, password) {
            const record = known.get(username)
            return record && record.fingerprint === fingerprint(password) ? { edgeNode: username } : undefined
        },

        async list() {
            return [...known].map(([edgeNode, { enrolledMs, enrolledBy }]) => ({ edgeNode, enrolledMs, enrolledBy }))
        },
    }
}
