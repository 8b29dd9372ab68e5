/** Metrics that devices send and no component claims: a supervisor says what they are. */

import type { UnmappedPoint } from '@gridverse/twin'
import { Autocomplete, Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { post } from '../model/api.ts'
import { formatAge, formatValue } from '../model/format.ts'
import { points, session } from '../model/state.ts'
import { Empty, Failed, FailureLine, Loading, PageHead } from '../parts/pages.tsx'
import { useAction, useCell, useGet, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

export function MappingView() {
    useLang()
    const role = useSlice(session, (s) => (s.state === 'signed-in' ? s.person.role : 'viewer'))
    const list = useGet<UnmappedPoint[]>('/points/unmapped', { everyMs: 5000 })
    const may = role === 'supervisor' || role === 'administrator'
    return (
        <div className="page">
            <PageHead title={t('view.mapping')} about={may ? t('mapping.about') : t('mapping.viewer')} />
            {list.state === 'loading' && <Loading />}
            {list.state === 'failed' && <Failed failure={list.failure} retry={list.reload} />}
            {list.state === 'ready' &&
                (list.data.length === 0 ? (
                    <Empty title={t('mapping.none')}>{t('mapping.noneAbout')}</Empty>
                ) : (
                    <ul className="mapping">
                        {list.data.map((p) => (
                            <Unmapped key={p.id} point={p} may={may} done={list.reload} />
                        ))}
                    </ul>
                ))}
        </div>
    )
}

function Unmapped({ point, may, done }: { point: UnmappedPoint; may: boolean; done: () => void }) {
    const lang = useLang()
    const { cards } = useCell(points)
    const [to, setTo] = useState(point.suggestions[0] ?? '')
    const map = useAction(async () => {
        await post('/points/map', { id: point.id, to })
        done()
    })
    const options = useMemo(() => {
        const fitting = cards.filter((c) => c.unit === point.unit || point.unit === '').map((c) => c.id)
        return [...new Set([...point.suggestions, ...fitting])]
    }, [cards, point])
    return (
        <li data-testid={`unmapped-${point.id}`}>
            <div>
                <b className="mono">{point.id}</b>
                <span className="dim">
                    {point.device} · {formatValue(point.lastValue, point.unit, lang)} ·{' '}
                    {formatAge((Date.now() - point.lastMs) / 1000, lang)}
                </span>
            </div>
            <Autocomplete
                size="sm"
                aria-label={t('mapping.to')}
                placeholder={t('mapping.to')}
                value={to}
                onChange={setTo}
                data={options}
                limit={30}
                disabled={!may}
                description={point.suggestions.length ? t('mapping.suggested', { n: point.suggestions.length }) : t('mapping.noSuggestion')}
            />
            <Button
                disabled={!may || !cards.some((c) => c.id === to)}
                loading={map.busy}
                onClick={() => void map.run()}
                data-testid={`map-${point.id}`}
            >
                {t('mapping.map')}
            </Button>
            <FailureLine failure={map.failure} />
        </li>
    )
}
