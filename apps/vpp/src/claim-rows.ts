/** Claims and how far they reach as a table for export. */
import type { Claim, ClaimRegion, VolumeLimit } from '@gridverse/plan'

interface Tried {
    readonly claims: readonly Claim[]
    readonly regions: readonly ClaimRegion[]
    readonly volumeLimit?: VolumeLimit
}

/** Every figure of every experiment as rows: of the plant as it is, then along each parameter. */
export function claimRows({ claims, regions, volumeLimit }: Tried) {
    const rows: (string | number | null)[][] = []
    const add = (id: string, parameter: string, value: number | null, holds: boolean | undefined, figures: Claim['figures']) => {
        for (const [name, amount] of Object.entries(figures))
            rows.push([id, parameter, value, holds === undefined ? '' : holds ? 'yes' : 'no', name, amount])
    }
    for (const { id, holds, figures } of claims) add(id, '', null, holds, figures)
    for (const { claim, parameter, points } of regions)
        for (const p of points) add(claim, parameter, p.value, p.holds, p.problem === undefined ? p.figures : { [p.problem]: Number.NaN })
    for (const { flexibility, ...figures } of volumeLimit?.points ?? [])
        add('c', 'flexibility against spread', flexibility, undefined, figures)
    return {
        header: ['claim', 'parameter', 'value', 'holds', 'figure', 'amount'],
        rows: rows.map((row) => row.map((cell) => (typeof cell === 'number' && !Number.isFinite(cell) ? null : cell))),
    }
}
