/** A drawing of the page as a picture by itself: what the page's sheet says of each part is written into it. */

const written = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-size', 'font-family', 'font-weight', 'opacity']

/** PNG at twice the size on screen, on the ground of the page. */
export async function drawingAsPng(svg: SVGSVGElement): Promise<Blob> {
    const copy = svg.cloneNode(true) as SVGSVGElement
    const [from, to] = [svg, copy].map((root) => [root, ...root.querySelectorAll<SVGElement>('*')]) as [SVGElement[], SVGElement[]]
    from.forEach((part, k) => {
        const look = getComputedStyle(part)
        for (const name of written) to[k]!.style.setProperty(name, look.getPropertyValue(name))
    })
    const { width, height } = svg.getBoundingClientRect()
    const image = new Image()
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = 2 * width
    canvas.height = 2 * height
    const context = canvas.getContext('2d')!
    context.fillStyle = getComputedStyle(document.body).backgroundColor
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'))
}
