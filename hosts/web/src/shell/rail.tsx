/** The left rail (a bottom bar on a phone): one button per view. */
import { Menu } from '@mantine/core'
import type { View } from '../model/link.ts'
import { alarms, hrefOf, link, session } from '../model/state.ts'
import { Icon } from '../parts/icon.tsx'
import { useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

export const railViews: readonly View[] = [
    'world',
    'diagram',
    'tables',
    'trends',
    'alarms',
    'events',
    'decisions',
    'studies',
    'vpp',
    'what-if',
    'security',
    'mapping',
    'status',
    'people',
]
/** what stays on a phone's bar; the rest is behind "more" */
const phoneViews: readonly View[] = ['world', 'diagram', 'tables', 'alarms']

function RailLink({ view, phone }: { view: View; phone: boolean }) {
    const current = useSlice(link, (l) => l.view) === view
    // re-reads the address so that world and pick travel along
    useCell(link)
    const waiting = useSlice(alarms, (list) => {
        if (view !== 'alarms') return 0
        let n = 0
        for (const a of list.values()) if (a.state === 'unacknowledged' || a.state === 'returned-unacknowledged') n++
        return n
    })
    return (
        <a
            className={`rail-link${current ? ' is-current' : ''}${phone ? ' on-phone' : ''}`}
            href={hrefOf({ view, part: '', camera: '' })}
            aria-current={current ? 'page' : undefined}
            data-testid={`rail-${view}`}
        >
            <Icon name={view} size={20} />
            <span>{t(`view.${view}`)}</span>
            {waiting > 0 && <b className="rail-count">{waiting}</b>}
        </a>
    )
}

export function Rail() {
    useLang()
    const person = useSlice(session, (s) => (s.state === 'signed-in' ? s.person : undefined))
    const shown = railViews.filter((v) => v !== 'people' || person?.role === 'administrator')
    return (
        <nav className="rail" aria-label={t('shell.views')}>
            {shown.map((view) => (
                <RailLink key={view} view={view} phone={phoneViews.includes(view)} />
            ))}
            <Menu position="top-end" withinPortal>
                <Menu.Target>
                    <button type="button" className="rail-link rail-more" data-testid="rail-more">
                        <Icon name="menu" size={20} />
                        <span>{t('shell.more')}</span>
                    </button>
                </Menu.Target>
                <Menu.Dropdown>
                    {shown
                        .filter((v) => !phoneViews.includes(v))
                        .map((view) => (
                            <Menu.Item
                                key={view}
                                component="a"
                                href={hrefOf({ view, part: '', camera: '' })}
                                leftSection={<Icon name={view} />}
                            >
                                {t(`view.${view}`)}
                            </Menu.Item>
                        ))}
                </Menu.Dropdown>
            </Menu>
        </nav>
    )
}
