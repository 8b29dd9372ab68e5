/** The card of a tour and the ring around what it speaks of. Both float over the page: nothing of it moves. */
import './tour.css'
import { useEffect, useRef, useState } from 'react'
import { failureText } from '../parts/said-text.ts'
import { useCell, useLang } from '../parts/use.ts'
import { t } from '../text/index.ts'
import { goToStep, mayDo, showStep, type Walk, walk, watchTour } from './guide.ts'
import { leaveTour, tours } from './list.ts'

export function TourView() {
    useEffect(watchTour, [])
    const now = useCell(walk)
    return now ? <Card now={now} /> : null
}

const typing = (target: EventTarget | null) =>
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** N and B go on and back, S shows; not while somebody types. */
function useTourKeys(keys: Readonly<Record<string, () => void>>) {
    const latest = useRef(keys)
    latest.current = keys
    useEffect(() => {
        const down = (event: KeyboardEvent) => {
            if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
            latest.current[event.key.toLowerCase()]?.()
        }
        addEventListener('keydown', down)
        return () => removeEventListener('keydown', down)
    }, [])
}

function Card({ now }: { now: Walk }) {
    const lang = useLang()
    const { tour, at, done, busy, failure, lacks, simulated } = now
    const step = tour.steps[at]!
    const title = tours.find((card) => card.id === tour.id)!.title[lang]
    const corner = useCorner(lacks ? [] : (step.at ?? []), step.id)
    const last = at === tour.steps.length - 1
    const may = mayDo(step)
    const show = step.show && may && (simulated || !step.acts) && !done ? () => void showStep() : undefined
    // what is being shown is seen to its end
    const next = () => !busy && !lacks && goToStep(at + 1)
    const back = () => !busy && at > 0 && goToStep(at - 1)
    useTourKeys({ n: next, b: back, s: () => show?.() })
    return (
        <section
            className={`tour-card is-${corner}`}
            aria-label={t('tour.name', { title })}
            data-testid="tour"
            data-tour-id={tour.id}
            data-step={step.id}
            data-done={done || !step.todo}
            onKeyDown={(event) => {
                if (event.key !== 'Escape') return
                event.preventDefault()
                event.stopPropagation()
                leaveTour()
            }}
        >
            <header>
                <small>
                    {title} · {t('tour.of', { n: at + 1, all: tour.steps.length })}
                </small>
                <button
                    type="button"
                    className="quiet"
                    onClick={leaveTour}
                    aria-label={t('tour.leave')}
                    title={t('tour.leave')}
                    data-testid="tour-leave"
                >
                    ✕
                </button>
            </header>
            <progress max={tour.steps.length} value={at + 1} aria-label={t('tour.of', { n: at + 1, all: tour.steps.length })} />
            <div aria-live="polite">
                <h2>{step.title[lang]}</h2>
                {lacks ? <p className="tour-lacks">{lacks[lang]}</p> : <p>{step.say[lang]}</p>}
                {step.todo && !lacks && (
                    <p className={`tour-todo${done ? ' is-done' : ''}`}>
                        <span aria-hidden="true">{done ? '✓' : '▸'}</span> {done ? t('tour.done') : step.todo[lang]}
                    </p>
                )}
                {step.todo && !done && !may && <p className="dim small">{t('tour.role', { role: t(`role.${step.role ?? 'viewer'}`) })}</p>}
                {step.todo && !done && may && step.acts && !simulated && <p className="dim small">{t('tour.field')}</p>}
                {now.stuck && <p className="failure-line">{t('tour.stuck')}</p>}
                {failure && <p className="failure-line">{failureText(failure)}</p>}
            </div>
            <footer>
                <button type="button" onClick={back} disabled={busy || at === 0} aria-keyshortcuts="B" data-testid="tour-back">
                    {t('tour.back')} <kbd>B</kbd>
                </button>
                {show && (
                    <button type="button" onClick={show} disabled={busy} aria-keyshortcuts="S" data-testid="tour-show">
                        {t(busy ? 'tour.showing' : 'tour.show')} <kbd>S</kbd>
                    </button>
                )}
                <button
                    type="button"
                    className={done || !step.todo ? 'is-first' : ''}
                    onClick={next}
                    disabled={busy || lacks !== undefined}
                    aria-keyshortcuts="N"
                    data-testid="tour-next"
                >
                    {t(last ? 'tour.end' : done || !step.todo ? 'tour.next' : 'tour.skip')} <kbd>N</kbd>
                </button>
            </footer>
        </section>
    )
}

const corners = ['bottom-right', 'bottom-left', 'top-right', 'top-left'] as const
type Corner = (typeof corners)[number]

/** How much of the element a card in this corner would hide, px²; the sizes are those of the sheet. */
function hidden(corner: Corner, box: DOMRect): number {
    const phone = innerWidth <= 720
    const [width, height] = phone ? [innerWidth - 16, 0.42 * innerHeight] : [360, 260]
    const left = phone ? 8 : corner.endsWith('left') ? 88 : innerWidth - 12 - width
    const top = corner.startsWith('top') ? (phone ? 54 : 62) : innerHeight - (phone ? 106 : 58) - height
    const across = Math.min(box.right, left + width) - Math.max(box.left, left)
    const down = Math.min(box.bottom, top + height) - Math.max(box.top, top)
    return Math.max(0, across) * Math.max(0, down)
}

/** Rings the first of these elements that is on the page, frame by frame, and names the corner where a card hides least of it. */
function useCorner(selectors: readonly string[], step: string): Corner {
    const [corner, setCorner] = useState<Corner>('bottom-right')
    const wanted = selectors.join('|')
    // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` is the selectors; the ring begins anew with each step
    useEffect(() => {
        const ring = document.createElement('div')
        ring.className = 'tour-ring'
        ring.setAttribute('aria-hidden', 'true')
        document.body.append(ring)
        let frame = 0
        let brought: Element | undefined
        let last = ''
        const draw = () => {
            frame = requestAnimationFrame(draw)
            const found =
                wanted === ''
                    ? undefined
                    : wanted
                          .split('|')
                          .map((s) => document.querySelector(s))
                          .find((e) => e && e.getClientRects().length > 0)
            if (found && found !== brought) {
                brought = found
                const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
                found.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' })
            }
            const box = found?.getBoundingClientRect()
            const text = box ? [box.left, box.top, box.width, box.height].map(Math.round).join(' ') : ''
            if (text === last) return
            last = text
            ring.style.display = box ? '' : 'none'
            if (!box) return
            Object.assign(ring.style, {
                left: `${box.left - 4}px`,
                top: `${box.top - 4}px`,
                width: `${box.width + 8}px`,
                height: `${box.height + 8}px`,
            })
            setCorner((now) => (hidden(now, box) === 0 ? now : [...corners].sort((a, b) => hidden(a, box) - hidden(b, box))[0]!))
        }
        draw()
        return () => {
            cancelAnimationFrame(frame)
            ring.remove()
        }
    }, [wanted, step])
    return corner
}
