/**
 * Exported names of a package with their docstrings and declarations, read from the sources as they are formatted here: a
 * declaration starts at the margin and ends at the first line that closes at the margin.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Declaration {
    readonly name: string
    readonly kind: 'function' | 'value' | 'type'
    /** the docstring as plain text; empty where there is none */
    readonly about: string
    /** how it is declared, bodies left out */
    readonly code: string
    /** source file, beside the index */
    readonly file: string
}

/** Names an index re-exports, and the file each comes from. */
export function exportsOf(index: string): { readonly name: string; readonly file: string }[] {
    const found: { name: string; file: string }[] = []
    for (const [, names, file] of index.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/([^']+)'/gm))
        for (const name of names!.split(',')) {
            const plain = name
                .trim()
                .replace(/^type /, '')
                .replace(/^.* as /, '')
            if (plain) found.push({ name: plain, file: file! })
        }
    return found
}

/** Declarations of a package, in the order of its index. */
export function declarationsOf(indexPath: string): Declaration[] {
    const sources = new Map<string, string>()
    return exportsOf(readFileSync(indexPath, 'utf8')).map(({ name, file }) => {
        const source = sources.get(file) ?? readFileSync(join(dirname(indexPath), file), 'utf8')
        sources.set(file, source)
        const found = findDeclaration(source, name)
        if (!found) throw new Error(`${file} has no declaration of ${name}.`)
        return { name, file, ...found }
    })
}

/** The declaration of one name in a source, undefined where there is none. */
export function findDeclaration(source: string, name: string): Pick<Declaration, 'kind' | 'about' | 'code'> | undefined {
    const lines = source.split('\n')
    const start = lines.findIndex((line) =>
        new RegExp(`^export (?:async )?(?:function\\*? |const |interface |type |class |abstract class )${name}\\b`).test(line),
    )
    if (start < 0) return undefined
    const head = lines[start]!
    const kind = /^export (async )?function/.test(head) ? 'function' : /^export (const|class)/.test(head) ? 'value' : 'type'
    let end = start
    // a statement that goes on is indented or closes at the margin
    while (
        end + 1 < lines.length &&
        /^(\s+\S|[)}\]|&?:])/.test(lines[end + 1]!) &&
        !/^\}/.test(lines[end]!.slice(0, 1) && end > start ? lines[end]! : '')
    ) {
        end++
        if (/^[)}\]]/.test(lines[end]!) && !/[({[,]$/.test(lines[end]!)) break
        if (kind === 'function' && /\{$/.test(lines[end]!) && /^\)/.test(lines[end]!)) break
    }
    const text = lines.slice(start, end + 1).join('\n')
    return { kind, about: docstringBefore(lines, start), code: kind === 'type' ? text.replace(/^export /, '') : signatureOf(text, kind) }
}

/** Without its body: of a function up to the brace that opens it, of a value its whole text where that is short. */
function signatureOf(text: string, kind: 'function' | 'value'): string {
    const plain = text.replace(/^export (async )?/, '')
    if (kind === 'value') {
        const arrow = /^const (\w+) = ((?:<[^>]*>)?\([^=]*\)(?:: [^=]+)?) =>/s.exec(plain)
        if (arrow)
            return `const ${arrow[1]}: ${arrow[2]!.includes('): ') ? arrow[2]!.replace(/\): (.*)$/s, ') => $1') : `${arrow[2]} => …`}`
        const all = plain.split('\n')
        return all.length <= 30 ? plain : `${all.slice(0, 30).join('\n')}\n    …`
    }
    let depth = 0
    for (let at = 0; at < plain.length; at++) {
        const c = plain[at]!
        if ('([{<'.includes(c) && !(c === '<' && plain[at - 1] === ' ')) depth++
        else if (')]}'.includes(c) || (c === '>' && plain[at - 1] !== '=')) depth--
        // the body opens with a brace at the end of a line, outside of every bracket
        if (
            c === '{' &&
            depth === 1 &&
            (plain[at + 1] === '\n' || at === plain.length - 1) &&
            plain[at - 1] === ' ' &&
            !/[:|&=]\s*$/.test(plain.slice(0, at))
        )
            return plain.slice(0, at).trim()
    }
    return plain.split(' {\n')[0]!
}

function docstringBefore(lines: readonly string[], start: number): string {
    if (!lines[start - 1]?.trimEnd().endsWith('*/')) return ''
    let first = start - 1
    while (first > 0 && !lines[first]!.startsWith('/**')) first--
    return lines
        .slice(first, start)
        .map((line) =>
            line
                .replace(/^\s*\/\*\* ?/, '')
                .replace(/\s*\*\/\s*$/, '')
                .replace(/^\s*\* ?/, ''),
        )
        .join('\n')
        .trim()
}
