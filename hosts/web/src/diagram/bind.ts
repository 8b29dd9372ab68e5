/** Keeps a drawn diagram up to the values, touching only what changed. */
import { loadingColour } from '@gridverse/scene'
import { type PointCard, qualityOf } from '@gridverse/twin'
import { formatValue } from '../model/format.ts'
import type { PointIndex, Values } from '../model/values.ts'
import type { Lang } from '../text/index.ts'
import { hex } from './draw.tsx'

interface Bound {
    readonly index: number
    show(value: number, quality: number): void
}

const readBest = (values: Values, i: number) => {
    const v = values.value[i] ?? Number.NaN
    return Number.isNaN(v) ? (values.estimated[i] ?? Number.NaN) : v
}

/** Finds everything marked in `root`; the function returned lays the values over it. */
export function bindDiagram(
    root: Element,
    points: PointIndex,
    lang: Lang,
    theme: 'light' | 'dark',
    texts: { title(card: PointCard): string },
): (values: Values) => void {
    const bound: Bound[] = []
    const cardOf = (id: string) => {
        const component = id.slice(0, id.lastIndexOf('/'))
        return points.ofComponent.get(component)?.find((c) => c.id === id)
    }
    const neutral = theme === 'dark' ? 0x98a4ad : 0x4c5962
    for (const element of root.querySelectorAll<SVGElement>('[data-point]')) {
        const card = cardOf(element.dataset.point!)
        if (!card) {
            element.remove()
            continue
        }
        element.setAttribute('data-testid', `value-${card.id}`)
        const title = document.createElementNS('http://www.w3.org/2000/svg', 'title')
        title.textContent = texts.title(card)
        const text = document.createTextNode('–')
        element.replaceChildren(text, title)
        let was = ''
        bound.push({
            index: card.index,
            show(value, code) {
                const quality = qualityOf(code)
                const mark =
                    Number.isNaN(value) || quality === 'good'
                        ? ''
                        : quality === 'suspect'
                          ? ' ?'
                          : quality === 'stale'
                            ? ' ⧖'
                            : quality === 'substituted'
                              ? ' S'
                              : ' ≈'
                const shown = formatValue(value, card.unit, lang) + mark
                if (shown === was) return
                was = shown
                text.data = shown
                const beyond = card.limits && value > (card.limits.highHigh ?? Infinity) ? 2 : isBeyond(card, value) ? 1 : 0
                element.setAttribute('class', `figure-text is-${quality}${beyond ? ` beyond-${beyond}` : ''}`)
            },
        })
    }
    for (const element of root.querySelectorAll<SVGElement>('[data-switch]')) {
        const card = cardOf(element.dataset.switch!)
        if (!card) continue
        bound.push({
            index: card.index,
            show(value, code) {
                const quality = qualityOf(code)
                const state =
                    Number.isNaN(value) || quality === 'suspect' || quality === 'stale' ? 'unknown' : value >= 0.5 ? 'closed' : 'open'
                if (element.dataset.state !== state) element.dataset.state = state
            },
        })
    }
    for (const element of root.querySelectorAll<SVGElement>('[data-bus]')) {
        const card = cardOf(element.dataset.bus!)
        if (!card) continue
        bound.push({ index: card.index, show: (value) => void element.classList.toggle('is-dead', value < 0.1) })
    }
    const loadings = new Map<number, number>()
    for (const element of root.querySelectorAll<SVGElement>('[data-flow]')) {
        const card = cardOf(element.dataset.flow!)
        const loading = cardOf(element.dataset.loading!)
        if (!card) continue
        let was = ''
        bound.push({
            index: card.index,
            show(value) {
                const still = !(Math.abs(value) > 0.005)
                const percent = loading ? (loadings.get(loading.index) ?? Number.NaN) : Number.NaN
                const fill = hex(loadingColour(percent, neutral, theme))
                const key = `${still}${value < 0}${fill}`
                if (key === was) return
                was = key
                element.setAttribute('transform', value < 0 ? 'rotate(180)' : '')
                element.setAttribute('fill', fill)
                element.classList.toggle('is-still', still)
            },
        })
        if (loading) bound.unshift({ index: loading.index, show: (value) => void loadings.set(loading.index, value) })
    }
    for (const element of root.querySelectorAll<SVGElement>('[data-wire]')) {
        const card = cardOf(`${element.dataset.wire}/loadingPercent`)
        if (!card) continue
        bound.push({
            index: card.index,
            show(value) {
                element.classList.toggle('is-over', value >= 100)
                element.classList.toggle('is-near', value >= 80 && value < 100)
                element.classList.toggle('is-idle', value < 0.05)
            },
        })
    }
    return (values) => {
        for (const { index, show } of bound) show(readBest(values, index), values.quality[index] ?? 0)
    }
}

