/** Asking for a plan: which plant, how much risk weighs, how many days that could be. */
import type { Goal } from '@gridverse/plan'
import { Button, FileButton, NumberInput, Select, Slider, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { VppPreferences } from '../run.ts'
import type { PlanCard } from './plans.ts'
import { useShell } from './shell.ts'

const objectives = ['weight', 'budget', 'co2Kg', 'curtailedKwh'] as const
type Objective = (typeof objectives)[number]

/** The least of a measure; among schedules as good in it, the cheapest. */
const leastOf = (measure: 'co2Kg' | 'curtailedKwh'): Goal => ({
    distance: {},
    weight: { expectedCost: 1e-3, cvar: 1e-6, co2Kg: 1e-6, curtailedKwh: 1e-6, [measure]: 1 },
})

export function RequestForm({ done }: { done: () => void }) {
    const { t, post, go, useAction, FailureLine } = useShell()
    const [title, setTitle] = useState('')
    const [objective, setObjective] = useState<Objective>('weight')
    const [beta, setBeta] = useState(0.2)
    const [budget, setBudget] = useState<number | string>('')
    const [frontPoints, setFrontPoints] = useState<number | string>(0)
    const [samples, setSamples] = useState<number | string>(200)
    const [keep, setKeep] = useState<number | string>(8)
    const [seed, setSeed] = useState<number | string>(1)
    const [plant, setPlant] = useState<{ name: string; text: string }>()
    const name = plant?.name ?? t('vpp.district')
    const ask = useAction(async () => {
        const preferences: VppPreferences = {
            samples: Number(samples),
            keep: Number(keep),
            seed: Number(seed),
            frontPoints: Number(frontPoints),
            ...(objective === 'weight' ? { beta } : { beta: 0 }),
            ...(objective === 'budget' ? { riskBudget: Number(budget) } : {}),
            ...(objective === 'co2Kg' || objective === 'curtailedKwh' ? { goal: leastOf(objective) } : {}),
        }
        const card = await post<PlanCard>('/studies', {
            study: 'vpp',
            title: title.trim() || name,
            preferences,
            ...(plant ? { plant: plant.text } : {}),
        })
        done()
        go(`plan/${card.id}`)
    })
    return (
        <form
            className="study-form"
            onSubmit={(event) => {
                event.preventDefault()
                void ask.run()
            }}
        >
            <TextInput
                label={t('vpp.title')}
                placeholder={name}
                value={title}
                onChange={(e) => setTitle(e.currentTarget.value)}
                data-testid="study-title"
            />
            <FileButton
                onChange={(file) => void file?.text().then((text) => setPlant({ name: file.name, text }))}
                accept=".json,application/json"
            >
                {(props) => (
                    <Button {...props} variant="default">
                        {plant ? plant.name : t('vpp.choosePlant')}
                    </Button>
                )}
            </FileButton>
            <Select
                label={t('vpp.objective')}
                data={objectives.map((o) => ({ value: o, label: t(`vpp.objective.${o}`) }))}
                value={objective}
                onChange={(o) => o && setObjective(o as Objective)}
                allowDeselect={false}
                data-testid="study-objective"
            />
            {objective === 'weight' && (
                <div className="study-beta">
                    <span>
                        {t('vpp.beta')} <b>{beta.toFixed(2)}</b>
                    </span>
                    <Slider value={beta} onChange={setBeta} min={0} max={0.95} step={0.05} label={null} thumbLabel={t('vpp.beta')} />
                </div>
            )}
            {objective === 'budget' && (
                <NumberInput label={t('vpp.budget')} value={budget} onChange={setBudget} required data-testid="study-budget" />
            )}
            <NumberInput label={t('vpp.samples')} value={samples} onChange={setSamples} min={0} max={5000} />
            <NumberInput label={t('vpp.keep')} value={keep} onChange={setKeep} min={1} max={50} />
            <NumberInput label={t('vpp.seed')} value={seed} onChange={setSeed} min={0} max={4_294_967_295} />
            <NumberInput
                label={t('vpp.frontPoints')}
                value={frontPoints}
                onChange={setFrontPoints}
                min={0}
                max={24}
                data-testid="study-front"
            />
            <Button type="submit" loading={ask.busy} data-testid="study-ask">
                {t('vpp.ask')}
            </Button>
            <FailureLine failure={ask.failure} />
        </form>
    )
}
