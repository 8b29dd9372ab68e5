/** Small signs that say state by shape as well as colour: quality of a value, priority and state of an alarm. */
import type { AlarmPriority, AlarmState, Quality } from '@gridverse/twin'
import { t } from '../text/index.ts'

const qualityGlyph: Record<Quality, string> = { good: '', suspect: '?', estimated: '≈', substituted: 'S', stale: '⧖' }

export function QualityMark({ quality }: { quality: Quality }) {
    if (quality === 'good') return null
    return (
        <abbr className={`mark-quality is-${quality}`} title={t(`quality.${quality}`)}>
            {qualityGlyph[quality]}
        </abbr>
    )
}

const priorityPath: Record<AlarmPriority, string> = {
    critical: 'M2 2h16v16h-16z',
    high: 'M10 1.5 19 18H1z',
    medium: 'M10 1 19 10 10 19 1 10z',
    low: 'M10 1a9 9 0 1 1 0 18a9 9 0 1 1 0-18z',
}
export const priorityNumber: Record<AlarmPriority, number> = { critical: 1, high: 2, medium: 3, low: 4 }

/** Priority by shape, number and colour: 1 square, 2 triangle, 3 diamond, 4 circle. Hollow once acknowledged. */
export function AlarmMark({ priority, state, size = 18 }: { priority: AlarmPriority; state?: AlarmState; size?: number }) {
    const quiet = state === 'acknowledged' || state === 'shelved' || state === 'suppressed' || state === 'out-of-service'
    const returned = state === 'returned-unacknowledged'
    return (
        <svg
            className={`mark-alarm is-${priority}${quiet ? ' is-quiet' : ''}${returned ? ' is-returned' : ''}`}
            width={size}
            height={size}
            viewBox="0 0 20 20"
            role="img"
            aria-label={`${t(`priority.${priority}`)}${state ? ` ${t(`alarmState.${state}`)}` : ''}`}
        >
            <path d={priorityPath[priority]} />
            <text x="10" y={priority === 'high' ? 16 : 14.2} textAnchor="middle">
                {priorityNumber[priority]}
            </text>
        </svg>
    )
}
