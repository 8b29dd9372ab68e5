/**
 * Days drawn, and tried under a plan, by threads that share the work; their rows lie in shared memory. A day depends on its
 * number alone, so who draws it changes nothing.
 */
import {
    type Climate,
    type Costs,
    createDayDraw,
    createHistoryDraw,
    createVppSamples,
    dayOf,
    evaluateFirstStage,
    type FirstStage,
    type HistoryDay,
    NoSchedule,
    parseVpp,
    type Vpp,
} from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { rowOf, type Samples } from '@gridverse/study'
import { isTaken, partsDone, type Task, takeParts } from '../threads.ts'

export interface DrawWork {
    /** the instance's text */
    readonly text: string
    readonly climate: Climate
    readonly seed: number
    /** days are put together of these in blocks of so many hours; drawn from the process without */
    readonly history?: readonly HistoryDay[]
    readonly blockH: number
    /** trades and commitments every day is tried with; none leaves it at drawing */
    readonly given?: FirstStage
    /** parts are days */
    readonly task: Task
    /** `openDays` lies here */
    readonly rows: SharedArrayBuffer
}

export const dayStatus = ['open', 'drawn', 'evaluated', 'infeasible'] as const
export const costItems: readonly (keyof Costs)[] = [
    'operatingCost',
    'purchaseSaleCost',
    'gasTurbineCost',
    'storageCost',
    'loadReductionCost',
    'carbonCost',
    'otherCost',
]

/** Rows in shared memory: samples, what became of each day, and its costs. */
export interface SharedDays {
    readonly samples: Samples
    /** index of `dayStatus` */
    readonly status: Uint8Array
    readonly costs: Readonly<Record<keyof Costs, Float64Array>>
}

const statusBytes = (count: number) => 8 * Math.ceil(count / 8)
const widthOf = (vpp: Vpp) => createVppSamples(vpp, 0, 0).columns.reduce((sum, column) => sum + column.width, costItems.length)
export const dayBytes = (vpp: Vpp, count: number): number => statusBytes(count) + 8 * count * widthOf(vpp)

export function openDays(vpp: Vpp, seed: number, count: number, rows: SharedArrayBuffer): SharedDays {
    const { columns, ...origin } = createVppSamples(vpp, seed, 0)
    let at = statusBytes(count)
    const take = (length: number) => {
        const view = new Float64Array(rows, at, length)
        at += 8 * length
        return view
    }
    return {
        status: new Uint8Array(rows, 0, count),
        samples: {
            ...origin,
            count,
            probability: new Float64Array(count).fill(1 / count),
            columns: columns.map((column) => ({ ...column, value: take(count * column.width) })),
        },
        costs: Object.fromEntries(costItems.map((name) => [name, take(count)])) as Record<keyof Costs, Float64Array>,
    }
}

/** few enough that threads end together, enough to meet seldom */
const stretch = { drawing: 64, trying: 4 }

/** Draws, and tries, days nobody has taken yet, until none is left or the task is to stop; `between` is awaited after each stretch. */
export async function drawShare(work: DrawWork, between: () => Promise<void> | void = () => undefined): Promise<void> {
    const { text, climate, seed, history, blockH, given, task, rows } = work
    const { vpp } = parseVpp(text)
    const { samples, status, costs } = openDays(vpp, seed, task.total, rows)
    const draw = history ? createHistoryDraw(vpp, climate, history, seed, { blockH }) : createDayDraw(vpp, climate, seed)
    const solver = given ? createHighsSolver() : undefined
    const size = given ? stretch.trying : stretch.drawing

    async function tryDay(s: number) {
        try {
            const found = (await evaluateFirstStage(dayOf(vpp, climate, samples, s), solver!, given!, { gap: 1e-6 })).costs[0]!
            for (const name of costItems) costs[name][s] = found[name]
            status[s] = 2
        } catch (error) {
            if (!(error instanceof NoSchedule)) throw error
            for (const name of costItems) costs[name][s] = Number.NaN
            status[s] = 3
        }
        partsDone(task, 1)
    }
    try {
        while (!isTaken(task)) {
            const first = takeParts(task, size)
            if (first === undefined) return
            const open: number[] = []
            for (let s = first; s < Math.min(first + size, task.total); s++) if (status[s] === 0) open.push(s)
            for (const s of open)
                draw(
                    s,
                    samples.columns.map((column) => rowOf(column, s)),
                )
            // programs are built here while others are solved
            if (given) await Promise.all(open.map(tryDay))
            else {
                for (const s of open) status[s] = 1
                partsDone(task, open.length)
            }
            await between()
        }
    } finally {
        await solver?.close()
    }
}
