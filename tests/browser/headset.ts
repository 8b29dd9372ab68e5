/** A headset for a page: an emulated one, put on before the page loads; aimed and pressed as a person would. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { root, until } from '../system/harness.ts'

export type Place = readonly [number, number, number]
interface Shown {
    readonly title: string
    readonly rows: readonly (readonly [string, string])[]
    readonly filled?: number
    readonly foot: string
}

/** Call before the page is opened. The room has a table of 0.74 m and nothing else. */
export async function putOnHeadset(page: Page): Promise<void> {
    await page.addInitScript({ path: join(root, 'node_modules/iwer/build/iwer.min.js') })
    await page.addInitScript(`{
        const device = new IWER.XRDevice(IWER.metaQuest3)
        window.xrDevice = device
        // a browser without a headset offers its own, empty door
        device.installRuntime({ forceInstall: true })
        device.installSEM(class {
            environmentCanvas = document.createElement('canvas')
            trackedPlanes = new Set()
            trackedMeshes = new Set()
            render() {}
            computeHitTestResults(ray) {
                // the ray runs against its z axis
                const [y, down] = [ray[13], ray[9]]
                if (down < 0.01) return []
                const far = (y - 0.74) / down
                return [new Float32Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, ray[12] - far * ray[8], 0.74, ray[14] - far * ray[10], 1])]
            }
        })
    }`)
}

const remote = (page: Page, method: string, params: object) =>
    page.evaluate<void>(`xrDevice.remote.dispatch(${JSON.stringify(method)}, ${JSON.stringify(params)})`)

/** So many frames of the session on. */
export const frames = (page: Page, count = 2) =>
    page.evaluate<void>(`new Promise((done) => {
        const session = gridverse.world.three.renderer.xr.getSession()
        let left = ${count}
        const next = () => (--left > 0 ? session.requestAnimationFrame(next) : done())
        session.requestAnimationFrame(next)
    })`)

export const said = <T = any>(page: Page, what: string): Promise<T> => page.evaluate<T>(`window.gridverse?.xr?.${what}`)
export const panel = (page: Page) => said<Shown | undefined>(page, 'panel')

export async function enter(page: Page, mode: 'immersive-vr' | 'immersive-ar'): Promise<void> {
    await page.getByTestId(mode).click()
    await until('the session', async () => (await said<number>(page, 'views')) === 2)
    await frames(page, 3)
}

/** Points at a component or a button of the panel, and presses trigger or pinches. */
export async function pointAndPress(page: Page, at: string, by: 'controller' | 'hand' = 'controller'): Promise<void> {
    const place = at.includes('/') ? `placeOf('${at}')` : `buttonAt('${at}')`
    const [x, y, z] = await said<Place>(page, place)
    // from above, as one reaches over a table; to a button from before it
    const from = at.includes('/') ? { x, y: y + 0.3, z: z + 0.04 } : { x: 0.25, y: 1.4, z: -0.35 }
    await remote(page, 'set_transform', { device: `${by}-right`, position: from })
    await remote(page, 'look_at', { device: `${by}-right`, target: { x, y, z } })
    await frames(page)
    const hold = (value: number) =>
        page.evaluate<void>(
            by === 'hand'
                ? `xrDevice.hands.right.updatePinchValue(${value})`
                : `xrDevice.controllers.right.updateButtonValue('trigger', ${value})`,
        )
    await hold(1)
    await frames(page)
    await hold(0)
    await seen(page, at)
}

/** The frame after a press, unless the press ended the session. */
const seen = (page: Page, at: string) => (at === 'exit' ? Promise.resolve() : frames(page))

export async function useHands(page: Page): Promise<void> {
    await remote(page, 'set_input_mode', { mode: 'hand' })
    await frames(page, 3)
}

/** Bows the head, rad. */
export const lookDown = (page: Page, rad: number) =>
    page.evaluate<void>(`xrDevice.quaternion.set(${Math.sin(-rad / 2)}, 0, 0, ${Math.cos(rad / 2)}); 0`)

/** Presses the trigger, wherever it points. */
export async function press(page: Page): Promise<void> {
    for (const value of [1, 0]) {
        await page.evaluate<void>(`xrDevice.controllers.right.updateButtonValue('trigger', ${value})`)
        await frames(page)
    }
}
