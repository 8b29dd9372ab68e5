/** What a case format is: how it is told, read and written. The formats themselves are listed in `formats.ts`. */
import type { Issue } from '@gridverse/units'
import type { PlaceOf } from './check-network.ts'
import type { Network } from './network.ts'
import type { Region } from './region.ts'

/** Files of a folder or an archive by their names, folders within as `a/b.csv`. */
export type CaseFolder = ReadonlyMap<string, string | Uint8Array>
/** What a case is kept in: a text, the bytes of a binary file, or a folder. */
export type CaseContent = string | Uint8Array | CaseFolder

export interface ParsedFormat {
    readonly network: Network
    /** where the format holds places and switches, and the file has them */
    readonly region?: Region
    /** what could not be read, or is not modelled; the electrical checks come on top */
    readonly issues: readonly Issue[]
    /** where each row came from, so that electrical issues can say it */
    readonly placeOf?: PlaceOf
    /** the same by the path of an issue, for formats that know the line of every value */
    readonly lineOf?: (path: string) => number | undefined
}

export interface WrittenCase {
    readonly content: CaseContent
    /** everything the format has no place for, as warnings with the code `not-kept` */
    readonly issues: readonly Issue[]
}

export interface CaseFormat {
    /** short name, as `convert --to` takes it */
    readonly id: string
    /** what people call it */
    readonly about: string
    /** how names of its files end, in lower case with the dot; `/` stands for a folder */
    readonly extensions: readonly string[]
    /** whether the content looks like it; called for content of any kind, so it must be quick and must not throw */
    detect(content: CaseContent): boolean
    /**
     * Reads a case; nothing is thrown for what is wrong inside it. `name` is for networks the format gives no name;
     * formats of long files let `progress` hear the share read, 0…1.
     */
    parse(content: CaseContent, name: string, progress?: (share: number) => void): ParsedFormat
    write?(network: Network, region?: Region): WrittenCase
}

/** A loss at writing: what is not kept, and what becomes of it. */
export const notKept = (path: string, message: string): Issue => ({ code: 'not-kept', path, message, severity: 'warning' })

/** The loss of what a region has besides its network, for formats that hold networks only. */
export const lostRegion = (region: Region | undefined): Issue[] =>
    region ? [notKept('region', 'the format has no places, switches and units: the network alone is written')] : []

export const isFolder = (content: CaseContent): content is CaseFolder => typeof content !== 'string' && !(content instanceof Uint8Array)

/** Whether bytes start like one of the binary formats (zip, Parquet, Arrow file), so that they must not be taken for text. */
export function isBinaryCase(bytes: Uint8Array): boolean {
    const starts = (mark: string) => [...mark].every((c, i) => bytes[i] === c.charCodeAt(0))
    return ['PK\u0003\u0004', 'PAR1', 'ARROW1'].some(starts)
}
