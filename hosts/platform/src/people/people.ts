/**
 * Who may come in: people with a role and a password or passkeys, sessions, one-time links. The first administrator is
 * made by the link printed at start; everybody else by a link an administrator gives them.
 */
import { type EvidenceLog, type Person, type Records, type Role, say } from '@gridverse/twin'
import { ApiError } from '../api-error.ts'
import { fingerprint, hashPassword, newSecret, type PasswordHash, passwordFits } from './secrets.ts'

export interface Passkey {
    readonly id: string
    /** COSE key, base64url */
    readonly publicKey: string
    readonly counter: number
    readonly transports: readonly string[]
}
export interface PersonRecord extends Person {
    readonly password?: PasswordHash
    readonly passkeys: readonly Passkey[]
    readonly createdMs: number
}
interface SessionRecord {
    readonly name: string
    readonly createdMs: number
    readonly expiresMs: number
    /** programs carry a title instead of a browser */
    readonly title?: string
}
interface LinkRecord {
    readonly purpose: 'setup' | 'join' | 'reset'
    readonly name: string
    readonly role: Role
    readonly expiresMs: number
}

const hourMs = 3_600_000
const sessionMs = 12 * hourMs
const linkMs = 24 * hourMs
const maxMisses = 5
const waitMs = 15 * 60_000

export interface People {
    setupNeeded(): Promise<boolean>
    /** A fresh link token for the first administrator. */
    setupLink(): Promise<string>
    link(by: Person, name: string, role?: Role): Promise<string>
    /** Spends a link: makes the person (or resets the password) and signs in. */
    spendLink(token: string, name: string, credential: { password: string } | { passkey: Passkey }): Promise<Session>
    peekLink(token: string): Promise<{ purpose: LinkRecord['purpose']; name: string; role: Role }>
    signIn(name: string, password: string): Promise<Session>
    signInByPasskey(passkeyId: string, counter: number): Promise<Session>
    passkey(id: string): Promise<{ person: PersonRecord; passkey: Passkey } | undefined>
    issueToken(by: Person, title: string, days: number): Promise<Session>
    signOut(token: string): Promise<void>
    personOf(token: string | undefined): Promise<Person | undefined>
    list(): Promise<{ name: string; role: Role; passkeys: number; hasPassword: boolean; createdMs: number }[]>
    change(by: Person, name: string, change: { role?: Role; remove?: boolean }): Promise<void>
}
export interface Session {
    readonly token: string
    readonly person: Person
    readonly expiresMs: number
}

