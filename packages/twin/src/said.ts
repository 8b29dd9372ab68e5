/**
 * What the twin and the platform say to people when something cannot be done or has no solution: English by key, `{name}`
 * is an argument. Clients say the same keys in other languages, so that nobody has to take a sentence apart.
 */
import type { GateWords } from './gate-text.ts'

export const saidTexts = {
    'point.none': 'there is no point {point}',
    'points.none': 'there are no points {points}',
    'metric.none': 'no device sends a metric {metric}',
    'world.none': 'there is no world {world}',
    'world.removed': '{world} was removed',
    'world.read-only': '{world} cannot be edited; branch a what-if from it first',
    'world.waiting': '{world} has no state yet: nothing was measured',
    'world.owner': '{world} belongs to {person}',
    'world.no-edits': '{world} holds no edits to promote',
    'history.none': 'the history holds nothing at or before {instant}',
    'history.order': 'from ({from}) must be before to ({to})',
    'edit.some': '{count} of the edits cannot be made',
    'edit.not-a-value': '{point}: {value} is not a value',
    'edit.service': '{point}: must be 0 or 1, got {value}',
    'edit.no-point': '{point}: there is no such point',
    'edit.no-component': '{point}: there is no such component',
    'edit.outside': '{point}: {value} {unit} is outside {low} … {high} {unit}',
    'edit.position': '{point}: a position is 0 (open) or 1 (closed), got {value}',
    'edit.tap': '{point}: a tap position is a whole number from {low} to {high}, got {value}',
    'edit.follows': '{point}: this quantity follows from others and cannot be edited',
    'solve.dead': 'without supply: buses {buses}',
    'solve.dead-more': 'without supply: buses {buses} and {more} more',
    'solve.diverges': 'the power flow diverges (mismatch {mismatch} p.u.): the load may be more than the grid can carry',
    'solve.diverges-at': 'the power flow diverges at bus {bus} (mismatch {mismatch} p.u.): the load may be more than the grid can carry',
    'solve.singular': 'the power flow is singular (mismatch {mismatch} p.u.): nothing holds the voltage there',
    'solve.singular-at': 'the power flow is singular at bus {bus} (mismatch {mismatch} p.u.): nothing holds the voltage there',
    'solve.beyond': 'generator {generator} balances the grid with {mw} MW, outside {low} … {high} MW',
    'alarm.none': 'there is no alarm {alarm}',
    'alarm.state': 'alarm {alarm} is {state}: it cannot be taken through "{act}"',
    'command.none': 'there is no command {command}',
    'command.closed': 'there is no open command {command}; it may have expired',
    'command.not-selected': 'command {command} is {state}, no longer selected',
    'command.cancel': 'only {person} or a supervisor cancels this selection',
    'command.exists': 'command {command} exists already',
    'command.not-under-way': 'no command {command} is on its way',
    'command.second-role': 'a second person must be a supervisor; {person} is {role}',
    'command.second-self': 'the second person must be another than who selected the command',
    'command.second-needless': 'this command needs no second person',
    'command.operate-other': 'only {person}, who selected it, operates this command',
    'hold.role': 'a {role} does not hold points',
    'hold.taken': '{point} is held already by {person}: {reason}',
    'hold.none-here': '{point} is not held',
    'hold.release': 'only {person} or a supervisor releases this hold',
    'study.none': 'there is no study {study}',
    'study.others': 'this study belongs to {person}',
    'study.ended': 'this study is {state} already',
    'session.none': 'sign in first',
    'role.needs': 'this needs the role {role}; {person} is {own}',
    'person.none': 'nobody is called "{person}"',
    'person.none-invite': 'nobody is called "{person}"; give a role to invite them',
    'name.taken': 'another person is called "{person}"',
    'name.form': '"{person}" cannot be a name: 1 to 64 letters, digits, spaces, . _ @ -',
    'link.spent': 'this link was used before or has run out',
    'password.short': 'the password has {length} characters, at least {least} are needed',
    'password.name': 'the password must differ from the name',
    'password.wrong': 'no person has this name and password',
    'password.wait': '"{person}" may try again in {minutes} min',
    'passkey.nobody': 'this passkey belongs to nobody here',
    'administrator.last': '"{person}" is the last administrator',
    'store.down': 'the store does not answer; nothing was accepted, try again shortly',
} as const
export type SaidKey = keyof typeof saidTexts
export type SaidArgs = Readonly<Record<string, string | number>>

/** A sentence: the key and its arguments for whoever shows it, and the same in English. */
export interface Said {
    readonly key: SaidKey
    readonly args: SaidArgs
    readonly message: string
}

/** What an API says no with: the sentences above, or the gate's. */
export type Refusal = Said | GateWords

export function say(key: SaidKey, args: SaidArgs = {}): Said {
    const filled = saidTexts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole))
    // a quantity without a unit leaves a gap where the unit stood
    return { key, args, message: filled.replace(/ {2,}/g, ' ').trim() }
}
