import { expect, test } from 'vitest'
import { createCell, throttleCell } from './cell.ts'

test('watchers hear of changes only, and can stop listening', () => {
    const cell = createCell(1)
    let heard = 0
    const stop = cell.subscribe(() => heard++)
    cell.set(1)
    cell.set(2)
    cell.update((n) => n + 1)
    stop()
    cell.set(9)
    expect(heard).toBe(2)
    expect(cell.get()).toBe(9)
})

test('a throttled cell speaks at most once a period and ends on the last value', () => {
    let clock = 0
    const due: { at: number; run: () => void }[] = []
    const cell = createCell(0)
    const slow = throttleCell(
        cell,
        250,
        () => clock,
        (run, ms) => due.push({ at: clock + ms, run }),
    )
    const heard: number[] = []
    slow.subscribe(() => heard.push(slow.get()))
    for (clock = 0; clock <= 1000; clock += 10) {
        for (const timer of due.splice(0)) timer.at <= clock ? timer.run() : due.push(timer)
        cell.set(clock + 1)
    }
    for (const timer of due) timer.run()
    expect(heard.length).toBeLessThanOrEqual(6)
    expect(heard.at(-1)).toBe(cell.get())
})
