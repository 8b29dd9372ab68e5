/** WebAuthn ceremonies (W3C WebAuthn Level 3) around @simplewebauthn/server; challenges live five minutes in memory. */
import {
    type AuthenticationResponseJSON,
    generateAuthenticationOptions,
    generateRegistrationOptions,
    type RegistrationResponseJSON,
    verifyAuthenticationResponse,
    verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { ApiError } from '../api-error.ts'
import type { People, Session } from './people.ts'
import { newSecret } from './secrets.ts'

interface Ceremony {
    readonly challenge: string
    readonly untilMs: number
    readonly origin: string
    readonly rpId: string
    readonly register?: { readonly token: string; readonly name: string }
}

export interface Passkeys {
    registerOptions(origin: string, token: string, name: string): Promise<{ ticket: string; options: unknown }>
    signInOptions(origin: string): Promise<{ ticket: string; options: unknown }>
    finish(ticket: string, response: unknown): Promise<Session>
}

export function createPasskeys(people: People, nowMs: () => number): Passkeys {
    const open = new Map<string, Ceremony>()
    const begin = (ceremony: Omit<Ceremony, 'untilMs'>) => {
        for (const [ticket, { untilMs }] of open) if (untilMs < nowMs()) open.delete(ticket)
        const ticket = newSecret()
        open.set(ticket, { ...ceremony, untilMs: nowMs() + 300_000 })
        return ticket
    }
    const rpIdOf = (origin: string) => new URL(origin).hostname

    return {
        async registerOptions(origin, token, givenName) {
            const link = await people.peekLink(token)
            const name = link.name || givenName.trim()
            const rpId = rpIdOf(origin)
            const options = await generateRegistrationOptions({
                rpName: 'Gridverse',
                rpID: rpId,
                userName: name,
                attestationType: 'none',
                authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
            })
            return { ticket: begin({ challenge: options.challenge, origin, rpId, register: { token, name } }), options }
        },

        async signInOptions(origin) {
            const rpId = rpIdOf(origin)
            const options = await generateAuthenticationOptions({ rpID: rpId, userVerification: 'preferred' })
            return { ticket: begin({ challenge: options.challenge, origin, rpId }), options }
        },

        async finish(ticket, response) {
            const ceremony = open.get(ticket)
            open.delete(ticket)
            if (!ceremony || ceremony.untilMs < nowMs()) throw new ApiError('passkey-refused', 'the passkey request ran out; begin again')
            const expected = {
                expectedChallenge: ceremony.challenge,
                expectedOrigin: ceremony.origin,
                expectedRPID: ceremony.rpId,
                requireUserVerification: false,
            }
            if (ceremony.register) {
                const answer = response as RegistrationResponseJSON
                const made = await verifyRegistrationResponse({ response: answer, ...expected }).catch(refuse)
                if (!made.verified) throw new ApiError('passkey-refused', 'the passkey could not be verified')
                const { id, publicKey, counter, transports } = made.registrationInfo.credential
                const passkey = { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports: transports ?? [] }
                return people.spendLink(ceremony.register.token, ceremony.register.name, { passkey })
            }
            const answer = response as AuthenticationResponseJSON
            const found = await people.passkey(answer.id)
            if (!found) throw new ApiError('passkey-refused', 'this passkey belongs to nobody here')
            const { id, publicKey, counter } = found.passkey
            const credential = { id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter }
            const checked = await verifyAuthenticationResponse({ response: answer, ...expected, credential }).catch(refuse)
            if (!checked.verified) throw new ApiError('passkey-refused', 'the passkey answer did not verify')
            return people.signInByPasskey(id, checked.authenticationInfo.newCounter)
        },
    }
}

function refuse(error: unknown): never {
    throw new ApiError('passkey-refused', `the passkey was refused: ${error instanceof Error ? error.message : String(error)}`)
}
