import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tours } from './list.ts'
import { type Step, splitPlace, stepAt, type Words } from './tour.ts'

const all = await Promise.all(tours.map(async (card) => ({ card, tour: await card.load() })))
const steps = all.flatMap(({ tour }) => tour.steps.map((step) => ({ name: `${tour.id}/${step.id}`, step })))

/** every source a page is made of, but the tours */
const folders = [join(import.meta.dirname, '..'), join(import.meta.dirname, '../../../../apps/vpp/src/view')]
const sources = folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.tsx') && !path.includes('/tour/'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')

test('a tour is found by its id, and has steps with ids of their own', () => {
    for (const { card, tour } of all) {
        expect(tour.id).toBe(card.id)
        expect(tour.steps.length).toBeGreaterThan(4)
        expect(new Set(tour.steps.map(({ id }) => id)).size).toBe(tour.steps.length)
    }
})

test('every step speaks both languages', () => {
    const words: Words[] = [...tours.flatMap(({ title, about }) => [title, about])]
    for (const { step } of steps) words.push(step.title, step.say, ...(step.todo ? [step.todo] : []))
    for (const { en, zh } of words) {
        expect(en).toMatch(/^[^\u4e00-\u9fff]{4,}$/)
        expect(zh, en).toMatch(/[\u4e00-\u9fff]{2}/)
    }
})

test('what a step points at is named by a page', () => {
    const named = (selector: string): boolean => {
        const [, attribute, , value] = /\[(data-[a-z]+)(\^?=)"([^"]+)"\]/.exec(selector) ?? []
        if (attribute === undefined) return selector.split(' ').every((part) => sources.includes(part.replace(/^\./, '')))
        if (sources.includes(`"${value}"`) || sources.includes(`'${value}'`)) return true
        // a name made at run time: `${name}-${card.id}`
        const [head, ...rest] = value!.split('-')
        return (
            sources.includes(`\`${value}-\${`) || (rest.length > 0 && (sources.includes(`\`${head}-\${`) || sources.includes(`'${head}'`)))
        )
    }
    const lost = steps.flatMap(({ name, step }) => (step.at ?? []).filter((s) => !named(s)).map((s) => `${name}: ${s}`))
    expect(lost).toEqual([])
})

test('what is to be done can be seen to be done, and what is shown says so', () => {
    const odd = ({ todo, done, show }: Step) => (todo === undefined) !== (done === undefined) || (show !== undefined && todo === undefined)
    expect(steps.filter(({ step }) => odd(step)).map(({ name }) => name)).toEqual([])
    // what moves the plant asks for a role
    expect(steps.filter(({ step }) => step.acts && !step.role).map(({ name }) => name)).toEqual([])
})

test('a link names the tour and the step; a step that is not there is the first', () => {
    expect(splitPlace('vpp/approve')).toEqual({ id: 'vpp', step: 'approve' })
    expect(splitPlace('vpp')).toEqual({ id: 'vpp', step: '' })
    const { tour } = all[0]!
    expect(stepAt(tour, tour.steps[3]!.id)).toBe(3)
    expect(stepAt(tour, 'gone')).toBe(0)
})
