/** The desk of the virtual power plant: its tabs, each with an address of its own. */
import './desk.css'
import './plots.css'
import { type ComponentType, useMemo } from 'react'
import { ClaimsTab } from './claims.tsx'
import { DayTab } from './day.tsx'
import { DevicesTab } from './devices.tsx'
import { LearningTab } from './learning.tsx'
import { NowTab } from './now.tsx'
import { PastBar } from './past.tsx'
import { PlanTab } from './plan.tsx'
import { ResourcePanel } from './resource-panel.tsx'
import { type House, ShellProvider, useShell, withWords } from './shell.ts'

const tabs = {
    now: NowTab,
    plan: PlanTab,
    day: DayTab,
    learning: LearningTab,
    claims: ClaimsTab,
    devices: DevicesTab,
} as const satisfies Record<string, ComponentType<{ id: string }>>
type TabName = keyof typeof tabs
const names = Object.keys(tabs) as TabName[]
/** tabs that show the moment chosen; the others know only now */
const replayed: ReadonlySet<TabName> = new Set(['now', 'devices'])

export function VppDesk({ house }: { house: House }) {
    const shell = useMemo(() => withWords(inThePast(house)), [house])
    const [first = '', ...rest] = shell.part.split('/')
    const tab = names.find((name) => name === first) ?? names[0]!
    const Tab = tabs[tab]
    return (
        <ShellProvider value={shell}>
            <div className="page vpp-desk" data-testid="vpp-desk">
                <TabBar current={tab} />
                <PastBar replayed={replayed.has(tab)} />
                <div role="tabpanel" id="vpp-panel" aria-labelledby={`vpp-tab-${tab}`} data-tab={tab}>
                    <Tab key={tab} id={rest.join('/')} />
                </div>
            </div>
        </ShellProvider>
    )
}

/** Nobody acts in the past. */
const inThePast = (house: House): House =>
    house.instantMs === undefined ? house : { ...house, mayAct: false, mightAct: house.mayAct, supervises: false }

/** One resource by itself, for the inspector of the house. */
export function VppResource({ house, id, close }: { house: House; id: string; close: () => void }) {
    const shell = useMemo(() => withWords(inThePast(house)), [house])
    return (
        <ShellProvider value={shell}>
            <ResourcePanel id={id} close={close} />
        </ShellProvider>
    )
}

/** Arrow keys, Home and End walk the tabs, as tab lists do; each is a link that may be sent. */
function TabBar({ current }: { current: TabName }) {
    const { t, href, go } = useShell()
    return (
        <div
            role="tablist"
            aria-label={t('vpp.tabs')}
            className="vpp-tabs"
            onKeyDown={(event) => {
                const at = names.indexOf(current)
                const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key]
                if (to === undefined) return
                event.preventDefault()
                const name = names[(to + names.length) % names.length]!
                go(name)
                document.getElementById(`vpp-tab-${name}`)?.focus()
            }}
        >
            {names.map((name) => (
                <a
                    key={name}
                    id={`vpp-tab-${name}`}
                    role="tab"
                    href={href(name)}
                    aria-selected={name === current}
                    aria-controls="vpp-panel"
                    tabIndex={name === current ? 0 : -1}
                    data-testid={`vpp-tab-${name}`}
                >
                    {t(`vpp.tab.${name}`)}
                </a>
            ))}
        </div>
    )
}
