import { quantitiesOf, resourceKinds, resourceQuantities, resourceTables } from '@gridverse/assets'
import { networkTables, quantities, regionTables } from '@gridverse/grid'
import { describeTable } from '@gridverse/units'
import { expect, test } from 'vitest'

const intro = `# Records

Every record of a network, of a region and of a fleet, column by column, and every quantity a point can have. This page is made from the schema tables in
\`packages/grid/src/network.ts\`, \`region.ts\`, \`point.ts\` and \`packages/assets/src/resource.ts\`; a test keeps it equal to them
(\`npm test -- tests/docs/records.test.ts -u\` writes it anew).

Signs: generator and storage positive into the bus; load positive out of it; branch positive from the bus into the branch.
`

test('docs/records.md is what the schema tables say', async () => {
    const tables = Object.entries({ ...networkTables, ...regionTables }).map(([name, table]) => describeTable(name, table))
    const points = Object.entries(quantities).map(([kind, list]) => {
        const rows = Object.entries(list).map(
            ([name, q]) =>
                `| \`${kind}/ID/${name}\` | ${q.about} | ${q.unit} | ${q.min} … ${q.max} | ${q.deadband} | ${q.sigma} | ${q.commandable ? 'yes' : ''} |`,
        )
        const head = '| point | what it is | unit | possible range | deadband | meter σ | command |\n|---|---|---|---|---|---|---|'
        return [`## Points of a ${kind}`, '', head, ...rows, ''].join('\n')
    })
    const resources = resourceKinds.map((kind) => describeTable(`resource: ${kind}`, resourceTables[kind]))
    const said = Object.entries(resourceQuantities).map(([name, q]) => {
        const kinds = resourceKinds.filter((kind) => quantitiesOf(kind).includes(name as never))
        const whose =
            kinds.length === 0
                ? 'any that tells it'
                : kinds.length > 7
                  ? `all but ${resourceKinds.filter((kind) => !kinds.includes(kind)).join(', ') || 'none'}`
                  : kinds.join(', ')
        return `| \`resource/ID/${name}\` | ${q.about} | ${q.unit} | ${whose} | ${q.commandable ? 'yes' : ''} |`
    })
    const head = '| point | what it is | unit | of | command |\n|---|---|---|---|---|'
    const fleet = ['## Points of a resource', '', head, ...said, ''].join('\n')
    await expect([intro, ...tables, ...points, ...resources, fleet].join('\n')).toMatchFileSnapshot('../../docs/records.md')
})
