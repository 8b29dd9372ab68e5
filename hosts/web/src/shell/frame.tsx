/** The room: top bar, rail, view, inspector, scrubber. A world that is not live frames the whole window. */
import { lazy, Suspense, useEffect, useState } from 'react'
import { type View, worldKind } from '../model/link.ts'
import { clearOutage } from '../model/security.ts'
import {
    commandPoint,
    go,
    link,
    linkState,
    liveFailure,
    loadFailure,
    loadRegion,
    pick,
    region,
    showWorld,
    tagAsked,
} from '../model/state.ts'
import { Failed, FailureLine, Loading } from '../parts/pages.tsx'
import { useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'
import { TourOffer } from '../tour/offer.tsx'
import { CommandSheet } from './command-sheet.tsx'
import { Inspector } from './inspector.tsx'
import { KeysHelp } from './keys-help.tsx'
import { OutageBar } from './outage-bar.tsx'
import { Palette } from './palette.tsx'
import { Rail, railViews } from './rail.tsx'
import { Scrubber } from './scrubber.tsx'
import { TagSheet } from './tag-sheet.tsx'
import { TopBar } from './top-bar.tsx'

const loaders: Record<View, () => Promise<{ default: React.ComponentType }>> = {
    world: () => import('../views/world.tsx').then((m) => ({ default: m.WorldView })),
    diagram: () => import('../views/diagram.tsx').then((m) => ({ default: m.DiagramView })),
    tables: () => import('../views/tables.tsx').then((m) => ({ default: m.TablesView })),
    trends: () => import('../views/trends.tsx').then((m) => ({ default: m.TrendsView })),
    alarms: () => import('../views/alarms.tsx').then((m) => ({ default: m.AlarmsView })),
    events: () => import('../views/events.tsx').then((m) => ({ default: m.EventsView })),
    studies: () => import('../views/studies.tsx').then((m) => ({ default: m.StudiesView })),
    vpp: () => import('../views/vpp.tsx').then((m) => ({ default: m.VppView })),
    decisions: () => import('../views/decisions.tsx').then((m) => ({ default: m.DecisionsView })),
    'what-if': () => import('../views/what-if.tsx').then((m) => ({ default: m.WhatIfView })),
    security: () => import('../views/security.tsx').then((m) => ({ default: m.SecurityView })),
    mapping: () => import('../views/mapping.tsx').then((m) => ({ default: m.MappingView })),
    status: () => import('../views/status.tsx').then((m) => ({ default: m.StatusView })),
    people: () => import('../views/people.tsx').then((m) => ({ default: m.PeopleView })),
}
const pages = Object.fromEntries(Object.entries(loaders).map(([view, load]) => [view, lazy(load)])) as Record<
    View,
    React.LazyExoticComponent<React.ComponentType>
>

const Tour = lazy(() => import('../tour/card.tsx').then((m) => ({ default: m.TourView })))
const ResourceInspector = lazy(() => import('../views/resource-inspector.tsx').then((m) => ({ default: m.ResourceInspector })))

const typing = (target: EventTarget | null) =>
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Keys that work everywhere; `?` lists them. */
function useShellKeys(open: { palette: () => void; help: () => void }) {
    // biome-ignore lint/correctness/useExhaustiveDependencies: the openers are setState functions
    useEffect(() => {
        const down = (event: KeyboardEvent) => {
            if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
                event.preventDefault()
                open.palette()
                return
            }
            if (event.ctrlKey || event.metaKey) return
            // no one types with Alt and a digit, but where it writes a sign, and then it is none of the digits
            if (event.altKey) {
                const view = railViews[Number(event.key) - 1]
                if (view) {
                    event.preventDefault()
                    go({ view })
                }
                return
            }
            if (typing(event.target)) return
            if (event.key === '/') {
                event.preventDefault()
                open.palette()
            } else if (event.key === '?') open.help()
            else if (event.key === 'Escape' && !event.defaultPrevented && !commandPoint.get() && !tagAsked.get()) {
                if (link.get().pick || !link.get().outage) pick('')
                else clearOutage()
            }
        }
        addEventListener('keydown', down)
        return () => removeEventListener('keydown', down)
    }, [])
}

export function Frame() {
    useLang()
    const view = useSlice(link, (l) => l.view)
    const world = useSlice(link, (l) => l.world)
    const picked = useSlice(link, (l) => l.pick)
    const index = useCell(region)
    const failed = useCell(loadFailure)
    const liveFailed = useCell(liveFailure)
    const connection = useCell(linkState)
    const touring = useSlice(link, (l) => l.tour !== '')
    const [palette, setPalette] = useState(false)
    const [help, setHelp] = useState(false)
    useShellKeys({ palette: () => setPalette(true), help: () => setHelp(true) })
    const Page = pages[view]
    // the view's code comes while the region does
    useEffect(() => void loaders[view]().catch(() => {}), [view])
    const kind = worldKind(world).kind
    useEffect(() => {
        document.title = `${t(`view.${view}`)} · Gridverse`
    }, [view])
    return (
        <div className="frame" data-testid="world-frame" data-world-kind={kind} data-world={world}>
            <a className="skip" href="#view">
                {t('shell.skip')}
            </a>
            {touring && (
                <Suspense>
                    <Tour />
                </Suspense>
            )}
            {!touring && <TourOffer />}
            <TopBar openPalette={() => setPalette(true)} openHelp={() => setHelp(true)} />
            <Rail />
            <main className="view" id="view" tabIndex={-1} data-view={view}>
                {connection === 'lost' && (
                    <p className="banner is-lost" role="status" data-testid="link-lost">
                        {t('shell.lost')}
                    </p>
                )}
                {liveFailed && (
                    <div className="banner is-failed">
                        <FailureLine failure={liveFailed} />
                        {kind !== 'live' && (
                            <button type="button" className="link" onClick={() => showWorld('live')}>
                                {t('world.backToLive')}
                            </button>
                        )}
                    </div>
                )}
                {index && <OutageBar />}
                {failed ? (
                    <Failed failure={failed} retry={() => void loadRegion()} />
                ) : index || view === 'world' ? (
                    <Suspense fallback={<Loading />}>
                        <Page key={view} />
                    </Suspense>
                ) : (
                    <Loading what={t('shell.loadingRegion')} />
                )}
            </main>
            {picked &&
                index &&
                (picked.startsWith('resource/') ? (
                    <Suspense fallback={<Loading />}>
                        <ResourceInspector id={picked.slice('resource/'.length)} />
                    </Suspense>
                ) : (
                    <Inspector component={picked} />
                ))}
            <Scrubber />
            <CommandSheet />
            <TagSheet />
            {palette && <Palette close={() => setPalette(false)} />}
            {help && <KeysHelp close={() => setHelp(false)} />}
        </div>
    )
}
