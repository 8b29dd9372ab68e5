/** Writes CIM documents: objects with their properties, one a line, under a head that names profile and dependencies. */
import { namespaces, type Profile, profiles } from './profile.ts'

/** A property: text, number, flag, another object or a value of an enumeration; undefined is left out, as are infinite numbers. */
export type WrittenValue =
    | string
    | number
    | boolean
    | undefined
    | { readonly ref: string }
    | { readonly kind: string }
    | readonly { readonly ref: string }[]
export type WrittenFields = Readonly<Record<string, WrittenValue>>

export interface DocumentHead {
    readonly id: string
    readonly dependsOn: readonly string[]
    readonly description: string
    /** ISO 8601 */
    readonly created: string
    readonly scenarioTime: string
}

export interface CimDocumentWriter {
    /** An object this document defines. */
    define(type: string, id: string, fields: WrittenFields): void
    /** What this document says of an object defined elsewhere. */
    describe(type: string, id: string, fields: WrittenFields): void
    end(): string
}

export const ref = (id: string) => ({ ref: id })
export const kind = (value: string) => ({ kind: value })

export function createDocument(profile: Profile, head: DocumentHead): CimDocumentWriter {
    const out: string[] = ['<?xml version="1.0" encoding="UTF-8"?>']
    out.push(
        `<rdf:RDF ${Object.entries(namespaces)
            .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
            .join(' ')}>`,
    )
    const headField = (name: string, value: string) => out.push(`    <md:Model.${name}>${escapeXml(value)}</md:Model.${name}>`)
    out.push(`  <md:FullModel rdf:about="urn:uuid:${head.id}">`)
    headField('created', head.created)
    headField('scenarioTime', head.scenarioTime)
    headField('version', '1')
    headField('description', head.description)
    headField('modelingAuthoritySet', 'urn:gridverse')
    for (const uri of profiles[profile]) headField('profile', uri)
    for (const id of head.dependsOn) out.push(`    <md:Model.DependentOn rdf:resource="urn:uuid:${id}"/>`)
    out.push('  </md:FullModel>')
    const write = (opening: string, type: string, fields: WrittenFields) => {
        out.push(`  <cim:${type} ${opening}">`)
        for (const name in fields) writeField(out, name, fields[name])
        out.push(`  </cim:${type}>`)
    }
    return {
        define: (type, id, fields) => write(`rdf:ID="_${id}`, type, fields),
        describe: (type, id, fields) => write(`rdf:about="#_${id}`, type, fields),
        end: () => `${out.join('\n')}\n</rdf:RDF>\n`,
    }
}

/** properties and enumerations of the ENTSO-E extension */
const extended = /^(IdentifiedObject\.shortName|OperationalLimitType\.limitType|LimitTypeKind\.)/

function writeField(out: string[], name: string, value: WrittenValue): void {
    if (value === undefined || value === Infinity || value === -Infinity) return
    const tag = `${extended.test(name) ? 'entsoe' : 'cim'}:${name}`
    if (typeof value !== 'object') out.push(`    <${tag}>${typeof value === 'string' ? escapeXml(value) : value}</${tag}>`)
    else if (Array.isArray(value)) for (const one of value) writeField(out, name, one)
    else if ('ref' in value) out.push(`    <${tag} rdf:resource="#_${value.ref}"/>`)
    else if ('kind' in value)
        out.push(`    <${tag} rdf:resource="${extended.test(value.kind) ? namespaces.entsoe : namespaces.cim}${value.kind}"/>`)
}

const escapeXml = (text: string) =>
    text.replace(/[&<>"]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : '&quot;'))
