/** A resource by a form, made of the table of its kind: a column, a field. */
import { type ResourceKind, resourceKinds, resourceTables } from '@gridverse/assets'
import type { Column, Issue, Table } from '@gridverse/units'
import { Button, Checkbox, NumberInput, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { kindName } from './fleet.ts'
import { IssueList } from './issue-list.tsx'
import { useShell } from './shell.ts'

/** As given, to be checked: its kind, and the columns of that kind which were filled. */
export type GivenResource = Readonly<Record<string, unknown>>

interface ResourceFormProps {
    readonly begin: ResourceKind
    readonly submit: string
    /** everything wrong with it; where nothing is, it is taken */
    take(resource: GivenResource): Promise<readonly Issue[]>
}

export function ResourceForm({ begin, submit, take }: ResourceFormProps) {
    const shell = useShell()
    const { t, useAction, FailureLine } = shell
    const [kind, setKind] = useState<ResourceKind>(begin)
    const [row, setRow] = useState<GivenResource>({})
    const [issues, setIssues] = useState<readonly Issue[]>([])
    const table: Table = resourceTables[kind]
    const taking = useAction(async () => {
        const given = Object.entries(row).filter(([name, v]) => name in table && v !== '' && v !== undefined)
        const wrong = await take({ ...Object.fromEntries(given), kind })
        setIssues(wrong)
        if (wrong.length === 0) setRow({})
    })
    return (
        <form
            className="vpp-form"
            data-testid="enrol-form"
            onSubmit={(e) => {
                e.preventDefault()
                void taking.run()
            }}
        >
            <Select
                label={t('vpp.col.kind')}
                data={resourceKinds.map((k) => ({ value: k, label: kindName(shell, k) }))}
                value={kind}
                onChange={(k) => k && setKind(k as ResourceKind)}
                allowDeselect={false}
            />
            {Object.entries(table)
                .filter(([name]) => name !== 'kind')
                .map(([name, column]) => (
                    <ResourceField
                        key={name}
                        name={name}
                        column={column}
                        value={row[name]}
                        set={(value) => setRow((now) => ({ ...now, [name]: value }))}
                    />
                ))}
            <div className="vpp-form-end">
                <Button type="submit" loading={taking.busy} data-testid="enrol-one">
                    {submit}
                </Button>
                <FailureLine failure={taking.failure} />
                {issues.length > 0 && <IssueList issues={issues} />}
            </div>
        </form>
    )
}

function ResourceField({ name, column, value, set }: { name: string; column: Column; value: unknown; set: (value: unknown) => void }) {
    const { tOr } = useShell()
    const label = tOr(`vpp.field.${name}`, name)
    const required = column.default === undefined
    if (column.type === 'flag')
        return (
            <Checkbox
                label={label}
                checked={(value as boolean | undefined) ?? column.default ?? false}
                onChange={(e) => set(e.currentTarget.checked)}
            />
        )
    if (column.type === 'choice')
        return (
            <Select
                label={label}
                data={column.choices.map((choice) => ({ value: choice, label: tOr(`vpp.choice.${choice}`, choice) }))}
                value={(value as string | undefined) ?? column.default ?? null}
                onChange={set}
                required={required}
                allowDeselect={false}
            />
        )
    if (column.type === 'text')
        return (
            <TextInput
                label={label}
                value={(value as string | undefined) ?? column.default ?? ''}
                onChange={(e) => set(e.currentTarget.value)}
                required={required}
                data-testid={`enrol-${name}`}
            />
        )
    return (
        <NumberInput
            label={column.unit ? `${label} [${tOr(`vpp.unit.${column.unit}`, column.unit)}]` : label}
            value={(value as number | string | undefined) ?? column.default ?? ''}
            onChange={set}
            required={required}
            data-testid={`enrol-${name}`}
        />
    )
}
