/** The top bar: which world, what time, the totals that must add up, how far to trust them, what is wrong, who is here. */

import { type AlarmPriority, alarmPriorities } from '@gridverse/twin'
import { Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useEffect, useState } from 'react'
import { post } from '../model/api.ts'
import { formatDate, formatDateTime, formatNumber, formatTime } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import {
    alarms,
    createWhatIf,
    go,
    link,
    linkState,
    loadSession,
    region,
    session,
    showWorld,
    totals,
    values,
    worlds,
} from '../model/state.ts'
import { Icon } from '../parts/icon.tsx'
import { AlarmMark } from '../parts/marks.tsx'
import { useAction, useBeat, useCell, useLang, useSlice } from '../parts/use.ts'
import { setLang, t } from '../text/index.ts'

function WorldSwitch() {
    const lang = useLang()
    const world = useSlice(link, (l) => l.world)
    const list = useCell(worlds)
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const { kind, tMs } = worldKind(world)
    const card = list.find((w) => w.id === world)
    const branch = useAction(() => createWhatIf(world))
    const detail = kind === 'replay' ? formatDateTime(tMs, zone, lang) : kind === 'what-if' ? (card?.title ?? world) : ''
    return (
        <Menu position="bottom-start" width={300} withinPortal>
            <Menu.Target>
                <button type="button" className="world-switch" data-kind={kind} data-testid="world-switch" title={t('world.switch')}>
                    <Icon name={kind === 'live' ? 'live' : kind === 'replay' ? 'undo' : 'what-if'} />
                    <span className="world-name">
                        <b>{t(`world.${kind}`)}</b>
                        {detail && <small>{detail}</small>}
                    </span>
                </button>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.Item leftSection={<Icon name="live" />} onClick={() => showWorld('live')} data-testid="world-live">
                    {t('world.live')}
                    <small className="menu-about">{t('world.liveAbout')}</small>
                </Menu.Item>
                <Menu.Item
                    leftSection={<Icon name="undo" />}
                    onClick={() => showWorld(`replay@${Date.now() - 300_000}`)}
                    data-testid="world-replay"
                >
                    {t('world.replay')}
                    <small className="menu-about">{t('world.replayAbout')}</small>
                </Menu.Item>
                <Menu.Item
                    leftSection={<Icon name="plus" />}
                    onClick={() => void branch.run()}
                    disabled={branch.busy}
                    data-testid="whatif-branch"
                >
                    {t('whatIf.branchHere')}
                    <small className="menu-about">{t('whatIf.branchAbout')}</small>
                </Menu.Item>
                {list.some((w) => w.kind === 'what-if') && <Menu.Divider />}
                {list
                    .filter((w) => w.kind === 'what-if')
                    .map((w) => (
                        <Menu.Item
                            key={w.id}
                            leftSection={<Icon name="what-if" />}
                            onClick={() => showWorld(w.id)}
                            data-testid={`world-${w.id}`}
                        >
                            {w.title}
                            <small className="menu-about">{t('whatIf.editCount', { n: w.edits?.length ?? 0 })}</small>
                        </Menu.Item>
                    ))}
            </Menu.Dropdown>
        </Menu>
    )
}

/** The clock of the world on screen: grid-local and UTC. */
function Clock() {
    const lang = useLang()
    useBeat()
    const [, tick] = useState(0)
    const world = useSlice(link, (l) => l.world)
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    useEffect(() => {
        const timer = setInterval(() => tick((n) => n + 1), 1000)
        return () => clearInterval(timer)
    }, [])
    const shown = worldKind(world).kind === 'live' ? Date.now() : values.world === world ? values.tMs : Number.NaN
    return (
        <div className="clock" data-testid="clock" title={`${formatDate(shown, zone, lang)} · ${zone}`}>
            <b>{formatTime(shown, zone, lang)}</b>
            <small>{formatTime(shown, 'UTC', lang)} UTC</small>
        </div>
    )
}

