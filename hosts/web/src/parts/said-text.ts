/** What the platform says, in the reader's language: by its key where the catalogue has it, else in its own words. */
import type { Failure, Words } from '../model/api.ts'
import { cardOfPoint } from '../model/state.ts'
import { tOr } from '../text/index.ts'
import { sourceName } from './alarm-text.ts'
import { quantityName } from './component-link.tsx'

/** Point and component ids in what the platform says, replaced by what people call them. */
function named(text: string): string {
    return text.replace(/\b[a-z]+\/[\w.-]+(?:\/[a-z]\w*)?/g, (id) => {
        const card = cardOfPoint(id)
        return card ? `${sourceName(id)} ${quantityName(card.quantity)}` : sourceName(id)
    })
}

/** One sentence of the gate, a what-if or a refusal. */
export function saidText({ key, args = {}, message = '' }: Partial<Words>): string {
    if (key === undefined) return named(message)
    const say = (name: string, of: (value: string) => string) => (args[name] === undefined ? {} : { [name]: of(String(args[name])) })
    const words = {
        ...args,
        ...say('role', (role) => tOr(`role.${role}`, role)),
        ...say('own', (role) => tOr(`role.${role}`, role)),
        ...say('status', (status) => tOr(`fidelity.${status}`, status)),
        ...say('state', (state) => tOr(`commandState.${state}`, tOr(`alarmState.${state}`, state))),
        ...say('load', (id) => `load/${id}`),
        ...say('generator', (id) => `generator/${id}`),
    }
    return named(tOr(`gate.${key}`, tOr(`said.${key}`, message, words), words))
}

/** What a failure means to a person: what its code says, then what the platform says of this one call. */
export function failureText({ code, message, key, args, issues = [] }: Failure): string {
    const known = tOr(`error.${code}`, '')
    const own = saidText({ message, ...(key === undefined ? {} : { key }), ...(args === undefined ? {} : { args }) })
    const parts = [known, own === known ? '' : own, ...issues.map(saidText)].filter(Boolean)
    return parts.join(' ') || code
}
