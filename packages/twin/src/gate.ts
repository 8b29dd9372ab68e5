import type { AlarmNotice } from './alarms.ts'
import type { Checked } from './checks.ts'
import type { CommandCard, Person } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { LogEntry, OutgoingCommand } from './ports.ts'
import type { Snapshot } from './snapshot.ts'

/** Nobody operates a held point; a tag on the handle, with who hung it and why. */
export interface Hold {
    readonly point: string
    readonly by: string
    readonly reason: string
    readonly sinceMs: number
}

export interface GateState {
    /** every command that is not finished, by id */
    readonly commands: ReadonlyMap<string, CommandCard>
    readonly holds: ReadonlyMap<string, Hold>
    /** when each point was last sent a command, ms */
    readonly lastSentMs: ReadonlyMap<string, number>
    /** who approved a command besides the one who selected it */
    readonly approvals: ReadonlyMap<string, string>
}

export type GateEvent =
    | {
          readonly kind: 'select'
          readonly id: string
          readonly point: string
          readonly value: number
          readonly by: Person
          readonly reason: string
          readonly checked: Checked
      }
    | { readonly kind: 'approve'; readonly id: string; readonly by: Person }
    | { readonly kind: 'operate'; readonly id: string; readonly by: Person; readonly checked?: Checked }
    | { readonly kind: 'cancel'; readonly id: string; readonly by: Person }
    /** the field could not take the command over */
    | { readonly kind: 'write-failed'; readonly id: string; readonly reason: string }
    /** what the field says of the points of commands under way; also lets time pass */
    | { readonly kind: 'observe'; readonly readings: ReadonlyMap<string, { readonly value: number; readonly good: boolean }> }
    | { readonly kind: 'hold'; readonly point: string; readonly by: Person; readonly reason: string }
    | { readonly kind: 'release'; readonly point: string; readonly by: Person }

export type GateEffect =
    | { readonly kind: 'send'; readonly command: OutgoingCommand }
    | { readonly kind: 'log'; readonly entry: LogEntry }
    | { readonly kind: 'alarm'; readonly notice: AlarmNotice }
    /** a command's card changed: store it and tell the clients */
    | { readonly kind: 'command'; readonly card: CommandCard }

export interface GateStep {
    readonly state: GateState
    readonly effects: readonly GateEffect[]
    /** why the event was not obeyed */
    readonly refused?: string
}

export const emptyGate: GateState = { commands: new Map(), holds: new Map(), lastSentMs: new Map(), approvals: new Map() }

/** The gate's next state and what is to be done. */
export function stepGate(_state: GateState, _event: GateEvent, _nowMs: number): GateStep {
    throw new Error('being written')
}

/** What an `observe` event needs of a snapshot: readings of the points of commands under way. */
export function gateReadings(
    _model: TwinModel,
    _state: GateState,
    _snapshot: Snapshot,
): ReadonlyMap<string, { value: number; good: boolean }> {
    throw new Error('being written')
}