function Figure({
    name,
    value,
    unit,
    digits,
    title,
    testId,
    level = 0,
}: {
    name: string
    value: number | undefined
    unit: string
    digits: number
    title?: string
    testId: string
    level?: 0 | 1 | 2
}) {
    const lang = useLang()
    return (
        <div className={`figure${level ? ` beyond-${level}` : ''}`} title={title} data-testid={testId}>
            <small>{name}</small>
            <b>
                {level > 0 && <span className="beyond-sign">▲</span>}
                {formatNumber(value, digits, lang)}
                <i> {unit}</i>
            </b>
        </div>
    )
}

function Totals() {
    useLang()
    const { summary, fidelity, world } = useCell(totals)
    const shown = useSlice(link, (l) => l.world)
    const nominal = useSlice(region, (r) => r?.json.network.frequencyHz ?? 50)
    const s = world === shown ? summary : undefined
    const f = world === shown ? fidelity : undefined
    const off = s ? Math.abs(s.frequencyHz - nominal) / nominal : 0
    return (
        <div className="totals" data-testid="totals" title={t('totals.balance')}>
            <Figure
                name={t('totals.frequency')}
                value={s?.frequencyHz}
                unit="Hz"
                digits={3}
                testId="total-frequency"
                level={off > 0.01 ? 2 : off > 0.004 ? 1 : 0}
            />
            <Figure name={t('totals.generation')} value={s?.generationMw} unit="MW" digits={1} testId="total-generation" />
            <span className="op">=</span>
            <Figure name={t('totals.load')} value={s?.loadMw} unit="MW" digits={1} testId="total-load" />
            <span className="op">+</span>
            <Figure name={t('totals.losses')} value={s?.lossesMw} unit="MW" digits={1} testId="total-losses" />
            <span className="op">−</span>
            <Figure
                name={t('totals.storage')}
                value={s?.storageMw}
                unit="MW"
                digits={1}
                title={t('totals.storageSign')}
                testId="total-storage"
            />
            <span className="op">−</span>
            <Figure
                name={t('totals.exchange')}
                value={s?.exchangeMw}
                unit="MW"
                digits={1}
                title={t('totals.exchangeSign')}
                testId="total-exchange"
            />
            <span className="op">+</span>
            <Figure
                name={t('totals.imbalance')}
                value={s?.imbalanceMw}
                unit="MW"
                digits={1}
                title={t('totals.imbalanceAbout')}
                testId="total-imbalance"
            />
            <FidelityFigure fidelity={f} />
        </div>
    )
}

function FidelityFigure({ fidelity: f }: { fidelity: ReturnType<typeof totals.get>['fidelity'] }) {
    const lang = useLang()
    if (!f) return <Figure name={t('fidelity.name')} value={undefined} unit="" digits={0} testId="fidelity" />
    const good = f.status === 'estimated' || f.status === 'solved'
    const title = [
        t(`fidelity.${f.status}`),
        t('fidelity.residual', { j: formatNumber(f.objective, 1, lang), limit: formatNumber(f.chiSquareLimit, 1, lang) }),
        t('fidelity.ages', { median: formatNumber(f.ageMedianS, 1, lang), max: formatNumber(f.ageMaxS, 0, lang) }),
        t('fidelity.counts', { measured: f.measuredCount, stale: f.staleCount }),
        ...(f.badData.length ? [t('fidelity.badData', { points: f.badData.map((b) => b.point).join(', ') })] : []),
        ...(f.unobservableBuses.length ? [t('fidelity.unobservableBuses', { buses: f.unobservableBuses.join(', ') })] : []),
    ].join('\n')
    return (
        <button
            type="button"
            className={`figure fidelity${good ? '' : ' beyond-1'}`}
            title={title}
            onClick={() => go({ view: 'status' })}
            data-testid="fidelity"
            data-status={f.status}
        >
            <small>{t('fidelity.name')}</small>
            <b>
                {!good && <span className="beyond-sign">▲</span>}
                {t(`fidelity.${f.status}`)}
                <i>
                    {' '}
                    {formatNumber(f.ageMedianS, 1, lang)} s{f.badData.length > 0 ? ` · ${f.badData.length} ?` : ''}
                </i>
            </b>
        </button>
    )
}

