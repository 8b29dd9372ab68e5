/** The pages of `docs/api`: names, docstrings and declarations from the sources, examples as they run. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../docs/sources.ts'
import { type Declaration, declarationsOf } from './declarations.ts'

interface Topic {
    readonly page: string
    readonly title: string
    readonly about: string
    readonly package: 'units' | 'math' | 'grid' | 'tables'
    /** source files of the package that belong here; the first topic that fits has them */
    readonly files: RegExp
    /** examples/NAME.ts */
    readonly examples: readonly string[]
}

const topics: readonly Topic[] = [
    {
        page: 'grid-time-series',
        title: 'Time series',
        package: 'grid',
        files: /^time-series/,
        examples: ['time-series'],
        about: 'Power flow step after step.',
    },
    {
        page: 'grid-power-flow',
        title: 'Power flow',
        package: 'grid',
        files: /^(power-flow|solve-power-flow|mismatch|wasm-lanes|controls|distributed-slack|tap|lower-|continuation|diagnos|start-|step-control)/,
        examples: ['power-flow'],
        about: 'One call, a solver for many, lanes of scenarios, and a check that shares no code with them.',
    },
    {
        page: 'grid-batches',
        title: 'Load scenarios',
        package: 'grid',
        files: /^(batch|load-factor)/,
        examples: ['batch'],
        about: 'Scenarios by the thousand.',
    },
    {
        page: 'grid-security',
        title: 'Security analysis',
        package: 'grid',
        files: /^(contingency|factors)/,
        examples: ['contingencies'],
        about: 'Outages, distribution factors, relief.',
    },
    {
        page: 'grid-estimation',
        title: 'State estimation',
        package: 'grid',
        files: /^estimate/,
        examples: ['estimation'],
        about: 'The state from measurements, and what is wrong with measurements and model.',
    },
    {
        page: 'grid-opf',
        title: 'Optimal power flow',
        package: 'grid',
        files: /^opf/,
        examples: ['opf'],
        about: 'The cheapest operation within limits, and its prices.',
    },
    {
        page: 'grid-short-circuit',
        title: 'Short circuit',
        package: 'grid',
        files: /^short-circuit/,
        examples: ['short-circuit'],
        about: 'After IEC 60909.',
    },
    {
        page: 'grid-files',
        title: 'Networks and files',
        package: 'grid',
        files: /./,
        examples: ['files'],
        about: 'Records, regions, points, checks, case formats.',
    },
    {
        page: 'tables',
        title: 'Tables',
        package: 'tables',
        files: /./,
        examples: ['tables'],
        about: 'Networks, results and samples as Parquet and Arrow, with units.',
    },
    {
        page: 'math',
        title: 'Mathematics',
        package: 'math',
        files: /./,
        examples: ['math'],
        about: 'Sparse linear algebra, programs, statistics, seeded random numbers.',
    },
    {
        page: 'units',
        title: 'Schema tables',
        package: 'units',
        files: /./,
        examples: ['schema'],
        about: 'Tables with units, from which types and checks follow; issues.',
    },
]

/** Every page by its name, with examples run now. */
export async function writePages(): Promise<Map<string, string>> {
    const pages = new Map<string, string>()
    const index: string[] = []
    const rest = new Map<string, Declaration[]>()
    for (const name of ['grid', 'tables', 'math', 'units']) rest.set(name, declarationsOf(join(root, 'packages', name, 'src/index.ts')))
    for (const topic of topics) {
        const all = rest.get(topic.package)!
        const own = all.filter(({ file }) => topic.files.test(file))
        rest.set(
            topic.package,
            all.filter((each) => !own.includes(each)),
        )
        const examples = await Promise.all(topic.examples.map(writeExample))
        const sorted = [...own].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
        pages.set(
            `${topic.page}.md`,
            `${[`# ${topic.title}`, `${topic.about} From \`@gridverse/${topic.package}\`.`, ...examples, ...sorted.map(writeDeclaration)].join('\n\n')}\n`,
        )
        const calls = sorted.filter(({ kind }) => kind === 'function').map(({ name }) => `\`${name}\``)
        index.push(`| [${topic.title}](${topic.page}.md) | \`@gridverse/${topic.package}\` | ${topic.about} | ${calls.join(' ')} |`)
    }
    pages.set(
        'README.md',
        `# Libraries\n\nWritten by \`npm run api\` from the sources and from [examples](../../examples), which run as they are written; a test keeps them equal.\n\n| page | package | about | calls |\n| --- | --- | --- | --- |\n${index.join('\n')}\n`,
    )
    return pages
}

const rank = ({ kind }: Declaration) => (kind === 'function' ? 0 : kind === 'value' ? 1 : 2)

function writeDeclaration({ name, about, code }: Declaration): string {
    return [
        `## ${name}`,
        ...(about ? [about.replace(/^( {2,}|\t)/gm, '    ').replace(/(?<=\n)(?=\S)/g, '')] : []),
        `\`\`\`ts\n${code}\n\`\`\``,
    ].join('\n\n')
}

/** The text of an example, and what it prints. */
async function writeExample(name: string): Promise<string> {
    const text = readFileSync(join(root, 'examples', `${name}.ts`), 'utf8').trim()
    const printed = await runExample(name)
    return `\`\`\`ts\n${text}\n\`\`\`\n\n\`\`\`text\n${printed}\n\`\`\``
}

/** What examples/NAME.ts prints. */
export async function runExample(name: string): Promise<string> {
    const lines: string[] = []
    const { log } = console
    console.log = (...words: unknown[]) =>
        lines.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '))
    try {
        await import(pathToFileURL(join(root, 'examples', `${name}.ts`)).href)
    } finally {
        console.log = log
    }
    return lines.join('\n')
}
