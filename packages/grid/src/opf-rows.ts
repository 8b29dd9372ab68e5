/** A point of the program as rows of the network, with prices. */
import type { InteriorPointSolution } from '@gridverse/math'
import type { BindingConstraint, Opf, OpfBranchRow, OpfBusRow, OpfConstraintKind, OpfGeneratorRow } from './opf-contract.ts'
import { generatorCostAt, type NamedConstraint } from './opf-frame.ts'
import type { OpfModel } from './opf-model.ts'

/** prices below this, relative to the dearest, are what the barrier leaves of zero */
const least = 1e-6

/** Every named inequality and bound with its multiplier. */
export function limitsWith(
    model: OpfModel,
    s: Pick<InteriorPointSolution, 'mu' | 'muLower' | 'muUpper'>,
): { name: NamedConstraint; multiplier: number }[] {
    const pick = (names: readonly (NamedConstraint | undefined)[], multipliers: Float64Array) =>
        names.flatMap((name, k) => (name ? [{ name, multiplier: multipliers[k] }] : []))
    return [...pick(model.inequality, s.mu), ...pick(model.lower, s.muLower), ...pick(model.upper, s.muUpper)]
}

export function describeOptimum(model: OpfModel, s: InteriorPointSolution, iterations: number): Opf {
    const { frame, method } = model
    const { network, base } = frame
    const point = model.read(s.x)
    const degrees = (x: number) => (x * 180) / Math.PI

    const price = new Map<string, number>()
    const binding: BindingConstraint[] = []
    // limitsWith begins with the named inequalities
    const value = model.inequality.flatMap((name, k) => (name ? [s.h[k]] : []))
    const limits = limitsWith(model, s).map(({ name, multiplier }, at) => ({
        name,
        cost: multiplier * (name.priceAt?.(value[at]) ?? name.priceScale),
    }))
    const dearest = limits.reduce((most, { cost }) => Math.max(most, cost), 1)
    for (const { name, cost } of limits) {
        if (name.after === undefined) price.set(`${name.table} ${name.index} ${name.kind}`, cost)
        const { priceScale: _, priceAt: __, amount: ___, penalty: ____, ...constraint } = name
        if (cost > least * dearest) binding.push({ ...constraint, price: cost })
    }
    binding.sort((a, b) => b.price - a.price)
    const priceOf = (table: 'bus' | 'generator' | 'branch', index: number, kind: OpfConstraintKind) =>
        price.get(`${table} ${index} ${kind}`) ?? 0

    const busAt = new Map(frame.bus.map((row, i) => [row, i]))
    const bus = network.bus.map(({ id }, row): OpfBusRow => {
        const i = busAt.get(row)
        if (i === undefined)
            return { id, vmPu: 0, vaDeg: 0, energised: false, lmpPerMwh: null, lmpPerMvarh: null, vMinPrice: 0, vMaxPrice: 0 }
        return {
            id,
            vmPu: point.vm[i],
            vaDeg: degrees(point.va[i]),
            energised: true,
            lmpPerMwh: s.lambda[i] / base,
            lmpPerMvarh: method === 'ac' ? s.lambda[frame.bus.length + i] / base : 0,
            vMinPrice: priceOf('bus', row, 'vMin'),
            vMaxPrice: priceOf('bus', row, 'vMax'),
        }
    })
    const generatorAt = new Map(frame.generator.map((row, k) => [row, k]))
    const generator = network.generator.map(({ id, bus: at, inService }, index): OpfGeneratorRow => {
        const k = generatorAt.get(index)
        const pMw = k === undefined ? 0 : point.p[k] * base
        const qMvar = k === undefined ? 0 : point.q[k] * base
        return {
            index,
            id,
            bus: at,
            inService,
            pMw,
            qMvar,
            costPerH: k === undefined ? 0 : generatorCostAt(frame, k, pMw, qMvar),
            pMinPrice: priceOf('generator', index, 'pMin'),
            pMaxPrice: priceOf('generator', index, 'pMax'),
            qMinPrice: priceOf('generator', index, 'qMin'),
            qMaxPrice: priceOf('generator', index, 'qMax'),
        }
    })
    const branchAt = new Map(frame.branch.map((row, k) => [row, k]))
    const branch = network.branch.map(({ id, fromBus, toBus, inService, rateMva }, index): OpfBranchRow => {
        const k = branchAt.get(index)
        const [pFromMw, qFromMvar, pToMw, qToMvar] =
            k === undefined ? [0, 0, 0, 0] : point.flow.slice(4 * k, 4 * k + 4).map((x) => x * base)
        return {
            index,
            id,
            fromBus,
            toBus,
            inService,
            pFromMw,
            qFromMvar,
            pToMw,
            qToMvar,
            loadingPercent: rateMva > 0 ? (100 * Math.max(Math.hypot(pFromMw, qFromMvar), Math.hypot(pToMw, qToMvar))) / rateMva : null,
            flowFromPrice: priceOf('branch', index, 'flowFrom'),
            flowToPrice: priceOf('branch', index, 'flowTo'),
            angleMinPrice: priceOf('branch', index, 'angleMin'),
            angleMaxPrice: priceOf('branch', index, 'angleMax'),
        }
    })
    return {
        status: 'optimal',
        method,
        objective: s.f,
        iterations,
        bus,
        generator,
        branch,
        binding,
        lossesMw: branch.reduce((sum, row) => sum + row.pFromMw + row.pToMw, 0),
    }
}
