import { expect, test } from 'vitest'
import { type Gestures, listen } from './pointer.ts'

/** A canvas of 1000 × 500 that only records listeners; events are given their fields directly. */
function pad() {
    const target = Object.assign(new EventTarget(), {
        style: { touchAction: '' },
        setPointerCapture() {},
        getBoundingClientRect: () => ({ left: 0, top: 0, width: 1000, height: 500 }),
    })
    const calls: unknown[][] = []
    const record =
        (name: string) =>
        (...args: unknown[]) =>
            calls.push([name, ...args])
    const gestures = Object.fromEntries(
        ['pan', 'turn', 'zoom', 'hold', 'hover', 'tap', 'open', 'key'].map((n) => [n, record(n)]),
    ) as unknown as Gestures
    const stop = listen(target as unknown as HTMLCanvasElement, gestures)
    let t = 0
    const send = (type: string, fields: Record<string, unknown>) => {
        const event = new Event(type, { cancelable: true })
        t += 16
        for (const [key, value] of Object.entries({ pointerId: 1, pointerType: 'mouse', button: 0, timeStamp: t, ...fields }))
            Object.defineProperty(event, key, { value })
        target.dispatchEvent(event)
        return event
    }
    return { send, stop, of: (name: string) => calls.filter((c) => c[0] === name) }
}

test('a press that hardly moves is a tap, two are an opening', () => {
    const { send, of } = pad()
    for (let k = 0; k < 2; k++) {
        send('pointerdown', { clientX: 10, clientY: 20 })
        send('pointermove', { clientX: 12, clientY: 21 })
        send('pointerup', { clientX: 12, clientY: 21 })
    }
    expect(of('tap')).toEqual([['tap', 12, 21]])
    expect(of('open')).toEqual([['open', 12, 21]])
    expect(of('pan')).toEqual([])
})

test('a drag pans by shares of the height, a right drag turns, neither taps', () => {
    const { send, of } = pad()
    send('pointerdown', { clientX: 100, clientY: 100 })
    send('pointermove', { clientX: 150, clientY: 100 })
    send('pointerup', { clientX: 150, clientY: 100 })
    expect(of('pan')).toEqual([['pan', -0.1, 0]])
    send('pointerdown', { clientX: 100, clientY: 100, button: 2 })
    send('pointermove', { clientX: 150, clientY: 100, button: 2 })
    send('pointerup', { clientX: 150, clientY: 100, button: 2 })
    expect(of('turn')).toHaveLength(1)
    expect(of('tap')).toEqual([])
})

test('two fingers moving apart zoom in about their middle', () => {
    const { send, of } = pad()
    send('pointerdown', { pointerType: 'touch', pointerId: 1, clientX: 400, clientY: 200 })
    send('pointerdown', { pointerType: 'touch', pointerId: 2, clientX: 600, clientY: 200 })
    send('pointermove', { pointerType: 'touch', pointerId: 2, clientX: 800, clientY: 200 })
    expect(of('zoom')).toEqual([['zoom', 2, 600, 200]])
})

test('keys pan, zoom, open and clear; others are left alone', () => {
    const { send, of } = pad()
    for (const key of ['ArrowLeft', '+', '-', 'Enter', 'Escape', 'Home']) expect(send('keydown', { key }).defaultPrevented).toBe(true)
    expect(send('keydown', { key: 'a' }).defaultPrevented).toBe(false)
    expect(of('pan')).toEqual([['pan', -0.09, 0]])
    expect(of('zoom').map((c) => c[1])).toEqual([1.25, 0.8])
    expect(of('key').map((c) => c[1])).toEqual(['open', 'clear', 'overview'])
})

test('the clean-up stops listening', () => {
    const { send, stop, of } = pad()
    stop()
    send('keydown', { key: 'Home' })
    expect(of('key')).toEqual([])
})
