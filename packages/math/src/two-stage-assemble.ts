/** Scenarios of a two-stage program as blocks of equations: slacks for rows with room, and a row and two columns for the tail of the costs. */
import { type BlockPattern, type BlockWork, createBlockPattern, createBlockWork } from './two-stage-block.ts'
import { type Columns, createColumns } from './two-stage-columns.ts'
import type { TwoStageProgram, TwoStageScenario } from './two-stage-program.ts'

export interface Block {
    readonly pattern: BlockPattern
    readonly work: BlockWork
    readonly columns: Columns
    readonly b: Float64Array
    readonly lambda: Float64Array
    readonly dlambda: Float64Array
    /** b − W·y − T·x */
    readonly miss: Float64Array
    readonly upper: Float64Array
    readonly inverseD: Float64Array
    /** right side and answer in the order of elimination, the border behind */
    readonly side: Float64Array
}

/** Gives what makes blocks; those of the same shape share their pattern. Costs are weighted by probability, risk and the number of scenarios. */
export function createAssembler({ first, alpha, beta, scenarios }: TwoStageProgram): (scenario: TwoStageScenario) => Block {
    const n0 = first.cost.length
    const nFirst = n0 + (beta > 0 ? 1 : 0)
    const scale = scenarios.length
    const patterns: { of: TwoStageScenario; pattern: BlockPattern; work: BlockWork }[] = []
    return createBlock

    function createBlock(scenario: TwoStageScenario): Block {
        const { rows, probability } = scenario
        const own = rows.cost.length - n0
        const count = rows.rowLower.length
        const unequal: number[] = []
        for (let r = 0; r < count; r++) if (rows.rowLower[r] !== rows.rowUpper[r]) unequal.push(r)
        const tail = beta > 0 ? 1 : 0
        const n = own + unequal.length + 2 * tail
        const m = count + tail
        const cost = new Float64Array(n)
        const lower = new Float64Array(n)
        const upper = new Float64Array(n)
        for (let j = 0; j < own; j++) {
            cost[j] = scale * (1 - beta) * probability * rows.cost[n0 + j]
            lower[j] = rows.lower[n0 + j]
            upper[j] = rows.upper[n0 + j]
        }
        unequal.forEach((r, k) => {
            lower[own + k] = rows.rowLower[r]
            upper[own + k] = rows.rowUpper[r]
        })
        if (tail) {
            cost[n - 2] = (scale * beta * probability) / (1 - alpha)
            upper[n - 2] = Infinity
            upper[n - 1] = Infinity
        }
        let known = patterns.find(
            ({ of }) =>
                of.rows.start === rows.start &&
                of.rows.column === rows.column &&
                of.rows.value === rows.value &&
                (!tail || of.rows.cost === rows.cost) &&
                sameKinds(of, scenario),
        )
        if (!known) {
            const pattern = createPattern(scenario, own, unequal, n, m)
            known = { of: scenario, pattern, work: createBlockWork(pattern) }
            patterns.push(known)
        }
        const { pattern, work } = known
        const b = new Float64Array(m)
        const { position } = pattern.elimination
        for (let r = 0; r < count; r++) b[position[r]] = rows.rowLower[r] === rows.rowUpper[r] ? rows.rowLower[r] : 0
        if (tail) b[position[count]] = scenario.constant
        return {
            pattern,
            work,
            columns: createColumns(cost, lower, upper),
            b,
            lambda: new Float64Array(m),
            dlambda: new Float64Array(m),
            miss: new Float64Array(m),
            upper: new Float64Array(pattern.upperCol.length),
            inverseD: new Float64Array(m),
            side: new Float64Array(m + pattern.nBorder),
        }
    }

    function sameKinds(a: TwoStageScenario, b: TwoStageScenario) {
        const { rowLower: al, rowUpper: au } = a.rows
        const { rowLower: bl, rowUpper: bu } = b.rows
        for (let r = 0; r < al.length; r++) if ((al[r] === au[r]) !== (bl[r] === bu[r])) return false
        return al.length === bl.length
    }

    function createPattern({ rows }: TwoStageScenario, own: number, unequal: readonly number[], n: number, m: number): BlockPattern {
        const mine = { row: [] as number[], col: [] as number[], value: [] as number[] }
        const linked = { row: [] as number[], col: [] as number[], value: [] as number[] }
        const put = (to: typeof mine, r: number, c: number, a: number) => {
            to.row.push(r)
            to.col.push(c)
            to.value.push(a)
        }
        let slack = 0
        for (let r = 0; r < rows.rowLower.length; r++) {
            for (let p = rows.start[r]; p < rows.start[r + 1]; p++) {
                const c = rows.column[p]
                if (rows.value[p] === 0) continue
                if (c < n0) put(linked, r, c, rows.value[p])
                else put(mine, r, c - n0, rows.value[p])
            }
            if (unequal[slack] === r) put(mine, r, own + slack++, -1)
        }
        if (beta > 0) {
            const r = m - 1
            for (let j = 0; j < own; j++) if (rows.cost[n0 + j] !== 0) put(mine, r, j, -rows.cost[n0 + j])
            put(mine, r, n - 2, 1)
            put(mine, r, n - 1, -1)
            put(linked, r, n0, 1)
        }
        return createBlockPattern(m, n, mine, nFirst, linked)
    }
}