export function createPeople(records: Records, log: EvidenceLog, nowMs: () => number): People {
    const cache = new Map<string, { session: SessionRecord; person: Person }>()
    const misses = new Map<string, { count: number; untilMs: number }>()
    const note = (actor: string, action: string, target: string, detail: Record<string, unknown> = {}) =>
        log.append({ tMs: nowMs(), actor, action, target, detail })
    const people = async () => (await records.list<PersonRecord>('person')).map((entry) => entry.body)
    const personNamed = async (name: string) => {
        const found = await records.get<PersonRecord>('person', name)
        if (!found) throw new ApiError('unknown-person', say('person.none', { person: name }))
        return found
    }

    async function openSession(person: PersonRecord, how: string, lastsMs = sessionMs, title?: string): Promise<Session> {
        const token = newSecret()
        const session: SessionRecord = {
            name: person.name,
            createdMs: nowMs(),
            expiresMs: nowMs() + lastsMs,
            ...(title ? { title } : {}),
        }
        await records.put('session', fingerprint(token), session)
        await note(person.name, 'person.sign-in', `person/${person.name}`, { how })
        return { token, person: { name: person.name, role: person.role }, expiresMs: session.expiresMs }
    }

    async function makeLink(link: LinkRecord): Promise<string> {
        const token = newSecret()
        await records.put('link', fingerprint(token), link)
        return token
    }

    async function findLink(token: string): Promise<LinkRecord> {
        const link = await records.get<LinkRecord>('link', fingerprint(token))
        if (!link || link.expiresMs < nowMs()) throw new ApiError('link-spent', say('link.spent'))
        return link
    }

    function checkPassword(name: string, password: string): void {
        if (password.length < 10) throw new ApiError('weak-password', say('password.short', { length: password.length, least: 10 }))
        if (password.toLowerCase() === name.toLowerCase()) throw new ApiError('weak-password', say('password.name'))
    }

    const isLastAdministrator = async (name: string) =>
        (await people()).filter((person) => person.role === 'administrator' && person.name !== name).length === 0

    return {
        setupNeeded: async () => !(await people()).some((person) => person.role === 'administrator'),

        async setupLink() {
            for (const { id, body } of await records.list<LinkRecord>('link'))
                if (body.purpose === 'setup') await records.remove('link', id)
            return makeLink({ purpose: 'setup', name: '', role: 'administrator', expiresMs: nowMs() + linkMs })
        },

        async link(by, name, role) {
            const known = await records.get<PersonRecord>('person', name)
            if (!known && !role) throw new ApiError('unknown-person', say('person.none-invite', { person: name }))
            const purpose = known ? 'reset' : 'join'
            await note(by.name, `person.${purpose}-link`, `person/${name}`, { role: known?.role ?? role })
            return makeLink({ purpose, name, role: known?.role ?? role!, expiresMs: nowMs() + linkMs })
        },

        async peekLink(token) {
            const { purpose, name, role } = await findLink(token)
            return { purpose, name, role }
        },

        async spendLink(token, givenName, credential) {
            const link = await findLink(token)
            const name = link.name || givenName.trim()
            if (!/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u.test(name)) throw new ApiError('bad-input', say('name.form', { person: name }))
            const password = 'password' in credential ? credential.password : undefined
            if (password !== undefined) checkPassword(name, password)
            const before = await records.get<PersonRecord>('person', name)
            if (before && link.purpose !== 'reset') throw new ApiError('name-taken', say('name.taken', { person: name }))
            const hash = password === undefined ? before?.password : await hashPassword(password)
            const person: PersonRecord = {
                name,
                role: link.role,
                passkeys: [...(before?.passkeys ?? []), ...('passkey' in credential ? [credential.passkey] : [])],
                createdMs: before?.createdMs ?? nowMs(),
                ...(hash ? { password: hash } : {}),
            }
            await records.remove('link', fingerprint(token))
            await records.put('person', name, person)
            await note(name, before ? 'person.reset' : 'person.create', `person/${name}`, { role: link.role, by: link.purpose })
            return openSession(person, link.purpose)
        },

        async signIn(name, password) {
            const miss = misses.get(name)
            if (miss && miss.count >= maxMisses && miss.untilMs > nowMs())
                throw new ApiError(
                    'too-many-tries',
                    say('password.wait', { person: name, minutes: Math.ceil((miss.untilMs - nowMs()) / 60_000) }),
                )
            const person = await records.get<PersonRecord>('person', name)
            // a missing person costs the same time as a wrong password
            const stored = person?.password ?? { salt: '00'.repeat(16), hash: '00'.repeat(32), cost: 32768 }
            const fits = await passwordFits(password, stored)
            if (!person?.password || !fits) {
                const count = (miss && miss.untilMs > nowMs() ? miss.count : 0) + 1
                misses.set(name, { count, untilMs: nowMs() + waitMs })
                await note(name, 'person.sign-in-refused', `person/${name}`, { misses: count })
                throw new ApiError('wrong-name-or-password', say('password.wrong'))
            }
            misses.delete(name)
            return openSession(person, 'password')
        },

        async passkey(id) {
            for (const person of await people()) {
                const passkey = person.passkeys.find((key) => key.id === id)
                if (passkey) return { person, passkey }
            }
            return undefined
        },

        async signInByPasskey(passkeyId, counter) {
            const found = await this.passkey(passkeyId)
            if (!found) throw new ApiError('passkey-refused', say('passkey.nobody'))
            const passkeys = found.person.passkeys.map((key) => (key.id === passkeyId ? { ...key, counter } : key))
            await records.put('person', found.person.name, { ...found.person, passkeys })
            return openSession(found.person, 'passkey')
        },

        async issueToken(by, title, days) {
            return openSession(await personNamed(by.name), 'token', days * 24 * hourMs, title)
        },

        async signOut(token) {
            const person = await this.personOf(token)
            cache.delete(fingerprint(token))
            await records.remove('session', fingerprint(token))
            if (person) await note(person.name, 'person.sign-out', `person/${person.name}`)
        },

        async personOf(token) {
            if (!token) return undefined
            const id = fingerprint(token)
            let known = cache.get(id)
            if (!known) {
                const session = await records.get<SessionRecord>('session', id)
                const person = session && (await records.get<PersonRecord>('person', session.name))
                if (!session || !person) return undefined
                known = { session, person: { name: person.name, role: person.role } }
                cache.set(id, known)
            }
            if (known.session.expiresMs >= nowMs()) return known.person
            cache.delete(id)
            await records.remove('session', id)
            return undefined
        },

        async list() {
            const all = await people()
            return all.map((p) => ({
                name: p.name,
                role: p.role,
                passkeys: p.passkeys.length,
                hasPassword: p.password !== undefined,
                createdMs: p.createdMs,
            }))
        },

        async change(by, name, { role, remove }) {
            const person = await personNamed(name)
            const loses = remove || (role && role !== 'administrator')
            if (loses && person.role === 'administrator' && (await isLastAdministrator(name)))
                throw new ApiError('last-administrator', say('administrator.last', { person: name }))
            if (remove) await records.remove('person', name)
            else if (role) await records.put('person', name, { ...person, role })
            for (const [id, entry] of cache) if (entry.session.name === name) cache.delete(id)
            if (remove)
                for (const { id, body } of await records.list<SessionRecord>('session'))
                    if (body.name === name) await records.remove('session', id)
            await note(by.name, remove ? 'person.remove' : 'person.role', `person/${name}`, { before: person.role, after: role ?? null })
        },
    }
}
