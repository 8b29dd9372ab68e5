/** Orders that stand, by row of the fleet: who was told what until when, and said again before devices forget it. */
import { setpointLastsS } from '@gridverse/assets'
import type { FleetNow, FleetState } from '@gridverse/vpp'

/** setpoints of a standing order, kW into the network by id; null releases */
export interface KeptSetpoints {
    readonly untilMs: number
    readonly createdMs: number
    readonly ids: readonly string[]
    readonly kw: readonly (number | null)[]
    /** how long a device holds a setpoint nobody repeats, s; absent: as long as its protocol has it */
    readonly lastsS?: number
}

/** standing orders are said again this often: well within the time devices remember them, ms */
const repeatMs = (setpointLastsS * 1000) / 3

export type StandingColumns = ReturnType<typeof createColumns>

function createColumns(count: number) {
    return {
        orderedKw: new Float64Array(count).fill(Number.NaN),
        orderedMs: new Float64Array(count),
        untilMs: new Float64Array(count),
        /** NaN: as long as its protocol has it */
        lastsS: new Float64Array(count).fill(Number.NaN),
        /** when it was last said, and when the field last took it */
        saidMs: new Float64Array(count),
        takenMs: new Float64Array(count),
        /** since when it is short of its order */
        sinceMs: new Float64Array(count).fill(Number.NaN),
        lost: new Uint8Array(count),
        under: new Uint8Array(count),
    }
}

export function createStandingOrders(count: number) {
    let columns = createColumns(count)

    return {
        get columns(): StandingColumns {
            return columns
        },
        /** From now on this order has the word on these rows. */
        stand(kept: KeptSetpoints, state: FleetState): void {
            kept.ids.forEach((id, n) => {
                const row = state.rowOf(id)
                if (row < 0) return
                columns.orderedKw[row] = kept.kw[n] ?? Number.NaN
                columns.orderedMs[row] = kept.createdMs
                columns.untilMs[row] = kept.untilMs
                columns.lastsS[row] = kept.lastsS ?? Number.NaN
                columns.lost[row] = 0
            })
        },
        /** Ends what is over, and hands over what has to be said again. */
        repeat(
            now: FleetNow,
            isPending: (row: number) => boolean,
            say: (row: number, kw: number, lastsS: number | undefined) => void,
        ): void {
            for (let row = 0; row < now.count; row++) {
                const kw = columns.orderedKw[row]!
                if (Number.isNaN(kw)) continue
                const lastsS = Number.isNaN(columns.lastsS[row]!) ? undefined : columns.lastsS[row]!
                if (columns.untilMs[row]! <= now.tMs) {
                    columns.orderedKw[row] = Number.NaN
                    columns.saidMs[row] = 0
                } else if (now.tMs - columns.saidMs[row]! > Math.min(repeatMs, 750 * (lastsS ?? Infinity)) && !isPending(row)) {
                    columns.saidMs[row] = now.tMs
                    say(row, kw, lastsS)
                }
            }
        },
        /** Rows have moved; the row each has now, by the row it had. */
        carryOver(before: FleetState, state: FleetState): ReadonlyMap<number, number> {
            const old = columns
            columns = createColumns(state.resources.length)
            const moved = new Map<number, number>()
            before.resources.forEach(({ id }, from) => {
                const row = state.rowOf(id)
                if (row < 0) return
                moved.set(from, row)
                for (const name of [
                    'orderedKw',
                    'orderedMs',
                    'untilMs',
                    'lastsS',
                    'saidMs',
                    'takenMs',
                    'sinceMs',
                    'lost',
                    'under',
                ] as const)
                    columns[name][row] = old[name][from]!
            })
            return moved
        },
    }
}
export type StandingSetpoints = ReturnType<typeof createStandingOrders>
