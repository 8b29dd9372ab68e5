/** The claims tried once more: on the plant changed, and over the ranges they reach, as a study with its progress. */
import { Button, Checkbox, NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { Experiments } from '../claims-report.ts'
import { parameterName } from './claim-reach.tsx'
import type { PlanCard } from './plans.ts'
import { useShell } from './shell.ts'

const names = ['sun', 'spread', 'flexibility', 'load', 'storage', 'missing', 'curtailCost', 'risk'] as const

export function ExperimentForm({ card, reload }: { card: PlanCard; reload: () => void }) {
    const shell = useShell()
    const { t, post, go, useAction, FailureLine } = shell
    const [change, setChange] = useState<Partial<Record<(typeof names)[number], number | string>>>({})
    const [swept, setSwept] = useState(true)
    const ask = useAction(async () => {
        const set = Object.fromEntries(
            Object.entries(change).flatMap(([name, value]) => (value === '' || value === undefined ? [] : [[name, Number(value)]])),
        )
        const experiments: Experiments = { change: set, ...(swept ? {} : { sweeps: {} }) }
        const { goal: _g, riskBudget: _r, frontPoints: _f, experiments: _e, ...own } = card.preferences
        const told = Object.entries(set).map(([name, value]) => `${parameterName(shell, name as 'sun')} ${value}`)
        const next = await post<PlanCard>('/studies', {
            study: 'vpp',
            title: [t('vpp.experiment.of', { title: card.title }), ...told].join(' · ').slice(0, 200),
            like: card.id,
            preferences: { ...own, experiments },
        })
        reload()
        go(`claims/${next.id}`)
    })
    return (
        <form
            className="study-form"
            data-testid="experiment-form"
            onSubmit={(event) => {
                event.preventDefault()
                void ask.run()
            }}
        >
            <p className="vpp-form-end dim">{t('vpp.experiment.about')}</p>
            {names.map((name) => (
                <NumberInput
                    key={name}
                    label={parameterName(shell, name)}
                    value={change[name] ?? ''}
                    onChange={(value) => setChange({ ...change, [name]: value })}
                    placeholder={t('vpp.experiment.own')}
                    min={0}
                    max={name === 'risk' ? 0.95 : 20}
                    step={name === 'risk' || name === 'curtailCost' ? 0.1 : 0.25}
                    decimalScale={3}
                    data-testid={`experiment-${name}`}
                />
            ))}
            <Checkbox label={t('vpp.experiment.reach')} checked={swept} onChange={(event) => setSwept(event.currentTarget.checked)} />
            <Button type="submit" loading={ask.busy} data-testid="experiment-run">
                {t('vpp.experiment.run')}
            </Button>
            <FailureLine failure={ask.failure} />
        </form>
    )
}
