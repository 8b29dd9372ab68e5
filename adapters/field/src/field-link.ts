import type { Sink, Source } from '@gridverse/twin'
import type { FieldDevice } from './gateway-types.ts'

/** One protocol's side of the field: a Source, a Sink, and the devices it has met. */
export interface FieldLink extends Source, Sink {
    /** by id: a station or Modbus gateway (`CP7`, `127.0.0.1:502`) and what is below it (`CP7/1`, `127.0.0.1:502/3`) */
    readonly devices: ReadonlyMap<string, FieldDevice>
    /** Whether a device of this link is, or once was, born with the point. */
    carries(point: string): boolean
    /** `received`, `late`, `duplicate`, `refused`, `malformed`, `births`, `deaths`, `commands`, `notDurable`, … since the start */
    counters(): Record<string, number>
}

/** A Sink that hands each command and notice to the link whose device carries the point, and to `otherwise` where none does. */
export const routeCommands = (links: readonly FieldLink[], otherwise: Sink): Sink & Required<Pick<Sink, 'tell'>> => ({
    write: (command) => (links.find((link) => link.carries(command.point)) ?? otherwise).write(command),
    async tell(notice) {
        const sink: Sink = links.find((link) => link.carries(`resource/${notice.resource}/pKw`)) ?? otherwise
        if (!sink.tell) throw new Error(`resource/${notice.resource} speaks a protocol that carries no notices`)
        return sink.tell(notice)
    },
})
