/**
 * The gate's words in English, by key; `{name}` is an argument. Clients say the same keys in other languages, so that
 * nobody has to take a sentence apart. A key's first part is the rule it belongs to.
 */
export const gateTexts = {
    'role.may': '{person} is {role}',
    'role.may-not': 'a {role} does not operate',
    'point.none': 'there is no point {point}',
    'point.not-commandable': '{point} cannot be commanded',
    'point.no-device': 'no device has announced {point}',
    'point.online': '{device} is online',
    'point.offline': '{device}, which moves {point}, is not online',
    'point.taken': '{person} has a command on {point} under way',
    'range.not-a-value': '{value} is not a value',
    'range.position': 'a position is 0 (open) or 1 (closed), got {value}',
    'range.tap': 'a tap position is a whole number, got {value}',
    'range.outside': '{value} {unit} is outside {low} … {high} {unit}',
    'range.within': 'within {low} … {high} {unit}',
    'range.empty': 'it cannot discharge: the state of charge is {soc} %',
    'range.full': 'it cannot charge: the state of charge is {soc} %',
    'interlock.none': 'no interlock applies',
    'interlock.closed-already': 'it is closed already',
    'interlock.open-already': 'it is open already',
    'interlock.can-break': 'it can break what flows',
    'interlock.incomplete': 'no circuit is made yet',
    'interlock.unit': 'it connects a unit',
    'interlock.dead-side': 'one side is dead',
    'interlock.under-load': 'a disconnector does not switch under load; open the breaker of {component} first',
    'interlock.tripped': '{component} tripped and may have a fault; acknowledge its trip alarm first',
    'interlock.unknown-voltage': 'the voltages on both sides of {component} are not known',
    'interlock.near': '{angle}° and {voltage} p.u. across the open branch',
    'interlock.near-islands': '{angle}° and {voltage} p.u. between two islands',
    'interlock.far': '{angle}° and {voltage} p.u. across the open branch; at most {angleMax}° and {voltageMax} p.u. may be closed',
    'interlock.far-islands': '{angle}° and {voltage} p.u. between two islands; at most {angleMax}° and {voltageMax} p.u. may be closed',
    'hold.none': 'not held',
    'hold.held': 'held by {person}: {reason}',
    'quality.known': 'the state is known',
    'quality.value': 'its present value is not reliably known; a supervisor may accept that',
    'quality.grid': 'the state of the grid is {status}; a supervisor may accept that',
    'quality.both': 'its present value is not reliably known and the state of the grid is {status}; a supervisor may accept that',
    'quality.accepted': '{person} accepts the quality of what is known',
    'limit.skipped': 'not predicted',
    'limit.unpredicted': 'the outcome was not predicted, for the reasons above',
    'limit.no-solution': 'the power flow has no solution after it',
    'limit.none': 'no limit is newly violated',
    'limit.violates': 'it would violate limits: {violations}',
    'rate.rested': 'not commanded just now',
    'rate.too-soon': 'commanded {sinceMs} ms ago; wait {waitMs} ms',
    'two-person.not-needed': 'not needed',
    'two-person.no-loss': 'nothing loses its supply',
    'two-person.load': 'load {load} loses its supply ({mw} MW); a supervisor other than {person} must agree',
    'two-person.loads': '{count} loads lose their supply ({mw} MW); a supervisor other than {person} must agree',
    'two-person.apart': 'the grid comes apart; a supervisor other than {person} must agree',
    'two-person.load-apart': 'load {load} loses its supply ({mw} MW) and the grid comes apart; a supervisor other than {person} must agree',
    'two-person.loads-apart':
        '{count} loads lose their supply ({mw} MW) and the grid comes apart; a supervisor other than {person} must agree',
    'two-person.agreed': 'agreed to by {person}',
    'command.expired': 'not operated within {seconds} s',
    'command.mismatch': 'not confirmed within {seconds} s: {value} {unit} commanded, {after} measured',
    'command.roll-back-unconfirmed': 'the roll-back was not confirmed either',
    'command.not-taken': 'the field did not take it: {reason}',
} as const
export type GateKey = keyof typeof gateTexts
export type GateArgs = Readonly<Record<string, string | number>>

/** What the gate says: the key and its arguments for whoever shows it, and the same in English. */
export interface GateWords {
    readonly key: GateKey
    readonly args: GateArgs
    readonly message: string
}

export function sayGate(key: GateKey, args: GateArgs = {}): GateWords {
    const filled = gateTexts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole))
    // a quantity without a unit leaves a gap where the unit stood
    return { key, args, message: filled.replace(/ {2,}/g, ' ').trim() }
}
