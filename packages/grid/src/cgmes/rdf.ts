/**
 * RDF/XML after IEC 61970-552: a document of objects, each with its properties one level below. What several documents
 * say of one object is merged by its mRID; a reference becomes the object itself.
 */
import type { Issue } from '@gridverse/units'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { type CimDocument, type CimModel, type CimObject, type CimValue, fileShift } from './cim-object.ts'

export interface CimFile {
    readonly name: string
    readonly text: string
}

const rdfUri = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
const headUri = 'http://iec.ch/TC57/61970-552/ModelDescription/1#'
const cim16Uri = 'http://iec.ch/TC57/2013/CIM-schema-cim16#'
/** characters parsed between two calls of `progress` */
const stretch = 1 << 20
/** errors of XML told per file */
const told = 20

/** Reads documents into one model; `progress` hears the share done, 0…1. */
export function parseRdf(files: readonly CimFile[], progress: (share: number) => void = () => {}): { model: CimModel; issues: Issue[] } {
    const objects = new Map<string, CimObject>()
    const classes = new Map<string, CimObject[]>()
    const documents: CimDocument[] = []
    const issues: Issue[] = []
    const total = files.reduce((sum, { text }) => sum + text.length, 0)
    let done = 0

    const objectOf = (id: string, file: number, line: number): CimObject => {
        const known = objects.get(id)
        if (known) return known
        const made: CimObject = { id, type: '', defined: false, file, line, fields: {}, places: [] }
        objects.set(id, made)
        return made
    }

    files.forEach(({ name, text }, file) => {
        const parser = new SaxesParser({ xmlns: false, position: true })
        const prefixes = new Map<string, string>()
        const uriOf = (tag: string) => prefixes.get(tag.slice(0, Math.max(0, tag.indexOf(':')))) ?? ''
        // one string for all tags of a name, so that objects of a class share their shape
        const localNames = new Map<string, string>()
        const localOf = (tag: string) => {
            let local = localNames.get(tag)
            if (local === undefined) {
                local = tag.slice(tag.indexOf(':') + 1)
                localNames.set(tag, local)
            }
            return local
        }
        const found = (code: string, path: string, line: number, message: string, severity: 'error' | 'warning' = 'error') =>
            issues.push({ code, path, file: name, line, message, severity })
        let rdf = 'rdf:'
        let depth = 0
        let current: CimObject | undefined
        let field = ''
        let value: CimValue | undefined
        let buffer = ''
        let head: Record<string, string[]> | undefined
        let headId = ''
        let wrong = 0
        // a model that came before, as a boundary set does with every area
        let repeated = false

        const openRoot = (tag: SaxesTagPlain) => {
            for (const [attribute, uri] of Object.entries(tag.attributes))
                if (attribute.startsWith('xmlns')) prefixes.set(attribute.slice(6), uri)
            rdf = [...prefixes].find(([, uri]) => uri === rdfUri)?.[0] ?? 'rdf'
            if (rdf) rdf += ':'
            if (tag.name !== `${rdf}RDF`)
                found('not-cim', '', parser.line, `${name} starts with <${tag.name}>; a CIM document is <rdf:RDF>`)
            const cim = [...prefixes.values()].find((uri) => /\/CIM(-schema-cim\d+|\d+)#$/.test(uri))
            if (!cim && tag.name === `${rdf}RDF`)
                found('not-cim', '', parser.line, `${name} declares no CIM namespace; CGMES 2.4.15 has ${cim16Uri}`)
            else if (cim && cim !== cim16Uri)
                found('unknown-version', 'namespace', parser.line, `${name} is of ${cim}; read as CIM 16 (CGMES 2.4.15)`, 'warning')
        }
        const openObject = (tag: SaxesTagPlain) => {
            if (repeated) return
            const type = localOf(tag.name)
            const about = tag.attributes[`${rdf}about`]
            const given = tag.attributes[`${rdf}ID`] ?? about
            if (uriOf(tag.name) === headUri) {
                head = {}
                headId = idOf(given ?? '')
                if (type !== 'FullModel')
                    found('not-modelled', type, parser.line, `${name} is a ${type}: only full models are read, apply the difference first`)
                return
            }
            if (!given) {
                found('missing-value', type, parser.line, `${type} has neither rdf:ID nor rdf:about`)
                return
            }
            const id = idOf(given)
            current = objectOf(id, file, parser.line)
            if (about === undefined) {
                if (current.defined) {
                    const clash = current.type !== type
                    const before = `as ${current.type} in ${files[current.file].name} at line ${current.line}`
                    const message = `${type} ${id} is defined already, ${before}${clash ? '' : '; what both say of it is put together'}`
                    found('duplicate-mrid', id, parser.line, message, clash ? 'error' : 'warning')
                } else {
                    current.defined = true
                    current.type = type
                    current.file = file
                    current.line = parser.line
                    const list = classes.get(type)
                    if (list) list.push(current)
                    else classes.set(type, [current])
                }
            } else if (!current.type) current.type = type
        }
        const openProperty = (tag: SaxesTagPlain) => {
            field = localOf(tag.name)
            const resource = tag.attributes[`${rdf}resource`]
            value = undefined
            buffer = ''
            if (resource === undefined) return
            // an enumeration is told by its address, an object by its mRID alone
            if (resource.startsWith('#') || resource.startsWith('urn:'))
                value = head ? idOf(resource) : objectOf(idOf(resource), file, parser.line)
            else value = resource
        }
        const closeProperty = () => {
            const given = value ?? buffer
            if (head) {
                head[field] ??= []
                head[field]!.push(String(given).trim())
            } else if (current) {
                const before = current.fields[field]
                if (before === undefined) {
                    current.fields[field] = given
                    current.places.push(file * fileShift + parser.line)
                } else if (typeof before === 'string') {
                    if (before !== given && !field.startsWith('IdentifiedObject.'))
                        found(
                            'duplicate-value',
                            `${current.id}/${field}`,
                            parser.line,
                            `${field} of ${current.type} ${current.id} was ${before} before and is ${typeof given === 'string' ? given : 'a reference'} here; the first counts`,
                            'warning',
                        )
                } else if (Array.isArray(before)) current.fields[field] = [...before, given as CimObject]
                else if (before !== given) current.fields[field] = [before as CimObject, given as CimObject]
            }
            value = undefined
            buffer = ''
        }
        const closeHead = () => {
            repeated = headId !== '' && documents.some(({ id }) => id === headId)
            if (repeated) {
                found(
                    'duplicate-model',
                    headId,
                    parser.line,
                    `${name} is model ${headId}, which another file is already: left out`,
                    'warning',
                )
                head = undefined
                return
            }
            const first = (key: string) => head?.[`Model.${key}`]?.[0] ?? ''
            documents.push({
                file,
                id: headId,
                profiles: head?.['Model.profile'] ?? [],
                dependsOn: head?.['Model.DependentOn'] ?? [],
                description: first('description'),
                scenarioTime: first('scenarioTime'),
            })
            head = undefined
        }

        parser.on('opentag', (tag) => {
            if (depth === 0) openRoot(tag)
            else if (depth === 1) openObject(tag)
            else if (depth === 2) openProperty(tag)
            depth++
        })
        parser.on('text', (piece) => {
            if (depth === 3) buffer += piece
        })
        parser.on('cdata', (piece) => {
            if (depth === 3) buffer += piece
        })
        parser.on('closetag', () => {
            depth--
            if (depth === 2) closeProperty()
            else if (depth === 1) {
                if (head) closeHead()
                current = undefined
            }
        })
        parser.on('error', (error) => {
            if (++wrong <= told) found('not-xml', '', parser.line, `${name} is not well-formed: ${error.message.replace(/^\d+:\d+: /, '')}`)
        })
        for (let at = 0; at < text.length; at += stretch) {
            parser.write(text.slice(at, at + stretch))
            progress((done + Math.min(text.length, at + stretch)) / total)
        }
        parser.close()
        done += text.length
    })
    const none: readonly CimObject[] = []
    return { model: { files: files.map(({ name }) => name), documents, objects, ofClass: (type) => classes.get(type) ?? none }, issues }
}

/** `#_abc`, `_abc`, `urn:uuid:abc` and `abc` are one. */
function idOf(given: string): string {
    let start = given.startsWith('#') ? 1 : given.startsWith('urn:uuid:') ? 9 : 0
    if (given.charCodeAt(start) === 0x5f) start++
    return start === 0 ? given : given.slice(start)
}