function AlarmCounts() {
    useLang()
    const list = useCell(alarms)
    const count: Record<AlarmPriority, { all: number; waiting: number }> = {
        critical: { all: 0, waiting: 0 },
        high: { all: 0, waiting: 0 },
        medium: { all: 0, waiting: 0 },
        low: { all: 0, waiting: 0 },
    }
    for (const a of list.values()) {
        if (a.state === 'shelved' || a.state === 'suppressed' || a.state === 'out-of-service') continue
        count[a.priority].all++
        if (a.state !== 'acknowledged') count[a.priority].waiting++
    }
    return (
        <button
            type="button"
            className="alarm-counts"
            onClick={() => go({ view: 'alarms' })}
            title={t('alarms.show')}
            data-testid="alarm-counts"
        >
            {alarmPriorities.map((p) => (
                <span
                    key={p}
                    className={count[p].all ? `is-${p}${count[p].waiting ? ' is-waiting' : ''}` : 'is-none'}
                    data-testid={`alarm-count-${p}`}
                >
                    <AlarmMark priority={p} state={count[p].waiting ? 'unacknowledged' : 'acknowledged'} size={15} />
                    {count[p].all}
                </span>
            ))}
        </button>
    )
}

export function TopBar({ openPalette, openHelp }: { openPalette: () => void; openHelp: () => void }) {
    const lang = useLang()
    const person = useSlice(session, (s) => (s.state === 'signed-in' ? s.person : undefined))
    const connection = useCell(linkState)
    const scheme = useComputedColorScheme('dark')
    const { setColorScheme } = useMantineColorScheme()
    const signOut = async () => {
        await post('/sign-out').catch(() => {})
        await loadSession()
    }
    return (
        <header className="top-bar">
            <WorldSwitch />
            <Clock />
            <Totals />
            <AlarmCounts />
            <button
                type="button"
                className="search-button"
                onClick={openPalette}
                title={`${t('palette.open')} (Ctrl+K)`}
                data-testid="open-palette"
            >
                <Icon name="search" />
                <kbd>Ctrl K</kbd>
            </button>
            <Menu position="bottom-end" width={230} withinPortal>
                <Menu.Target>
                    <button type="button" className="person" data-testid="person" data-link={connection}>
                        <span className="person-letter">{(person?.name ?? '?').slice(0, 1).toUpperCase()}</span>
                        <span className="person-name">
                            {person?.name}
                            <small>{person && t(`role.${person.role}`)}</small>
                        </span>
                    </button>
                </Menu.Target>
                <Menu.Dropdown>
                    <Menu.Label>
                        {person?.name} · {person && t(`role.${person.role}`)}
                    </Menu.Label>
                    <Menu.Item
                        leftSection={<Icon name="theme" />}
                        onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
                        data-testid="switch-theme"
                    >
                        {t(scheme === 'dark' ? 'theme.light' : 'theme.dark')}
                    </Menu.Item>
                    <Menu.Item
                        leftSection={<span aria-hidden="true">文</span>}
                        onClick={() => setLang(lang === 'zh' ? 'en' : 'zh')}
                        data-testid="switch-language"
                    >
                        {lang === 'zh' ? 'English' : '中文'}
                    </Menu.Item>
                    <Menu.Item leftSection={<Icon name="help" />} onClick={openHelp}>
                        {t('keys.title')}
                    </Menu.Item>
                    <Menu.Divider />
                    <Menu.Item leftSection={<Icon name="lock" />} onClick={() => void signOut()} data-testid="sign-out">
                        {t('signIn.leave')}
                    </Menu.Item>
                </Menu.Dropdown>
            </Menu>
        </header>
    )
}
