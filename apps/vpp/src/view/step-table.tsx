/** Courses as rows under a fold: every step as a number, for who wants to read instead of look. */
import { useState } from 'react'
import type { Table } from './shell.ts'

export function StepTable({ name, table: { header, rows }, text, testId }: StepTableProps) {
    const [open, setOpen] = useState(false)
    return (
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary>{name}</summary>
            {open && (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
                <section className="vpp-scroll vpp-steps" tabIndex={0} aria-label={name}>
                    <table className="plain" data-testid={testId}>
                        <thead>
                            <tr>
                                {header.map((title, k) => (
                                    <th key={title} className={k > 0 ? 'is-number' : ''}>
                                        {title}
                                    </th>
                                ))}
                            </tr>
                        </thead>
                        <tbody>
                            {rows.map(([at, ...values]) => (
                                <tr key={at}>
                                    <td>{at}</td>
                                    {values.map((v, k) => (
                                        <td key={header[k + 1]} className="is-number">
                                            {v === null ? '' : text(Number(v))}
                                        </td>
                                    ))}
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </section>
            )}
        </details>
    )
}

interface StepTableProps {
    readonly name: string
    readonly table: Table
    readonly text: (value: number) => string
    readonly testId: string
}
