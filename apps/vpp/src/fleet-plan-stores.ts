/** Batteries of a fleet, and its cars by their stays, as units of a plan. */
import { type ResourceOf, toProfileTime } from '@gridverse/assets'
import { contentOf, hoursUntil } from './fleet-ability.ts'
import { clamp, type FleetMembers, groupBy, mean, sum } from './fleet-plan-members.ts'

export const batteriesOf = ({ of, rows, gather, byGroup, state }: FleetMembers) =>
    gather('bat', rows('battery'), byGroup, (own, name) => {
        const r = (row: number) => of<'battery'>(row)
        const full = (row: number) => r(row).energyKwh
        const eMin = sum(own, (row) => (full(row) * r(row).socMinPercent) / 100)
        const eMax = sum(own, (row) => (full(row) * r(row).socMaxPercent) / 100)
        return {
            name,
            pCh: sum(own, (row) => r(row).chargeKw),
            pDis: sum(own, (row) => r(row).dischargeKw),
            eMin,
            eMax,
            eFull: sum(own, full),
            e0: clamp(
                sum(own, (row) => contentOf(full(row), (quantity) => state.value(row, quantity))),
                eMin,
                eMax,
            ),
            etaCh: mean(own, (row) => r(row).chargeEfficiency, full),
            etaDis: mean(own, (row) => r(row).dischargeEfficiency, full),
            selfLoss: mean(own, (row) => r(row).selfDischargePerH, full),
            degCost: mean(
                own,
                (row) => r(row).wearCostPerKwh,
                (row) => r(row).dischargeKw,
            ),
            final: 'geq',
        }
    })

/** A car's time at its post, in whole periods. */
interface Stay {
    readonly row: number
    readonly arrive: number
    readonly depart: number
    readonly arriveKwh: number
    readonly departKwh: number
}
/** content of a car that comes, share of full */
const usualArrival = 0.42

/** One unit for cars that come and leave in the same periods. */
export function carsOf(members: FleetMembers) {
    const { of, rows, units, horizon } = members
    const stays = rows('home-ev', 'public-ev').flatMap((row) => staysOf(row, members))
    const gives = (row: number) => (of<'home-ev'>(row).dischargeKw > 0 ? ' giving back' : '')
    const alike = groupBy(stays, ({ row, arrive, depart }) => `${of(row).group} cars ${arrive}–${depart}${gives(row)}`)
    return Array.from(alike, ([name, own], index) => {
        units.push({ list: 'ev', index, name, resources: own.map(({ row }) => of(row).id) })
        const car = ({ row }: Stay): ResourceOf<'home-ev'> => of<'home-ev'>(row)
        const [pCh, eMax] = [sum(own, (s) => car(s).chargeKw), sum(own, (s) => car(s).batteryKwh)]
        const byPower = (amount: (s: Stay) => number) => mean(own, amount, (s) => car(s).chargeKw)
        const etaCh = byPower((s) => car(s).efficiency)
        const eArrive = Math.min(
            eMax,
            sum(own, (s) => s.arriveKwh),
        )
        const { arrive, depart } = own[0]!
        // no more than can be charged until then
        const eDepart = Math.min(
            sum(own, (s) => s.departKwh),
            eArrive + etaCh * pCh * horizon.dtH * (depart - arrive),
            eMax,
        )
        return {
            name,
            arrive,
            depart,
            pCh,
            pDis: sum(own, (s) => car(s).dischargeKw),
            eArrive,
            eDepart: Math.max(0, eDepart - 1e-9),
            eMin: Math.min(eArrive, eDepart, 0.15 * eMax),
            eMax,
            etaCh,
            etaDis: etaCh,
            degCost: byPower((s) => car(s).wearCostPerKwh),
        }
    })
}

/** The car that is there, if one is, and the next that comes within the day. */
function staysOf(row: number, { of, state, now, horizon }: FleetMembers): Stay[] {
    const r = of<'home-ev'>(row)
    const { startMs, periods, dtH, utcOffsetH } = horizon
    const nowH = (now.tMs - startMs) / 3_600_000
    const from = clamp(Math.floor(nowH / dtH), 0, periods)
    const hour = toProfileTime(now.tMs, utcOffsetH).hour
    const readyKwh = (r.readyPercent / 100) * r.batteryKwh
    const stays: Stay[] = []
    const add = (fromH: number, toH: number, arriveKwh: number) => {
        const arrive = clamp(Math.ceil(fromH / dtH - 1e-9), 0, periods)
        const depart = clamp(Math.floor(toH / dtH + 1e-9), 0, periods)
        if (depart <= arrive) return
        // a stay the day's end cuts off owes its share
        const share = Math.min(1, (depart - arrive) / Math.max(1, (toH - fromH) / dtH))
        const wanted = Math.max(arriveKwh, arriveKwh + share * (Math.max(arriveKwh, readyKwh) - arriveKwh))
        stays.push({ row, arrive, depart, arriveKwh, departKwh: wanted })
    }
    let leavesH = nowH
    if (state.value(row, 'connected') === 1) {
        leavesH = nowH + hoursUntil(hour, r.departH)
        add(
            from * dtH,
            leavesH,
            contentOf(r.batteryKwh, (quantity) => state.value(row, quantity)),
        )
    }
    const leftHour = (((hour + leavesH - nowH) % 24) + 24) % 24
    const comesH = leavesH + hoursUntil(leftHour, r.arriveH)
    add(comesH, comesH + (hoursUntil(r.arriveH, r.departH) || 24), usualArrival * r.batteryKwh)
    return stays
}
