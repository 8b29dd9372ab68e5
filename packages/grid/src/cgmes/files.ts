/** CGMES files as they are exchanged: XML documents, loose, zipped each or together, zips within zips. */
import type { Issue } from '@gridverse/units'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import type { CaseContent } from '../case-format.ts'
import type { CimFile } from './rdf.ts'

/** most bytes unpacked from one case */
const mostBytes = 4e9
const deepest = 4
/** of every entry in an archive written here, so that the same case gives the same bytes; archives hold local time */
const entryTime = new Date(2000, 0, 1, 12)

/** The documents in a case. */
export function openCgmes(content: CaseContent, name: string): { readonly files: readonly CimFile[]; readonly issues: readonly Issue[] } {
    const files: CimFile[] = []
    const issues: Issue[] = []
    let bytesLeft = mostBytes
    const open = (part: string | Uint8Array, at: string, depth: number) => {
        if (typeof part === 'string') {
            files.push({ name: at, text: part })
            return
        }
        if (!isZip(part)) {
            files.push({ name: at, text: strFromU8(part).replace(/^\ufeff/, '') })
            return
        }
        if (depth > deepest) {
            issues.push({ code: 'unreadable-file', path: at, message: `${at} lies ${depth} archives deep; at most ${deepest} are opened` })
            return
        }
        try {
            const entries = unzipSync(part, {
                filter: ({ name: entry, originalSize }) => {
                    if (!/\.(xml|zip)$/i.test(entry) || entry.startsWith('__MACOSX/')) return false
                    bytesLeft -= originalSize
                    if (bytesLeft < 0) throw new Error(`it holds more than ${mostBytes / 1e9} GB`)
                    return true
                },
            })
            for (const entry of Object.keys(entries).sort()) open(entries[entry]!, entry, depth + 1)
        } catch (error) {
            issues.push({ code: 'unreadable-file', path: at, message: `archive ${at} cannot be opened: ${(error as Error).message}` })
        }
    }
    if (typeof content === 'string' || content instanceof Uint8Array) open(content, name, 0)
    else for (const [entry, part] of content) if (typeof part !== 'string' || /\.xml$/i.test(entry)) open(part, entry, 0)
    return { files, issues }
}

/** One archive of all documents. */
export function zipCgmes(files: readonly CimFile[]): Uint8Array {
    return zipSync(Object.fromEntries(files.map(({ name, text }) => [name, strToU8(text)])), { mtime: entryTime, level: 6 })
}

/** Names of an archive's entries, without unpacking; empty for what is no archive. */
export function zipEntries(bytes: Uint8Array): string[] {
    const names: string[] = []
    if (!isZip(bytes)) return names
    try {
        unzipSync(bytes, {
            filter: ({ name }) => {
                names.push(name)
                return false
            },
        })
    } catch {
        return []
    }
    return names
}

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b
