/**
 * A panel in the world: words, a filling and buttons drawn on a canvas. Letters are at least 1.2° high where the panel is
 * read from, which its size and `fontPx` are chosen for.
 */
import { CanvasTexture, LinearFilter, Mesh, MeshBasicMaterial, PlaneGeometry, SRGBColorSpace } from 'three'

export interface PanelContent {
    readonly title: string
    readonly about: string
    /** name, value with its unit */
    readonly rows: readonly (readonly [string, string])[]
    /** 0 … 1; undefined without a store */
    readonly filled: number | undefined
    readonly foot: string
    readonly buttons: readonly PanelButton[]
}
export interface PanelButton {
    readonly id: string
    readonly text: string
    readonly off?: boolean
}
export interface Panel {
    readonly mesh: Mesh
    readonly content: PanelContent | undefined
    set(content: PanelContent): void
    /** The button at a place of the texture, u and v 0 … 1, v up. */
    buttonAt(u: number, v: number): string | undefined
    /** Middle of a button, m from the panel's middle, x right, y up. */
    placeOf(button: string): readonly [number, number] | undefined
    /** Lights the button under a ray. */
    light(button: string | undefined): void
    dispose(): void
}

const pixels = { width: 1152, height: 832 }
/** m */
const size = { width: 0.9, height: (0.9 * pixels.height) / pixels.width }
const fontPx = 44
const margin = 40
const buttonsAcross = 5
const buttonPx = { height: 88, gap: 14 }
const family = 'Inter, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
const ink = {
    back: '#101820',
    line: '#3b4a56',
    text: '#f2f6f9',
    quiet: '#a9b7c2',
    full: '#5fd39a',
    button: '#223140',
    lit: '#35506a',
    off: '#5d6973',
}

/** Height of a letter line seen from so far, degrees. */
export const textDegrees = (distanceM: number): number => (Math.atan((fontPx * size.width) / pixels.width / distanceM) * 180) / Math.PI

export function createPanel(): Panel {
    const canvas = document.createElement('canvas')
    canvas.width = pixels.width
    canvas.height = pixels.height
    const pen = canvas.getContext('2d')!
    const texture = new CanvasTexture(canvas)
    texture.colorSpace = SRGBColorSpace
    texture.minFilter = texture.magFilter = LinearFilter
    texture.generateMipmaps = false
    const geometry = new PlaneGeometry(size.width, size.height)
    const material = new MeshBasicMaterial({ map: texture, fog: false, toneMapped: false, transparent: true })
    const mesh = new Mesh(geometry, material)
    // over names of places, which know no depth
    mesh.renderOrder = 40
    let content: PanelContent | undefined
    let lit: string | undefined
    let drawn = ''

    const boxOf = (k: number, count: number) => {
        const rows = Math.ceil(count / buttonsAcross)
        const width = (pixels.width - 2 * margin - (buttonsAcross - 1) * buttonPx.gap) / buttonsAcross
        const [row, column] = [Math.floor(k / buttonsAcross), k % buttonsAcross]
        const top = pixels.height - margin - rows * buttonPx.height - (rows - 1) * buttonPx.gap
        return {
            x: margin + column * (width + buttonPx.gap),
            y: top + row * (buttonPx.height + buttonPx.gap),
            w: width,
            h: buttonPx.height,
        }
    }
    const write = (text: string, x: number, y: number, font: string, colour: string, width: number) => {
        pen.font = `${font} ${family}`
        pen.fillStyle = colour
        pen.fillText(text, x, y, width)
    }
    function draw(now: PanelContent): void {
        pen.textBaseline = 'middle'
        pen.textAlign = 'left'
        pen.fillStyle = ink.back
        pen.fillRect(0, 0, pixels.width, pixels.height)
        pen.strokeStyle = ink.line
        pen.lineWidth = 4
        pen.strokeRect(2, 2, pixels.width - 4, pixels.height - 4)
        const inner = pixels.width - 2 * margin
        write(now.title, margin, 62, `600 ${fontPx + 12}px`, ink.text, inner)
        write(now.about, margin, 124, `400 ${fontPx}px`, ink.quiet, inner)
        let y = 196
        for (const [name, value] of now.rows) {
            write(name, margin, y, `400 ${fontPx}px`, ink.quiet, inner * 0.5)
            pen.textAlign = 'right'
            write(value, pixels.width - margin, y, `600 ${fontPx}px`, ink.text, inner * 0.48)
            pen.textAlign = 'left'
            y += 60
        }
        if (now.filled !== undefined) {
            pen.fillStyle = ink.line
            pen.fillRect(margin, y - 20, inner, 18)
            pen.fillStyle = ink.full
            pen.fillRect(margin, y - 20, inner * now.filled, 18)
            y += 16
        }
        write(now.foot, margin, Math.max(y + 10, boxOf(0, now.buttons.length).y - 46), `400 ${fontPx}px`, ink.text, inner)
        now.buttons.forEach(({ id, text, off }, k) => {
            const b = boxOf(k, now.buttons.length)
            pen.fillStyle = id === lit && !off ? ink.lit : ink.button
            pen.beginPath()
            pen.roundRect(b.x, b.y, b.w, b.h, 12)
            pen.fill()
            pen.textAlign = 'center'
            write(text, b.x + b.w / 2, b.y + b.h / 2 + 2, `600 ${fontPx - 4}px`, off ? ink.off : ink.text, b.w - 12)
            pen.textAlign = 'left'
        })
        texture.needsUpdate = true
    }
    const redraw = () => {
        const next = `${lit} ${JSON.stringify(content)}`
        if (!content || next === drawn) return
        drawn = next
        draw(content)
    }
    return {
        mesh,
        get content() {
            return content
        },
        set(next) {
            content = next
            redraw()
        },
        buttonAt(u, v) {
            const [x, y] = [u * pixels.width, (1 - v) * pixels.height]
            return content?.buttons.find((button, k) => {
                const b = boxOf(k, content!.buttons.length)
                return !button.off && x >= b.x && x <= b.x + b.w && y >= b.y && y <= b.y + b.h
            })?.id
        },
        placeOf(id) {
            const k = content?.buttons.findIndex((button) => button.id === id) ?? -1
            if (k < 0) return undefined
            const b = boxOf(k, content!.buttons.length)
            return [((b.x + b.w / 2) / pixels.width - 0.5) * size.width, (0.5 - (b.y + b.h / 2) / pixels.height) * size.height]
        },
        light(id) {
            lit = id
            redraw()
        },
        dispose() {
            mesh.removeFromParent()
            geometry.dispose()
            material.dispose()
            texture.dispose()
        },
    }
}
