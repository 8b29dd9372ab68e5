/** What the house lends an application's desk: one object, the same for every desk. */
import { useMemo } from 'react'
import { Legend, Plot } from '../charts/plot.tsx'
import { get, post, put, remove } from '../model/api.ts'
import { formatDateTime, formatNumber, formatTime, toCsv } from '../model/format.ts'
import type { View } from '../model/link.ts'
import { apps, beat, go, hrefOf, instantShown, link, pick, playing, region, session, showWorld } from '../model/state.ts'
import { HoldButton } from '../parts/hold-button.tsx'
import { Empty, Failed, FailureLine, Loading } from '../parts/pages.tsx'
import { save } from '../parts/save.ts'
import { useAction, useCell, useGet, useLang, useSlice } from '../parts/use.ts'
import { fill } from '../text/index.ts'

const useApp = <T,>(app: string): T | undefined => useSlice(apps, (said) => said.get(app)) as T | undefined

/** The moment of the past on screen, Unix ms; while it plays a step every other second. */
function useInstant(): number | undefined {
    useSlice(link, (l) => l.world)
    useCell(playing)
    return useSlice(beat, instantShown)
}

export function useDeskHouse(view: View) {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const part = useSlice(link, (l) => (l.view === view ? l.part : ''))
    const instantMs = useInstant()
    const person = useSlice(session, (s) => (s.state === 'signed-in' ? s.person : undefined))
    return useMemo(
        () => ({
            lang,
            fill,
            number: (value: number | null | undefined, digits: number) => formatNumber(value, digits, lang),
            dateTime: (tMs: number | undefined) => formatDateTime(tMs, zone, lang),
            time: (tMs: number | undefined) => formatTime(tMs, zone, lang),
            useGet,
            useAction,
            useApp,
            get,
            post,
            put,
            remove,
            save,
            toCsv: (table: { header: readonly string[]; rows: readonly (readonly (string | number | null)[])[] }) =>
                toCsv(table.header, table.rows),
            instantMs,
            goLive: () => showWorld('live'),
            person: person?.name ?? '',
            mayAct: person !== undefined && person.role !== 'viewer',
            supervises: person?.role === 'supervisor' || person?.role === 'administrator',
            part,
            go: (to: string) => go({ view, part: to }),
            href: (to: string) => hrefOf({ view, part: to, camera: '' }),
            pick: (component: string, inWorld = false) => (inWorld ? go({ view: 'world', pick: component }) : pick(component)),
            Plot,
            Legend,
            HoldButton,
            Loading,
            Empty,
            Failed,
            FailureLine,
        }),
        [lang, zone, part, person, view, instantMs],
    )
}
