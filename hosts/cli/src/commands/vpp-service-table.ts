/** What people got under each policy, as a table: nothing missed is operation as normal. */
import { missedServices, type Service } from '@gridverse/plan'
import { renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

const figures = [
    ['rooms outside comfort K·h', 'comfortKh'],
    ['vehicles not ready kWh', 'evShortKwh'],
    ['sessions', 'evSessions'],
    ['hot water short kWh', 'waterShortKwh'],
    ['production not done kWh', 'taskShortKwh'],
    ['heat missing kWh', 'heatShortKwh'],
    ['cold missing kWh', 'coldShortKwh'],
] as const satisfies readonly (readonly [string, keyof Service])[]

export const describeService = <T>(
    title: string,
    rows: readonly T[],
    nameOf: (row: T) => string,
    of: (row: T) => Service,
    terminal: Terminal,
) =>
    renderTable<T>(terminal, title, rows, [
        { title: 'policy', value: nameOf },
        ...figures.map(([name, key]) => ({ title: name, value: (row: T) => of(row)[key], decimals: key === 'evSessions' ? 0 : 2 })),
        {
            title: 'let down',
            value: (row) => missedServices(of(row)),
            tone: (row) => (missedServices(of(row)) > 0 ? 'yellow' : undefined),
        },
    ])
