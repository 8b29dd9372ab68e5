/** What a command would do, by a power flow branched from the present state. */
import type { Prediction } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'
import { computeTopology, isLive, type Topology } from './topology.ts'
import { applyEdits, branchWhatIf, solveWhatIf } from './what-if.ts'

/** A new violation counts when the command moves the value by this share of its limit, an old one by the greater share. */
const newShare = 0.001
const worseShare = 0.01
/** Changes below these are not worth a person's time, by quantity. */
const notable: Readonly<Record<string, number>> = { vmPu: 0.002, loadingPercent: 1, pMw: 0.5 }
const shownChanges = 8

/** Solves the command as a what-if; `violations` are those it causes or worsens, `changes` the greatest. */
export function predictCommand(
    model: TwinModel,
    snapshot: Snapshot,
    command: { readonly point: string; readonly value: number },
): Prediction {
    const base = branchWhatIf(model, snapshot, 'what-if/command')
    const { whatIf, issues } = applyEdits(model, base, [command])
    if (issues.length > 0) throw new Error(`A command that passed its range check must be editable: ${issues[0]!.message}`)
    const after = solveWhatIf(model, whatIf)
    if (after.fidelity.status !== 'solved') return { status: 'diverged', violations: [], changes: [] }
    const islands = losesSupply(computeTopology(model, base.closed), computeTopology(model, whatIf.closed))
    return {
        status: islands ? 'islands' : 'solved',
        violations: findViolations(model, snapshot, after),
        changes: findChanges(model, snapshot, after),
    }
}

function losesSupply(before: Topology, after: Topology): boolean {
    const live = (topology: Topology) => topology.live.filter(Boolean).length
    return live(after) > live(before) || before.island.some((_, bus) => isLive(before, bus) && !isLive(after, bus))
}

function findViolations(model: TwinModel, before: Snapshot, after: Snapshot): Prediction['violations'] {
    const found: { point: string; value: number; limit: number; unit: string }[] = []
    const note = (index: number, limit: number | undefined, sense: 1 | -1) => {
        if (limit === undefined) return
        const value = after.value[index]!
        // the estimate and the power flow agree but for the command; a measurement has noise of its own
        const was = Number.isNaN(before.estimated[index]!) ? before.value[index]! : before.estimated[index]!
        const excess = sense * (value - limit)
        // a bus that is dead has lost its supply, which is another check's affair
        if (!(excess > 0) || value === 0) return
        if (sense * (value - was) <= (sense * (was - limit) > 0 ? worseShare : newShare) * limit) return
        const { id, unit } = model.points[index]!
        found.push({ point: id, value, limit, unit })
    }
    for (const index of model.column('bus', 'vmPu')) {
        note(index, model.points[index]!.limits?.low, -1)
        note(index, model.points[index]!.limits?.high, 1)
    }
    for (const index of model.column('branch', 'loadingPercent')) note(index, model.points[index]!.limits?.highHigh, 1)
    const share = (v: (typeof found)[number]) => Math.abs(v.value - v.limit) / v.limit
    return found.sort((a, b) => share(b) - share(a))
}

function findChanges(model: TwinModel, before: Snapshot, after: Snapshot): Prediction['changes'] {
    const changes: { weight: number; point: string; before: number; after: number; unit: string }[] = []
    for (const { index, id, quantity, unit } of model.points) {
        const least = notable[quantity]
        const size = Math.abs(after.value[index]! - before.value[index]!)
        if (least === undefined || !(size >= least)) continue
        changes.push({ weight: size / least, point: id, before: before.value[index]!, after: after.value[index]!, unit })
    }
    return changes
        .sort((a, b) => b.weight - a.weight)
        .slice(0, shownChanges)
        .map(({ weight: _, ...change }) => change)
}
