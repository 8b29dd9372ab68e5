/** Checks of the gate: what each says, as a code with its arguments for every language, and as a sentence in English. */
import type { OrderCheck } from './fleet-types.ts'

/** `{name}` becomes the argument of that name. */
const sentences = {
    'asked-as': 'asked as {role}',
    'needs-operator': 'orders need an operator, this is a {role}',
    age: 'what is known of the fleet is {seconds} s old',
    hear: '{count} of {all} hear it and can do something',
    'none-hear': 'none of {all} can be told anything',
    'none-hear-first': 'none of {all} can be told anything: {name} {why}',
    held: '{count} held by somebody',
    'nobody-holds': 'nobody holds what is asked',
    narrowed: '{count} setpoint(s) narrowed to what the devices can do now',
    'within-limits': 'all within limits',
    'beyond-rating': 'beyond the rating of {names}',
    'second-person': 'moves {kw} kW, above {limitKw} kW: a second person agrees first',
    'one-person': 'one person is enough',
} as const
export type CheckCode = keyof typeof sentences
export const checkCodes = Object.keys(sentences) as readonly CheckCode[]

export function checkOf(
    rule: OrderCheck['rule'],
    pass: boolean,
    code: CheckCode,
    args: Readonly<Record<string, string | number>> = {},
): OrderCheck {
    const message = sentences[code].replace(/\{(\w+)\}/g, (_, name: string) => String(args[name] ?? ''))
    return { rule, pass, code, args, message }
}

/** what is older is not acted upon, ms */
const oldestMs = 10_000

export const roleCheck = (role: string): OrderCheck =>
    checkOf('role', role !== 'viewer', role === 'viewer' ? 'needs-operator' : 'asked-as', { role })
export const ageCheck = (ageMs: number): OrderCheck =>
    checkOf('age', ageMs <= oldestMs, 'age', { seconds: Number((ageMs / 1000).toFixed(0)) })
