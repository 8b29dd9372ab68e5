/** A live value as it is shown everywhere: number, unit, quality mark; stale ones hatch. */
import { type PointCard, qualityOf } from '@gridverse/twin'
import { useRef } from 'react'
import { digitsOfValue, formatNumber, formatValue } from '../model/format.ts'
import { values } from '../model/state.ts'
import { t } from '../text/index.ts'
import { QualityMark } from './marks.tsx'
import { useBeat, useLang } from './use.ts'

/** Best value of a point: measured or substituted, else what the estimator says. */
export function readPoint(index: number) {
    const value = values.value[index] ?? Number.NaN
    const estimated = values.estimated[index] ?? Number.NaN
    const known = !Number.isNaN(value)
    return {
        value: known ? value : estimated,
        quality: known ? qualityOf(values.quality[index] ?? 0) : ('estimated' as const),
        valueMs: values.valueMs[index] ?? Number.NaN,
        estimated,
    }
}

/** Which limit a value stands beyond: 0 none, 1 attention, 2 action. */
export function beyondLimit(card: PointCard, value: number): 0 | 1 | 2 {
    const { limits, quantity } = card
    // a generator at its ceiling is at work, not in trouble
    if (
        !limits ||
        Number.isNaN(value) ||
        !(quantity === 'vmPu' || quantity === 'loadingPercent' || quantity === 'frequencyHz' || quantity === 'socPercent')
    )
        return 0
    if (value < (limits.lowLow ?? -Infinity) || value > (limits.highHigh ?? Infinity)) return 2
    return value < (limits.low ?? -Infinity) || value > (limits.high ?? Infinity) ? 1 : 0
}

export function statusText(value: number): string {
    if (Number.isNaN(value)) return t('state.unknown')
    return value >= 0.5 ? t('state.closed') : t('state.open')
}

export function Value({ card, unit = true }: { card: PointCard; unit?: boolean }) {
    useBeat()
    const lang = useLang()
    const { value, quality } = readPoint(card.index)
    const unknown = Number.isNaN(value)
    const shown =
        card.kind === 'status'
            ? statusText(value)
            : unit
              ? formatValue(value, card.unit, lang)
              : formatNumber(value, digitsOfValue(value, card.unit), lang)
    const beyond = beyondLimit(card, value)
    // a position that changed is tinted for a moment; numbers change all the time and stay quiet
    const was = useRef({ shown, atMs: Number.NEGATIVE_INFINITY })
    if (was.current.shown !== shown) was.current = { shown, atMs: performance.now() }
    const tinted = card.kind === 'status' && performance.now() - was.current.atMs < 2000
    return (
        <span
            className={`value is-${quality}${beyond ? ` beyond-${beyond}` : ''}${tinted ? ' is-tinted' : ''}`}
            data-testid={`value-${card.id}`}
            data-value={unknown ? '' : value}
        >
            {beyond > 0 && (
                <span className="beyond-sign" title={t(beyond === 2 ? 'limit.action' : 'limit.attention')}>
                    {beyond === 2 ? '▲▲' : '▲'}
                </span>
            )}
            {shown}
            {!unknown && <QualityMark quality={quality} />}
        </span>
    )
}
