/**
 * As whom PostgreSQL runs. It refuses to run as root, so where we are root it runs as another user, who may have no way
 * into the folders its programs and data lie in. docs/adr/0003-postgres-as-root.md tells what was chosen and why.
 */
import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'

export interface RunAs {
    readonly about: string
    /** words before the program on the command line */
    readonly prefix: readonly string[]
    /** user and group to start it with */
    readonly ids?: { readonly uid: number; readonly gid: number }
    /** who owns its files, as we see it; undefined: whoever made them */
    readonly owner?: { readonly uid: number; readonly gid: number }
}

/** The environment of every database program: nothing of ours leaks in (PGDATA, LD_PRELOAD, locale, time zone). */
export const programEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' }

const isRoot = () => process.geteuid?.() === 0
const userNames = ['gridverse', 'postgres', 'nobody']

/** Ways to run the database on this machine, best first. */
export function waysToRun(): RunAs[] {
    if (!isRoot()) return [{ about: 'as ourselves', prefix: [] }]
    const user = findUser()
    const ways: RunAs[] = []
    if (user) ways.push({ about: `as user ${user.name}`, prefix: [], ids: user, owner: user })
    const setpriv = findProgram('setpriv')
    if (user && setpriv)
        for (const capability of ['dac_read_search', 'dac_override'])
            ways.push({
                about: `as user ${user.name} with ${capability}`,
                prefix: [setpriv, ...setprivArguments(user.uid, user.gid, capability), '--'],
                owner: user,
            })
    const unshare = findProgram('unshare')
    if (unshare)
        ways.push({
            about: 'in a user namespace',
            prefix: [unshare, '--user', '--map-user=65534', '--map-group=65534', '--'],
            owner: { uid: 0, gid: 0 },
        })
    return ways
}

/** no_setuid_fixup lets the capability count in access(2) too, by which initdb looks for its programs. */
const setprivArguments = (uid: number, gid: number, capability: string) => [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    `--bounding-set=-all,+${capability}`,
    '--securebits=+no_setuid_fixup',
]

/** The first way in which the programs run and may write into `folder/postgres.run`, which is made for it. */
export function chooseRunAs(binaries: Binaries, folder: string, ways: readonly RunAs[]): RunAs {
    const probe = join(folder, 'postgres.run')
    const failures: string[] = []
    for (const way of ways) {
        mkdirSync(probe, { recursive: true, mode: 0o700 })
        giveTo(probe, way)
        const { prefix, ids } = way
        const words = [...prefix, '/bin/sh', '-c', 'cd "$1" && : > probe && rm probe && exec "$2" --version', 'sh', probe, binaries.initdb]
        const tried = spawnSync(words[0]!, words.slice(1), { ...ids, cwd: '/', env: programEnvironment, encoding: 'utf8' })
        if (tried.status === 0) return way
        failures.push(`${way.about}: ${(tried.stderr || tried.error?.message || `exit ${tried.status}`).trim()}`)
    }
    throw new Error(
        `PostgreSQL cannot run here. It refuses to run as root, and no other way works: ${failures.join('; ') || 'no other user, setpriv or unshare found'}. ` +
            'Start as an ordinary user, move the data folder and the checkout below a folder others may pass, or give the address of a PostgreSQL server as databaseUrl.',
    )
}

/** Gives a file or folder, with all in it, to whom the database runs as. */
export function giveTo(path: string, { owner }: RunAs): void {
    if (!owner) return
    const stat = statSync(path)
    if (stat.uid !== owner.uid || stat.gid !== owner.gid) chownSync(path, owner.uid, owner.gid)
    if (stat.isDirectory())
        for (const name of readdirSync(path)) if (existsSync(join(path, name))) giveTo(join(path, name), { about: '', prefix: [], owner })
}

function findUser(): { name: string; uid: number; gid: number } | undefined {
    const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
    for (const name of userNames) {
        const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':')
        if (fields && Number(fields[2]) > 0) return { name, uid: Number(fields[2]), gid: Number(fields[3]) }
    }
    return undefined
}

function findProgram(name: string): string | undefined {
    return programEnvironment.PATH.split(':')
        .map((folder) => join(folder, name))
        .find((path) => existsSync(path))
}
