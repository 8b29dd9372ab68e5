/** Limits of one plan as rows of a form: each with its own fields, added and taken away. */
import type { PlanLimit, PlanLimitKind } from '@gridverse/plan'
import { Autocomplete, Button, NumberInput, Select, TextInput } from '@mantine/core'
import { useFleet } from './fleet.ts'
import { useShell } from './shell.ts'

const kinds = ['import', 'export', 'charge', 'without', 'curtailment', 'co2', 'comfort'] as const satisfies readonly PlanLimitKind[]
const fresh: Readonly<Record<PlanLimitKind, PlanLimit>> = {
    import: { kind: 'import', maxKw: 500 },
    export: { kind: 'export', maxKw: 500 },
    charge: { kind: 'charge', minPercent: 40, untilH: 18 },
    without: { kind: 'without', unit: '' },
    curtailment: { kind: 'curtailment', maxKwh: 100 },
    co2: { kind: 'co2', maxKg: 1000 },
    comfort: { kind: 'comfort', minC: 21, maxC: 25 },
}
type Field = readonly [name: string, unit: string]
const fields: Readonly<Record<PlanLimitKind, readonly Field[]>> = {
    import: [['maxKw', 'kW']],
    export: [['maxKw', 'kW']],
    charge: [['minPercent', '%']],
    without: [],
    curtailment: [['maxKwh', 'kWh']],
    co2: [['maxKg', 'kg']],
    comfort: [
        ['minC', '°C'],
        ['maxC', '°C'],
    ],
}

export function LimitRows({ limits, set }: { limits: readonly PlanLimit[]; set: (limits: readonly PlanLimit[]) => void }) {
    const { t } = useShell()
    const change = (n: number, with_: Readonly<Record<string, unknown>>) =>
        set(
            limits.map((limit, k) => {
                if (k !== n) return limit
                const next = Object.entries({ ...limit, ...with_ }).filter(([, value]) => value !== undefined && value !== '')
                return { unit: limit.kind === 'without' ? '' : undefined, ...Object.fromEntries(next) } as PlanLimit
            }),
        )
    return (
        <fieldset className="vpp-limits" data-testid="request-limits">
            <legend>{t('vpp.limits')}</legend>
            {limits.map((limit, n) => (
                <div key={n} className="vpp-limit" data-testid={`limit-${n}`} data-kind={limit.kind}>
                    <span className="vpp-limit-name">{t(`vpp.limit.${limit.kind}`)}</span>
                    {(limit.kind === 'without' || limit.kind === 'charge') && (
                        <UnitInput
                            kind={limit.kind}
                            value={limit.unit ?? ''}
                            set={(unit) => change(n, { unit: unit || (limit.kind === 'without' ? '' : undefined) })}
                        />
                    )}
                    {fields[limit.kind].map(([name, unit]) => (
                        <NumberInput
                            key={name}
                            label={`${t(`vpp.limitField.${name}` as 'vpp.limitField.maxKw')} [${unit}]`}
                            value={(limit as unknown as Record<string, number | undefined>)[name] ?? ''}
                            onChange={(value) => change(n, { [name]: value === '' ? undefined : Number(value) })}
                            min={name.endsWith('C') ? -30 : 0}
                            data-testid={`limit-${n}-${name}`}
                        />
                    ))}
                    {(limit.kind === 'import' || limit.kind === 'export' || limit.kind === 'charge') &&
                        (['fromH', 'untilH'] as const).map((name) => (
                            <TextInput
                                key={name}
                                type="time"
                                label={t(`vpp.limitField.${name}`)}
                                value={clockText(limit[name])}
                                onChange={(e) => change(n, { [name]: hourOf(e.currentTarget.value) })}
                                data-testid={`limit-${n}-${name}`}
                            />
                        ))}
                    <Button
                        variant="subtle"
                        onClick={() => set(limits.filter((_, k) => k !== n))}
                        aria-label={t('vpp.limit.remove', { limit: t(`vpp.limit.${limit.kind}`) })}
                    >
                        ×
                    </Button>
                </div>
            ))}
            <Select
                placeholder={t('vpp.limit.add')}
                aria-label={t('vpp.limit.add')}
                data={kinds.map((kind) => ({ value: kind, label: t(`vpp.limit.${kind}`) }))}
                value={null}
                onChange={(kind) => kind && set([...limits, fresh[kind as PlanLimitKind]])}
                data-testid="limit-add"
            />
        </fieldset>
    )
}

/** Units as plans of the live fleet call them: machines by id, everything else by group and kind. */
function UnitInput({ kind, value, set }: { kind: 'without' | 'charge'; value: string; set: (unit: string) => void }) {
    const { t, useGet } = useShell()
    const fleet = useFleet()
    const machines = useGet<{ resources: { id: string }[] }>(kind === 'without' ? '/vpp/resources?kind=gas-turbine&limit=50' : undefined)
    const groups = fleet.state === 'ready' ? fleet.data.groups : []
    const wanted = kind === 'charge' ? ['battery'] : ['pv', 'wind', 'battery', 'curtailable']
    const names = [
        ...(machines.state === 'ready' && machines.data ? machines.data.resources.map(({ id }) => id) : []),
        ...groups.flatMap((group) => wanted.filter((k) => k in group.kinds).map((k) => `${group.id} ${k}`)),
    ]
    return (
        <Autocomplete
            size="xs"
            label={t(kind === 'charge' ? 'vpp.limitField.battery' : 'vpp.limitField.unit')}
            data={names}
            value={value}
            onChange={set}
            required={kind === 'without'}
            placeholder={kind === 'charge' ? t('vpp.limit.everyBattery') : ''}
        />
    )
}

const two = (n: number) => String(n).padStart(2, '0')
export const clockText = (hour: number | undefined): string =>
    hour === undefined ? '' : `${two(Math.floor(hour) % 24)}:${two(Math.round(60 * (hour % 1)))}`
const hourOf = (text: string): number | undefined => {
    const [hours, minutes] = text.split(':').map(Number)
    return hours === undefined || Number.isNaN(hours) ? undefined : hours + (minutes ?? 0) / 60
}