function isBeyond(card: PointCard, value: number): boolean {
    const { limits, quantity } = card
    if (!limits || !(quantity === 'vmPu' || quantity === 'loadingPercent')) return false
    return value > (limits.high ?? Infinity) || value < (limits.low ?? -Infinity)
}

/** Marks what is picked. */
export function markPicked(root: Element, component: string): void {
    for (const element of root.querySelectorAll('.is-picked')) element.classList.remove('is-picked')
    if (component) for (const element of root.querySelectorAll(`[data-pick="${CSS.escape(component)}"]`)) element.classList.add('is-picked')
}

/** Marks what is in alarm, worst priority last so that it wins. */
export function markAlarms(root: Element, worst: ReadonlyMap<string, string>): void {
    for (const element of root.querySelectorAll('[data-alarm]')) element.removeAttribute('data-alarm')
    for (const [component, priority] of worst)
        for (const element of root.querySelectorAll(`[data-pick="${CSS.escape(component)}"]`)) element.setAttribute('data-alarm', priority)
}

/** Lights the path to sources and loads and fades the rest; nothing given brings all back. */
export function markTrace(root: Element, side: ReadonlyMap<string, 'up' | 'down'> | undefined): void {
    root.classList.toggle('is-tracing', side !== undefined)
    for (const element of root.querySelectorAll('[data-trace]')) element.removeAttribute('data-trace')
    for (const [component, way] of side ?? [])
        for (const element of root.querySelectorAll(`[data-pick="${CSS.escape(component)}"]`)) element.setAttribute('data-trace', way)
}

/** Lays an outage over the drawing: what is lost, and what is then above its rating. */
export function markOutage(root: Element, lost: string | undefined, over: Iterable<string> = []): void {
    for (const element of root.querySelectorAll('[data-outage]')) element.removeAttribute('data-outage')
    const mark = (component: string, as: string) => {
        for (const element of root.querySelectorAll(`[data-pick="${CSS.escape(component)}"], [data-wire="${CSS.escape(component)}"]`))
            element.setAttribute('data-outage', as)
    }
    for (const component of over) mark(component, 'over')
    if (lost) mark(lost, 'lost')
}

const svg = 'http://www.w3.org/2000/svg'
/** Hangs a tag on everything that is held: on a switch, or on the symbol of a unit. */
export function markHolds(
    root: Element,
    holds: readonly { readonly point: string; readonly by: string; readonly reason: string }[],
    words: (by: string, reason: string) => string,
): void {
    for (const tag of root.querySelectorAll('.held-tag')) tag.remove()
    for (const { point, by, reason } of holds) {
        const component = point.slice(0, point.lastIndexOf('/'))
        const place = root.querySelector(`[data-switch="${CSS.escape(point)}"], .symbol[data-pick="${CSS.escape(component)}"]`)
        if (!place) continue
        const tag = document.createElementNS(svg, 'path')
        tag.setAttribute('class', 'held-tag')
        tag.setAttribute('d', 'M6 6l5 5v9h-10v-9z')
        const title = document.createElementNS(svg, 'title')
        title.textContent = words(by, reason)
        tag.append(title)
        place.append(tag)
    }
}
