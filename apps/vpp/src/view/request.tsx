/** Asking for a plan: in words or by form, which plant and day, what for, how much risk, within which limits. */
import { Button, FileButton, NumberInput, Select, Slider, TextInput } from '@mantine/core'
import { useState } from 'react'
import { type PlanObjective, type PlanRequest, planObjectives, planSteps, studyOf } from '../request.ts'
import './request.css'
import { readSentence } from '../request-sentence.ts'
import type { VppPreferences } from '../run.ts'
import { LimitRows } from './limit-rows.tsx'
import type { PlanCard } from './plans.ts'
import { SentenceBox } from './sentence.tsx'
import { useShell } from './shell.ts'

const sources = ['today', 'tomorrow', 'now', 'district', 'file'] as const
type Source = (typeof sources)[number]
const measures = ['expectedCost', 'cvar', 'co2Kg', 'curtailedKwh'] as const

/** What is asked for, as the form holds it. */
type Draft = Omit<PlanRequest, 'day'> & { readonly source: Source }
const blank: Draft = { source: 'today', objective: 'weight', beta: 0.2, worstPercent: 10, hours: 24, stepMin: 60, limits: [] }
const draftOf = ({ day, ...request }: PlanRequest): Draft => ({ ...blank, ...request, source: day })

export function RequestForm({ done, sentence }: { done: () => void; sentence: string }) {
    const { t, go } = useShell()
    const [draft, setDraft] = useState(() => (sentence ? draftOf(readSentence(sentence).request) : blank))
    return (
        <div className="vpp-request">
            <SentenceBox
                first={sentence}
                onRead={({ request }, words) => {
                    setDraft(draftOf(request))
                    go(`plan/new/${words}`)
                }}
            />
            <Fields draft={draft} change={(with_) => setDraft((now) => ({ ...now, ...with_ }))} done={done} />
            <p className="dim small">{t('vpp.request.about')}</p>
        </div>
    )
}

function Fields({ draft, change, done }: { draft: Draft; change: (with_: Partial<Draft>) => void; done: () => void }) {
    const { t, post, go, useAction, FailureLine } = useShell()
    const [title, setTitle] = useState('')
    const [frontPoints, setFrontPoints] = useState<number | string>(0)
    const [samples, setSamples] = useState<number | string>(200)
    const [keep, setKeep] = useState<number | string>(8)
    const [seed, setSeed] = useState<number | string>(1)
    const [plant, setPlant] = useState<{ name: string; text: string }>()
    const { source, objective, limits } = draft
    const ofFleet = source === 'today' || source === 'tomorrow' || source === 'now'
    const name = source === 'file' ? (plant?.name ?? t('vpp.source.file')) : t(`vpp.source.${source}`)
    const ask = useAction(async () => {
        const asked = studyOf({ ...draft, day: ofFleet ? source : 'today' })
        const preferences: VppPreferences = {
            ...asked.preferences,
            samples: Number(samples),
            keep: Number(keep),
            seed: Number(seed),
            frontPoints: Number(frontPoints),
        }
        const card = await post<PlanCard>('/studies', {
            study: 'vpp',
            title: title.trim() || name,
            preferences,
            ...(source === 'file' && plant ? { plant: plant.text } : {}),
            ...(ofFleet ? { plant: 'fleet', fleetDay: asked.fleetDay } : {}),
        })
        done()
        go(`plan/${card.id}`)
    })
    const numbered = (value: number | string) => (value === '' ? undefined : Number(value))
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
                onChange={(of) => of && change({ source: of as Source })}
                allowDeselect={false}
                data-testid="study-source"
            />
            <FileButton
                onChange={(file) =>
                    void file?.text().then((text) => {
                        setPlant({ name: file.name, text })
                        change({ source: 'file' })
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
                    data={planSteps.map((m) => ({ value: String(m), label: t('vpp.minutes', { count: m }) }))}
                    value={String(draft.stepMin)}
                    onChange={(m) => m && change({ stepMin: Number(m) })}
                    allowDeselect={false}
                />
            )}
            {source === 'now' && (
                <NumberInput
                    label={t('vpp.horizon')}
                    value={draft.hours ?? 24}
                    onChange={(hours) => change({ hours: Number(hours) })}
                    min={0.1}
                    max={48}
                    step={0.5}
                />
            )}
            <Select
                label={t('vpp.objective')}
                data={planObjectives.map((o) => ({ value: o, label: t(`vpp.objective.${o}`) }))}
                value={objective}
                onChange={(o) => o && change({ objective: o as PlanObjective })}
                allowDeselect={false}
                data-testid="study-objective"
            />
            {objective === 'weight' && (
                <div className="study-beta">
                    <span>
                        {t('vpp.beta')} <b>{(draft.beta ?? 0).toFixed(2)}</b>
                    </span>
                    <Slider
                        value={draft.beta ?? 0}
                        onChange={(beta) => change({ beta })}
                        min={0}
                        max={0.95}
                        step={0.05}
                        label={null}
                        thumbLabel={t('vpp.beta')}
                    />
                </div>
            )}
            {objective === 'front' &&
                measures.map((measure) => (
                    <NumberInput
                        key={measure}
                        label={t('vpp.weightOf', { measure: t(`vpp.measure.${measure}`) })}
                        value={Math.round(100 * (draft.frontWeights?.[measure] ?? (draft.frontWeights ? 0 : 0.25)))}
                        onChange={(share) => {
                            const now = draft.frontWeights ?? Object.fromEntries(measures.map((m) => [m, 0.25]))
                            change({ frontWeights: { ...now, [measure]: Number(share) / 100 } })
                        }}
                        min={0}
                        max={100}
                        suffix=" %"
                    />
                ))}
            {(objective === 'budget' || draft.riskBudget !== undefined) && (
                <NumberInput
                    label={t('vpp.budget')}
                    value={draft.riskBudget ?? ''}
                    onChange={(value) => {
                        const riskBudget = numbered(value)
                        change(riskBudget === undefined ? { riskBudget: undefined as never } : { riskBudget })
                    }}
                    required={objective === 'budget'}
                    data-testid="study-budget"
                />
            )}
            <NumberInput
                label={t('vpp.worst')}
                value={draft.worstPercent ?? 10}
                onChange={(value) => change({ worstPercent: Number(value) })}
                min={0.1}
                max={99}
                decimalScale={1}
                suffix=" %"
                required
                data-testid="study-worst"
            />
            <NumberInput label={t('vpp.samples')} value={samples} onChange={setSamples} min={0} max={5000} data-tour="scenarios" />
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
            <LimitRows limits={limits} set={(next) => change({ limits: next })} />
            <Button type="submit" loading={ask.busy} disabled={source === 'file' && !plant} data-testid="study-ask">
                {t('vpp.ask')}
            </Button>
            <FailureLine failure={ask.failure} />
        </form>
    )
}
