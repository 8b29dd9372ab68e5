import type { Refusal, SaidArgs } from '@gridverse/twin'
import type { Issue } from '@gridverse/units'

/** Every error code the platform answers with, its HTTP status and what to do; `docs/errors.md` is kept equal to this table. */
export const errorCatalogue = {
    'not-signed-in': { status: 401, about: 'The call needs a session or token, and had none that holds. Sign in again.' },
    'wrong-name-or-password': { status: 401, about: 'No person has this name and password. Check both; after five misses the name waits.' },
    'link-spent': {
        status: 401,
        about: 'The one-time link was used before, has run out, or never existed. Ask an administrator for a new one.',
    },
    'wrong-enrolment-token': {
        status: 401,
        about: 'The enrolment token is unknown, used up or run out. Ask an administrator for a new one.',
    },
    'passkey-refused': { status: 401, about: 'The passkey answer did not verify. Try again, or sign in with a password.' },
    'not-allowed': { status: 403, about: 'The role of the person does not permit this. Ask somebody whose role does.' },
    'foreign-origin': { status: 403, about: 'The call came from another site, or by a host name the platform does not answer to.' },
    'unknown-route': { status: 404, about: 'There is no such address. /api/openapi.json lists all.' },
    'unknown-world': { status: 404, about: 'No world has this id: live, replay@MILLISECONDS or what-if/ID.' },
    'unknown-point': { status: 404, about: 'No point has this id. GET /api/points lists all.' },
    'unknown-command': { status: 404, about: 'No command has this id, or it lapsed.' },
    'unknown-study': { status: 404, about: 'No study has this id.' },
    'unknown-model': { status: 404, about: 'No model has this id, or none of this kind is in use. GET /api/studies/vpp/models lists all.' },
    'unknown-resource': { status: 404, about: 'No resource has this id. GET /api/vpp/resources lists all.' },
    'unknown-order': { status: 404, about: 'No dispatch order has this id.' },
    'unknown-notice': { status: 404, about: 'No notice to the field has this id. GET /api/vpp/notices lists the last.' },
    'unknown-alarm': { status: 404, about: 'No alarm has this id.' },
    'unknown-person': { status: 404, about: 'No person has this name.' },
    'unknown-device': { status: 404, about: 'No device has this id.' },
    'no-history': { status: 404, about: 'The history holds nothing at or before this instant.' },
    'already-set-up': { status: 409, about: 'An administrator exists; sign in instead.' },
    'name-taken': { status: 409, about: 'Another person has this name.' },
    'last-administrator': { status: 409, about: 'The last administrator can neither leave nor lose the role.' },
    'command-not-selected': {
        status: 409,
        about: 'The command is not waiting to be operated: it lapsed, was refused, cancelled or already sent.',
    },
    'study-state': { status: 409, about: 'The study has ended; only one that waits or runs can be stopped.' },
    'model-state': {
        status: 409,
        about: 'The model is not one this step can be taken with: only a candidate that is better than what is in use is promoted; learning runs once at a time.',
    },
    'order-state': { status: 409, about: 'The order is not waiting for a second person: it was sent, refused or cancelled.' },
    'post-refused': {
        status: 409,
        about: 'The charging post is held, is not there, or refuses what it was asked; the message says which.',
    },
    'day-state': {
        status: 409,
        about: 'The day of the virtual power plant is not in a state that permits this; the message says which is needed.',
    },
    'coverage-low': {
        status: 409,
        about: 'Too few measurements of the fleet arrived in the last quarter of an hour to plan with. GET /api/vpp/fleet/coverage names what is missing.',
    },
    'alarm-state': { status: 409, about: 'The alarm is not in a state that permits this.' },
    'world-read-only': { status: 409, about: 'Only a what-if world can be edited; branch one first.' },
    'bad-input': { status: 400, about: 'The call did not fit its description; issues name each field.' },
    'weak-password': { status: 400, about: 'The password is shorter than 10 characters or equal to the name.' },
    'too-many-tries': { status: 429, about: 'Five wrong passwords: the name waits before it may try again.' },
    'too-large': { status: 413, about: 'The body or the answer is larger than the limit named.' },
    'store-down': { status: 503, about: 'The store does not answer; nothing was accepted. It is restarted by itself; try again shortly.' },
    'not-ready': { status: 503, about: 'The platform is starting, or has no snapshot yet.' },
    'internal-error': { status: 500, about: 'A defect of the platform; the log has it under the id given.' },
} as const
export type ErrorCode = keyof typeof errorCatalogue

/** What goes out: pages write the sentence of a key in their language, everybody else reads the message. */
export interface ErrorBody {
    readonly code: ErrorCode
    readonly message: string
    readonly key?: string
    readonly args?: SaidArgs
    readonly issues?: readonly Issue[]
}

/** Thrown by routes and services; the rim answers with its body and the catalogue's status. */
export class ApiError extends Error {
    readonly code: ErrorCode
    readonly said: Refusal | undefined
    readonly issues: readonly Issue[] | undefined
    constructor(code: ErrorCode, said: Refusal | string, issues?: readonly Issue[]) {
        super(typeof said === 'string' ? said : said.message)
        this.code = code
        this.said = typeof said === 'string' ? undefined : said
        this.issues = issues
    }
    get status(): number {
        return errorCatalogue[this.code].status
    }
    get body(): ErrorBody {
        const { code, message, said, issues } = this
        return { code, message, ...(said ? { key: said.key, args: said.args } : {}), ...(issues ? { issues } : {}) }
    }
}
