/** Start angles for a net that has not been solved: those of its slack buses, carried on through the shifts of transformers. */
import type { NetworkDraft } from '../network-draft.ts'

interface Link {
    readonly to: number
    /** angle there less angle here, degrees */
    readonly turn: number
}

/** Sets `vaDeg` of the buses read; buses nothing joins to a slack keep theirs. */
export function setStartAngles({ rows }: NetworkDraft): void {
    const links = new Map<number, Link[]>()
    const join = (from: number, to: number, turn: number) => {
        for (const [a, b, t] of [
            [from, to, turn],
            [to, from, -turn],
        ] as const) {
            const list = links.get(a) ?? []
            links.set(a, list)
            list.push({ to: b, turn: t })
        }
    }
    for (const k of rows.branch) if (k.inService !== false) join(k.fromBus, k.toBus, -(k.shiftDeg ?? 0))
    for (const c of rows.coupler) if (c.closed !== false) join(c.fromBus, c.toBus, 0)
    for (const t of rows.transformer3) {
        if (t.inService === false) continue
        join(t.bus1, t.bus2, (t.shift2Deg ?? 0) - (t.shift1Deg ?? 0))
        join(t.bus1, t.bus3, (t.shift3Deg ?? 0) - (t.shift1Deg ?? 0))
    }
    const angle = new Map<number, number>()
    const queue = rows.bus.filter((b) => b.type === 'slack').map((b) => b.id)
    for (const b of rows.bus) if (b.type === 'slack') angle.set(b.id, b.vaDeg ?? 0)
    for (let head = 0; head < queue.length; head++)
        for (const { to, turn } of links.get(queue[head]!) ?? [])
            if (!angle.has(to)) {
                angle.set(to, angle.get(queue[head]!)! + turn)
                queue.push(to)
            }
    rows.bus.forEach((b, i) => {
        const found = angle.get(b.id)
        if (found !== undefined) rows.bus[i] = { ...b, vaDeg: found + 0 }
    })
}
