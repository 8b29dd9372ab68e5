/**
 * What a link holds: view, part of the view, world (with its instant), the picked component, camera and pens. It lives in
 * the URL's hash, so that a link can be sent, and back and forward work.
 */
export const views = [
    'world',
    'diagram',
    'tables',
    'trends',
    'alarms',
    'events',
    'decisions',
    'studies',
    'vpp',
    'what-if',
    'security',
    'mapping',
    'status',
    'people',
] as const
export type View = (typeof views)[number]

export interface Link {
    readonly view: View
    /** second part of the path: table, site, decision */
    readonly part: string
    /** `live`, `replay@1732280400000`, `what-if/ID` */
    readonly world: string
    /** component id such as `branch/L7`, '' for none */
    readonly pick: string
    /** branch whose loss is laid over the views, '' for none */
    readonly outage: string
    /** camera or pan and zoom, written by the view */
    readonly camera: string
    /** point ids of the trend pens */
    readonly pens: readonly string[]
    /** guided tour and its step, `vpp/approve`; '' for none */
    readonly tour: string
}

export const emptyLink: Link = { view: 'world', part: '', world: 'live', pick: '', outage: '', camera: '', pens: [], tour: '' }

export function parseLink(hash: string): Link {
    const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
    const [view = '', ...rest] = path.split('/')
    const params = new URLSearchParams(query)
    return {
        view: (views as readonly string[]).includes(view) ? (view as View) : 'world',
        part: rest.map(safeDecode).join('/'),
        world: params.get('world') || 'live',
        pick: params.get('pick') ?? '',
        outage: params.get('outage') ?? '',
        camera: params.get('camera') ?? '',
        pens: (params.get('pens') ?? '').split(',').filter(Boolean),
        tour: params.get('tour') ?? '',
    }
}

function safeDecode(text: string): string {
    try {
        return decodeURIComponent(text)
    } catch {
        return text
    }
}

export function formatLink(link: Link): string {
    const params: string[] = []
    const add = (name: string, value: string) => {
        // slash, comma, colon and at-sign may stand unescaped in a fragment; ids stay readable
        if (value) params.push(`${name}=${encodeURIComponent(value).replace(/%(2F|2C|3A|40)/g, decodeURIComponent)}`)
    }
    add('world', link.world === 'live' ? '' : link.world)
    add('pick', link.pick)
    add('outage', link.outage)
    add('camera', link.camera)
    add('pens', link.pens.join(','))
    add('tour', link.tour)
    const path = link.part ? `${link.view}/${link.part.split('/').map(encodeURIComponent).join('/')}` : link.view
    return `#/${path}${params.length ? `?${params.join('&')}` : ''}`
}

/** The token of a one-time link `#/welcome/TOKEN`, or undefined. */
export function welcomeToken(hash: string): string | undefined {
    return /^#\/welcome\/([^/?]+)/.exec(hash)?.[1]
}

export type WorldKind = 'live' | 'replay' | 'what-if' | 'forecast'
/** The kind of a world and, for a replay, its instant. */
export function worldKind(world: string): { kind: WorldKind; tMs?: number } {
    if (world.startsWith('replay@')) {
        const tMs = Number(world.slice('replay@'.length))
        return Number.isFinite(tMs) ? { kind: 'replay', tMs } : { kind: 'replay' }
    }
    if (world.startsWith('what-if/')) return { kind: 'what-if' }
    if (world.startsWith('forecast')) return { kind: 'forecast' }
    return { kind: 'live' }
}
