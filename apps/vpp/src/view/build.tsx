/** Building the twin of the virtual power plant, step by step: place and feeder, resources, market and risk, validation, build. */
import './build.css'
import { Button, FileButton, NumberInput, Select, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { TwinLook, TwinPlaces } from '../twin-answers.ts'
import { writeTwin } from '../twin-write.ts'
import { BuildStep, CheckStep } from './build-check.tsx'
import { ResourcesStep } from './build-resources.tsx'
import { IssueList } from './issue-list.tsx'
import { MarketEditor } from './market-editor.tsx'
import { useShell } from './shell.ts'
import { changeDraft, twinOf, useDraft } from './twin-draft.ts'

const steps = ['place', 'resources', 'market', 'check', 'build'] as const
type Step = (typeof steps)[number]

export function BuildTab({ step: asked }: { step: string }) {
    const { t, href, save } = useShell()
    const draft = useDraft()
    const at = Math.max(0, steps.indexOf(asked as Step))
    const step = steps[at]!
    const screens: Readonly<Record<Step, ReactNode>> = {
        place: <PlaceStep />,
        resources: <ResourcesStep />,
        market: <MarketEditor market={draft.market} set={(market) => changeDraft({ market })} />,
        check: <CheckStep />,
        build: <BuildStep />,
    }
    return (
        <div className="vpp-build" data-testid="vpp-build" data-step={step}>
            <ol className="vpp-steps" aria-label={t('vpp.build.steps')}>
                {steps.map((name, n) => (
                    <li key={name} className={n < at ? 'is-past' : ''}>
                        <a
                            href={href(`devices/build/${name}`)}
                            aria-current={name === step ? 'step' : undefined}
                            data-testid={`step-${name}`}
                        >
                            <b>{n + 1}</b> {t(`vpp.build.step.${name}`)}
                        </a>
                    </li>
                ))}
            </ol>
            <p className="dim">{t(`vpp.build.about.${step}`)}</p>
            {screens[step]}
            <p className="vpp-build-foot">
                {at > 0 && (
                    <a className="vpp-step-link" href={href(`devices/build/${steps[at - 1]}`)} data-testid="step-back">
                        ← {t(`vpp.build.step.${steps[at - 1]!}`)}
                    </a>
                )}
                {at < steps.length - 1 && (
                    <a className="vpp-step-link is-next" href={href(`devices/build/${steps[at + 1]}`)} data-testid="step-next">
                        {t(`vpp.build.step.${steps[at + 1]!}`)} →
                    </a>
                )}
                <Button
                    variant="default"
                    onClick={() => save(`${draft.name}.json`, writeTwin(twinOf(draft)), 'application/json')}
                    data-testid="twin-export"
                >
                    {t('vpp.build.export')}
                </Button>
            </p>
        </div>
    )
}

/** What it begins with, how it is called, and where its connection is. */
function PlaceStep() {
    const { t, number, useGet, Loading, Failed } = useShell()
    const draft = useDraft()
    const places = useGet<TwinPlaces>('/vpp/twin/places')
    if (places.state === 'loading') return <Loading />
    if (places.state === 'failed') return <Failed failure={places.failure} retry={places.reload} />
    const { timeZone, latDeg, lonDeg, feeders } = places.data
    const chosen = feeders.find(({ id }) => id === draft.place.feeder)
    const here = { timeZone, latDeg, lonDeg }
    const place = (with_: Partial<typeof draft.place>) => changeDraft({ place: { ...draft.place, ...here, ...with_ } })
    return (
        <>
            <Begin here={here} />
            <div className="vpp-form" data-testid="build-place">
                <TextInput
                    label={t('vpp.build.name')}
                    value={draft.name}
                    onChange={(e) => changeDraft({ name: e.currentTarget.value })}
                    data-testid="twin-name"
                />
                <Select
                    label={t('vpp.build.feeder')}
                    data={[
                        { value: '', label: t('vpp.build.wholeGrid') },
                        ...feeders.map((f) => ({
                            value: f.id,
                            label: t('vpp.build.feederOf', { name: f.name, kv: number(f.baseKv, 2), loads: f.loads.length, id: f.id }),
                        })),
                    ]}
                    value={draft.place.feeder}
                    onChange={(feeder) => place({ feeder: feeder ?? '' })}
                    allowDeselect={false}
                    data-testid="twin-feeder"
                />
                <NumberInput
                    label={`${t('vpp.market.importMaxKw')} [kW]`}
                    value={draft.market.importMaxKw}
                    onChange={(kw) => kw !== '' && changeDraft({ market: { ...draft.market, importMaxKw: Number(kw) } })}
                    min={0}
                    data-testid="twin-import"
                />
                <NumberInput
                    label={`${t('vpp.market.exportMaxKw')} [kW]`}
                    value={draft.market.exportMaxKw}
                    onChange={(kw) => kw !== '' && changeDraft({ market: { ...draft.market, exportMaxKw: Number(kw) } })}
                    min={0}
                />
                <NumberInput
                    label={`${t('vpp.build.twoPerson')} [kW]`}
                    value={draft.twoPersonKw ?? ''}
                    onChange={(kw) => kw !== '' && changeDraft({ twoPersonKw: Number(kw) })}
                    min={0}
                />
            </div>
            <p>{t('vpp.build.clock', { zone: timeZone, lat: number(latDeg, 2), lon: number(lonDeg, 2) })}</p>
            {chosen && (
                <details>
                    <summary>{t('vpp.build.buses', { buses: chosen.buses.length, loads: chosen.loads.length })}</summary>
                    <p className="mono vpp-wrap">{chosen.loads.map(({ id, kw }) => `${id} (${number(kw, 0)} kW)`).join(' · ')}</p>
                </details>
            )}
        </>
    )
}

/** From what stands here, from a file, from nothing. */
function Begin({ here }: { here: { timeZone: string; latDeg: number; lonDeg: number } }) {
    const { t, number, get, post, useAction, FailureLine } = useShell()
    const draft = useDraft()
    const [told, setTold] = useState<TwinLook>()
    const take = useAction(async (text: string) => {
        const look = await post<TwinLook>('/vpp/twin/check', { text })
        setTold(look)
        const { name, place, market, twoPersonKw, resources } = look.twin
        // the grid this platform runs says where it is
        changeDraft({
            name,
            place: { ...place, ...here },
            market,
            ...(twoPersonKw === undefined ? {} : { twoPersonKw }),
            resources,
            pasted: '',
        })
    })
    const standing = useAction(async () => {
        const twin = await get<object>('/vpp/twin')
        await take.run(JSON.stringify(twin))
    })
    return (
        <section className="vpp-begin">
            <Button variant="default" onClick={() => void standing.run()} loading={standing.busy} data-testid="begin-standing">
                {t('vpp.build.fromHere')}
            </Button>
            <FileButton onChange={(file) => void file?.text().then(take.run)} accept=".json,.csv,application/json,text/csv">
                {(props) => (
                    <Button {...props} variant="default" loading={take.busy}>
                        {t('vpp.build.fromFile')}
                    </Button>
                )}
            </FileButton>
            <Button
                variant="subtle"
                onClick={() => {
                    setTold(undefined)
                    changeDraft({ name: t('vpp.build.newName'), resources: [], pasted: '', place: { ...here, feeder: '' } })
                }}
                data-testid="begin-empty"
            >
                {t('vpp.build.fromNothing')}
            </Button>
            <span data-testid="draft-size">{t('vpp.build.holds', { count: number(draft.resources.length, 0) })}</span>
            <FailureLine failure={take.failure ?? standing.failure} />
            {told && told.issues.length > 0 && <IssueList issues={told.issues} />}
        </section>
    )
}
