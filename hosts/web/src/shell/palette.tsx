/** Ctrl-K: find a component, go to a page, do a thing. */
import { Modal } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import { componentName, splitComponent } from '../model/region.ts'
import { cardOfPoint, commandPoint, createWhatIf, go, link, points, region, replayAt, session, showWorld } from '../model/state.ts'
import { kindOf } from '../parts/component-link.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { useCell, useLang } from '../parts/use.ts'
import { lang, t } from '../text/index.ts'
import { beginTour, tours } from '../tour/list.ts'
import { railViews } from './rail.tsx'

interface Entry {
    readonly id: string
    readonly text: string
    readonly hint: string
    readonly icon: IconName
    readonly search: string
    run(): void
}

function pageEntries(isAdministrator: boolean): Entry[] {
    const views = railViews.filter((v) => v !== 'people' || isAdministrator)
    const actions: Entry[] = [
        ...tours.map(({ id, title }) => ({
            id: `tour-${id}`,
            text: t('tour.name', { title: title[lang.get()] }),
            hint: t('palette.action'),
            icon: 'help' as const,
            search: `tour guide ${title.en} ${title.zh}`,
            run: () => beginTour(id),
        })),
        {
            id: 'live',
            text: t('world.backToLive'),
            hint: t('palette.action'),
            icon: 'live',
            search: 'live now',
            run: () => showWorld('live'),
        },
        {
            id: 'hour',
            text: t('palette.hourAgo'),
            hint: t('palette.action'),
            icon: 'undo',
            search: 'replay hour ago',
            run: () => replayAt(Date.now() - 3_600_000),
        },
        {
            id: 'what-if',
            text: t('whatIf.branchHere'),
            hint: t('palette.action'),
            icon: 'what-if',
            search: 'what if branch',
            run: () => void createWhatIf(link.get().world).catch(() => go({ view: 'what-if' })),
        },
    ]
    const pages = views.map(
        (view): Entry => ({
            id: `view-${view}`,
            text: t(`view.${view}`),
            hint: t('palette.page'),
            icon: view,
            search: view,
            run: () => go({ view }),
        }),
    )
    return [...pages, ...actions].map((e) => ({ ...e, search: `${e.search} ${e.text}`.toLowerCase() }))
}

/** How well an entry answers: earlier and whole-word matches first; every typed word must occur. */
function score(search: string, words: readonly string[]): number {
    let total = 0
    for (const word of words) {
        const at = search.indexOf(word)
        if (at < 0) return -1
        total += at === 0 ? 3 : /[\s/]/.test(search[at - 1]!) ? 2 : 1
        if (search[at + word.length] === undefined || /[\s/]/.test(search[at + word.length]!)) total += 1
    }
    return total
}

export function Palette({ close }: { close: () => void }) {
    const lang = useLang()
    const index = useCell(region)
    const cards = useCell(points)
    const [query, setQuery] = useState('')
    const [at, setAt] = useState(0)
    const list = useRef<HTMLDivElement>(null)
    const now = session.get()
    const entries = useMemo(() => {
        const pages = pageEntries(now.state === 'signed-in' && now.person.role === 'administrator')
        if (!index) return pages
        const components = [...index.components].map((component): Entry => {
            const { id } = splitComponent(component)
            const name = componentName(index, component, lang)
            const kind = kindOf(component)
            return {
                id: component,
                text: `${name}`,
                hint: `${kind} ${id}`,
                icon: 'target',
                search: `${name} ${componentName(index, component, lang === 'zh' ? 'en' : 'zh')} ${id} ${kind} ${component}`.toLowerCase(),
                run: () => go({ pick: component }),
            }
        })
        const commands = index.json.switch.flatMap((s): Entry[] => {
            const point = `switch/${s.id}/closed`
            if (!cards.byId.has(point)) return []
            const name = componentName(index, `switch/${s.id}`, lang)
            return [
                {
                    id: `operate-${s.id}`,
                    text: `${t('command.operate')} ${s.id} – ${name}`,
                    hint: t('palette.command'),
                    icon: 'decisions',
                    search: `operate open close ${t('command.operate')} ${s.id} ${name}`.toLowerCase(),
                    run: () => {
                        go({ pick: s.component })
                        if (cardOfPoint(point)) commandPoint.set({ point })
                    },
                },
            ]
        })
        return [...pages, ...components, ...commands]
    }, [index, cards, lang, now])
    const found = useMemo(() => {
        const words = query.toLowerCase().split(/\s+/).filter(Boolean)
        if (!words.length) return entries.slice(0, 14)
        return entries
            .map((entry) => ({ entry, score: score(entry.search, words) }))
            .filter((x) => x.score >= 0)
            .sort((a, b) => b.score - a.score)
            .slice(0, 40)
            .map((x) => x.entry)
    }, [entries, query])
    const choose = (entry: Entry | undefined) => {
        if (!entry) return
        close()
        entry.run()
    }
    const move = (by: number) => {
        const next = Math.min(Math.max(at + by, 0), found.length - 1)
        setAt(next)
        list.current?.children[next]?.scrollIntoView({ block: 'nearest' })
    }
    return (
        <Modal
            opened
            onClose={close}
            withCloseButton={false}
            size="lg"
            padding={0}
            yOffset="12vh"
            classNames={{ body: 'palette' }}
            aria-label={t('palette.open')}
        >
            <input
                className="palette-input"
                // biome-ignore lint/a11y/noAutofocus: the palette is opened to be typed into
                autoFocus
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant={found[at] ? `palette-${at}` : undefined}
                placeholder={t('palette.placeholder')}
                value={query}
                data-testid="palette-input"
                onChange={(event) => {
                    setQuery(event.target.value)
                    setAt(0)
                }}
                onKeyDown={(event) => {
                    if (event.key === 'ArrowDown') move(1)
                    else if (event.key === 'ArrowUp') move(-1)
                    else if (event.key === 'Enter') choose(found[at])
                    else return
                    event.preventDefault()
                }}
            />
            <div id="palette-list" role="listbox" ref={list} aria-label={t('palette.open')}>
                {found.map((entry, i) => (
                    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the input, as a combobox does
                    <div
                        key={entry.id}
                        id={`palette-${i}`}
                        role="option"
                        tabIndex={-1}
                        aria-selected={i === at}
                        className={`palette-option${i === at ? ' is-at' : ''}`}
                        onPointerMove={() => setAt(i)}
                        onClick={() => choose(entry)}
                    >
                        <Icon name={entry.icon} size={16} />
                        <span>{entry.text}</span>
                        <small>{entry.hint}</small>
                    </div>
                ))}
                {found.length === 0 && <p className="palette-none">{t('palette.nothing', { query })}</p>}
            </div>
        </Modal>
    )
}
