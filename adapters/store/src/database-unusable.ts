/** A database given by its address that cannot be used, with the likely cause; passwords are left out of the message. */
export class DatabaseUnusable extends Error {
    constructor(databaseUrl: string, cause: unknown) {
        super(`the database ${withoutPassword(databaseUrl)} cannot be used: ${reasonOf(cause)}`, { cause })
    }
}

function withoutPassword(databaseUrl: string): string {
    if (!URL.canParse(databaseUrl)) return 'at the given address'
    const url = new URL(databaseUrl)
    url.password = ''
    url.search = ''
    return url.href
}

const hints: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there; is PostgreSQL running, and is the port right?',
    ENOTFOUND: 'no machine has this name',
    '28P01': 'it refuses the user or the password',
    '28000': 'it refuses this user from here',
    '3D000': 'it has no such database; create it first',
    '42501': 'the user may not create tables in it',
}

function reasonOf(cause: unknown): string {
    // a name with several addresses fails once for each
    const errors = cause instanceof AggregateError ? (cause.errors as unknown[]) : [cause]
    const { code = '' } = (errors[0] ?? {}) as { code?: string }
    const said = [...new Set(errors.map((error) => (error instanceof Error ? error.message : String(error))))].join(', ')
    return hints[code] ? `${hints[code]} (${said})` : said
}
