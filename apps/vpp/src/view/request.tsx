/** Asking for a plan: which plant, how much risk weighs, how many days that could be. */
import type { Goal } from '@gridverse/plan'
import { Button, FileButton, NumberInput, Select, Slider, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { VppPreferences } from '../run.ts'
import type { PlanCard } from './plans.ts'
import { useShell } from './shell.ts'

const sources = ['today', 'tomorrow', 'now', 'district', 'file'] as const
type Source = (typeof sources)[number]

/** A day of the live fleet, or so many hours from now. */
const fleetDayOf = (source: Source, dtH: number, hours: number) =>
    source === 'now' ? { fromNow: true, dtH, periods: Math.max(1, Math.round(hours / dtH)) } : { day: source, dtH }

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
    const [worst, setWorst] = useState<number | string>(10)
    const [budget, setBudget] = useState<number | string>('')
    const [frontPoints, setFrontPoints] = useState<number | string>(0)
    const [samples, setSamples] = useState<number | string>(200)
    const [keep, setKeep] = useState<number | string>(8)
    const [seed, setSeed] = useState<number | string>(1)
    const [source, setSource] = useState<Source>('today')
    const [minutes, setMinutes] = useState<string>('60')
    const [hours, setHours] = useState<number | string>(24)
    const [plant, setPlant] = useState<{ name: string; text: string }>()
    const ofFleet = source === 'today' || source === 'tomorrow' || source === 'now'
    const name = source === 'file' ? (plant?.name ?? t('vpp.source.file')) : t(`vpp.source.${source}`)
    const ask = useAction(async () => {
        const preferences: VppPreferences = {
            alpha: 1 - Number(worst) / 100,
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
            ...(source === 'file' && plant ? { plant: plant.text } : {}),
            ...(ofFleet ? { plant: 'fleet', fleetDay: fleetDayOf(source, Number(minutes) / 60, Number(hours)) } : {}),
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
            <Select
                label={t('vpp.source')}
                data={sources.map((of) => ({ value: of, label: t(`vpp.source.${of}`) }))}
                value={source}
                onChange={(of) => of && setSource(of as Source)}
                allowDeselect={false}
                data-testid="study-source"
            />
            <FileButton
                onChange={(file) =>
                    void file?.text().then((text) => {
                        setPlant({ name: file.name, text })
                        setSource('file')
                    })
                }
                accept=".json,application/json"
            >
                {(props) => (
                    <Button {...props} variant="default">
                        {plant ? plant.name : t('vpp.choosePlant')}
                    </Button>
                )}
            </FileButton>
            {ofFleet && (
                <Select
                    label={t('vpp.period')}
                    data={['60', '30', '15', '5', '1'].map((m) => ({ value: m, label: t('vpp.minutes', { count: m }) }))}
                    value={minutes}
                    onChange={(m) => m && setMinutes(m)}
                    allowDeselect={false}
                />
            )}
            {source === 'now' && <NumberInput label={t('vpp.horizon')} value={hours} onChange={setHours} min={0.1} max={48} step={0.5} />}
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
            <NumberInput
                label={t('vpp.worst')}
                value={worst}
                onChange={setWorst}
                min={0.1}
                max={99}
                decimalScale={1}
                suffix=" %"
                required
                data-testid="study-worst"
            />
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
            <Button type="submit" loading={ask.busy} disabled={source === 'file' && !plant} data-testid="study-ask">
                {t('vpp.ask')}
            </Button>
            <FailureLine failure={ask.failure} />
        </form>
    )
}
