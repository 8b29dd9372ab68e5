/** Heat and cold of a fleet: a heating network with its machines, heaters and tanks, and one balance of cold for all ice stores and chillers. */
import { coldDemandShare, heatDemandShare, type ResourceOf } from '@gridverse/assets'
import { withinMeans } from './fleet-plan-comfort.ts'
import { clamp, type FleetMembers, mean, sum } from './fleet-plan-members.ts'

/**
 * The heating network a plan has a balance for: of those with a machine and a tank in them, the one whose machines give most
 * heat. Tanks elsewhere are stores by themselves; machines elsewhere are planned without their heat.
 */
export function heatNetworkOf({ of, rows }: FleetMembers): string | undefined {
    const tanks = new Set(rows('heat-tank').map((row) => of<'heat-tank'>(row).heatNetwork))
    const most = new Map<string, number>()
    for (const row of rows('gas-turbine')) {
        const { heatNetwork, pMaxKw, heatRatio } = of<'gas-turbine'>(row)
        if (heatNetwork !== '' && tanks.has(heatNetwork)) most.set(heatNetwork, (most.get(heatNetwork) ?? 0) + pMaxKw * heatRatio)
    }
    return [...most].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0]
}

/** Heat wanted of a tank, kW thermal. */
export const heatWantedKw = (r: ResourceOf<'heat-tank'>, airC: number): number =>
    Math.min(r.dischargeKw, r.demandKw * heatDemandShare(airC))

/** One balance of the network's machines, heaters and tanks, each tank by itself; undefined without a network. */
export function heatOf({ of, rows, gather, course, weather, heldKwh }: FleetMembers, network: string | undefined) {
    if (network === undefined) return undefined
    const r = (row: number) => of<'heat-tank'>(row)
    const own = rows('heat-tank').filter((row) => r(row).heatNetwork === network)
    const tanks = gather(
        'tank',
        own,
        (row) => r(row).id,
        ([row], name) => {
            const { heaterKw, efficiency, chargeKw, dischargeKw, minKwh, energyKwh, lossPerH } = r(row!)
            // what its own heater gives goes past its connection to the network
            return {
                name,
                pCh: chargeKw + heaterKw * efficiency,
                pDis: dischargeKw,
                eMin: Math.min(minKwh, heldKwh(row!, energyKwh)),
                eMax: energyKwh,
                e0: clamp(heldKwh(row!, energyKwh), 0, energyKwh),
                selfLoss: lossPerH,
                final: 'geq',
            }
        },
    )
    const electricBoilers = gather(
        'eb',
        own.filter((row) => r(row).heaterKw > 0),
        (row) => `${r(row).id} heater`,
        ([row], name) => ({ name, pMax: r(row!).heaterKw, eff: r(row!).efficiency }),
    )
    return { demand: course((t) => sum(own, (row) => heatWantedKw(r(row), weather.airC[t]!))), electricBoilers, tanks }
}

/**
 * Tanks outside the network, by group: what their heaters bring and what is wanted of them. They are stores of hot water to
 * a plan, which are those of the list of water heaters.
 */
export const loneTanksOf = (
    { of, rows, gather, byGroup, course, weather, heldKwh, horizon }: FleetMembers,
    network: string | undefined,
    already: number,
) => {
    const r = (row: number) => of<'heat-tank'>(row)
    return gather(
        'wh',
        // a tank nobody heats has nothing to plan
        rows('heat-tank').filter((row) => r(row).heaterKw > 0 && (network === undefined || r(row).heatNetwork !== network)),
        byGroup,
        (own, name) => {
            const full = (row: number) => r(row).energyKwh
            const unit = {
                name,
                eta: mean(
                    own,
                    (row) => r(row).efficiency,
                    (row) => r(row).heaterKw,
                ),
                pMax: sum(own, (row) => r(row).heaterKw),
                hMin: sum(own, (row) => r(row).minKwh),
                hMax: sum(own, full),
                h0: clamp(
                    sum(own, (row) => heldKwh(row, full(row))),
                    0,
                    sum(own, full),
                ),
                loss: mean(own, (row) => r(row).lossPerH, full),
            }
            const draw = course((t) => sum(own, (row) => heatWantedKw(r(row), weather.airC[t]!)))
            return withinMeans({ ...unit, draw }, horizon.dtH)
        },
        already,
    )
}

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
