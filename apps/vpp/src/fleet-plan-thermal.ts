/** Heat and cold of a fleet: one balance of each for all its tanks, ice machines and chillers. */
import { coldDemandShare, heatDemandShare } from '@gridverse/assets'
import { clamp, type FleetMembers, mean, sum } from './fleet-plan-members.ts'

/** Electric boilers of Σ heaters and one tank of Σ contents; undefined without any. */
export const heatOf = ({ of, rows, gather, course, weather, heldKwh }: FleetMembers) =>
    gather(
        'eb',
        rows('heat-tank'),
        () => 'heat tanks',
        (own, name) => {
            const r = (row: number) => of<'heat-tank'>(row)
            const heater = sum(own, (row) => r(row).heaterKw)
            const eff = mean(
                own,
                (row) => r(row).efficiency,
                (row) => r(row).heaterKw,
            )
            const eMax = sum(own, (row) => r(row).energyKwh)
            const wanted = (row: number, t: number) => Math.min(r(row).dischargeKw, r(row).demandKw * heatDemandShare(weather.airC[t]!))
            return {
                demand: course((t) => sum(own, (row) => wanted(row, t))),
                electricBoilers: [{ name, pMax: heater, eff }],
                tanks: [
                    {
                        name: `${name} content`,
                        pCh: heater * eff,
                        pDis: sum(own, (row) => r(row).dischargeKw),
                        eMin: 0,
                        eMax,
                        e0: clamp(
                            sum(own, (row) => heldKwh(row, r(row).energyKwh)),
                            0,
                            eMax,
                        ),
                        selfLoss: mean(
                            own,
                            (row) => r(row).lossPerH,
                            (row) => r(row).energyKwh,
                        ),
                        final: 'geq',
                    },
                ],
            }
        },
    )[0]

/** Σ chillers and Σ ice machines, COPs by power; undefined without any. */
export const coldOf = ({ of, rows, gather, course, weather, heldKwh }: FleetMembers) =>
    gather(
        'ice',
        rows('ice-store'),
        () => 'ice stores',
        (own, name) => {
            const r = (row: number) => of<'ice-store'>(row)
            const cap = sum(own, (row) => r(row).energyKwh)
            const chillers = own.filter((row) => r(row).chillerKw > 0)
            return {
                demand: course((t) => sum(own, (row) => r(row).demandKw) * coldDemandShare(weather.airC[t]!)),
                chillers:
                    chillers.length === 0
                        ? []
                        : [
                              {
                                  name: 'ice store chillers',
                                  pMax: sum(chillers, (row) => r(row).chillerKw),
                                  cop: mean(
                                      chillers,
                                      (row) => r(row).chillerCop,
                                      (row) => r(row).chillerKw,
                                  ),
                              },
                          ],
                ice: [
                    {
                        name,
                        pMakeMax: sum(own, (row) => r(row).makeKw),
                        copMake: mean(
                            own,
                            (row) => r(row).makeCop,
                            (row) => r(row).makeKw,
                        ),
                        meltMax: sum(own, (row) => r(row).meltKw),
                        cap,
                        i0: clamp(
                            sum(own, (row) => heldKwh(row, r(row).energyKwh)),
                            0,
                            cap,
                        ),
                        loss: mean(
                            own,
                            (row) => r(row).lossPerH,
                            (row) => r(row).energyKwh,
                        ),
                    },
                ],
            }
        },
    )[0]
