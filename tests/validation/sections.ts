/** What is compared, section by section. Answers of others are read from files beside the checkout; second methods need the cases only. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
    analyseContingencies,
    computeFactors,
    createEstimator,
    createLanes,
    createPowerFlow,
    laneCount,
    loadFactor,
    lowerNetwork,
    type MeasurementKind,
    mismatch,
    type Network,
    type PowerFlow,
    parseMatpower,
    type StateMeasurement,
    solveOpf,
    solvePowerFlow,
    writeMatpower,
} from '@gridverse/grid'
import { parseVpp, scheduleVpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { apart, filesOf, type Line, most, readCase, readReference, type Section, spec } from './deviation.ts'

/** Cases in which a comparison may take its time. */
export interface Limits {
    /** largest case compared, buses */
    readonly buses: number
}
const fits = (network: Network, { buses }: Limits) => network.bus.length <= buses

export function powerFlowSection(limits: Limits): Section {
    const lines: Line[] = []
    for (const file of filesOf('reference', /^acpf_.*\.json$/)) {
        const wanted = readReference(file)
        const network = readCase(wanted.case)
        if (!fits(network, limits)) continue
        for (const method of ['newton', 'fast-decoupled'] as const) {
            const found = solvePowerFlow(network, { method, qLimits: file.includes('qlim') })
            lines.push({
                name: file.replace(/^acpf_|\.json$/g, ''),
                notes: { method, steps: method === 'newton' ? `${found.iterations} (${wanted.iterations})` : `${found.iterations}` },
                worst: againstReference(found, wanted),
            })
        }
    }
    return {
        title: 'AC power flow against MATPOWER',
        about: 'From the voltages of the case, reactive limits where the name says so. Steps in brackets are those of the other engine.',
        tolerance: {
            'V p.u.': 1e-6,
            'angle °': 1e-6,
            'branch P MW': 1e-4,
            'branch Q Mvar': 1e-4,
            'generator MW': 1e-4,
            'generator Mvar': 1e-4,
        },
        lines,
    }
}

type Numbers = readonly number[]
function againstReference(found: PowerFlow, wanted: Record<'vm' | 'va' | 'pf' | 'qf' | 'pt' | 'qt' | 'pg' | 'qg', Numbers>) {
    const { bus, branch, generator } = found
    return {
        'V p.u.': apart(
            bus.map((b) => b.vmPu),
            wanted.vm,
        ),
        'angle °': apart(
            bus.map((b) => b.vaDeg),
            wanted.va,
        ),
        'branch P MW': most(
            apart(
                branch.map((k) => k.pFromMw),
                wanted.pf,
            ),
            apart(
                branch.map((k) => k.pToMw),
                wanted.pt,
            ),
        ),
        'branch Q Mvar': most(
            apart(
                branch.map((k) => k.qFromMvar),
                wanted.qf,
            ),
            apart(
                branch.map((k) => k.qToMvar),
                wanted.qt,
            ),
        ),
        'generator MW': apart(
            generator.map((g) => g.pMw),
            wanted.pg,
        ),
        'generator Mvar': apart(
            generator.map((g) => g.qMvar),
            wanted.qg,
        ),
    }
}

export function dcSection(): Section {
    const lines: Line[] = filesOf('reference', /^dcpf_.*\.json$/).map((file) => {
        const wanted = readReference(file)
        const found = solvePowerFlow(readCase(wanted.case), { method: 'dc' })
        return {
            name: wanted.case,
            worst: {
                'angle °': apart(
                    found.bus.map((b) => b.vaDeg),
                    wanted.va,
                ),
                'branch P MW': apart(
                    found.branch.map((k) => k.pFromMw),
                    wanted.pf,
                ),
            },
        }
    })
    return {
        title: 'DC power flow against MATPOWER',
        about: 'Angles and active power.',
        tolerance: { 'angle °': 1e-6, 'branch P MW': 1e-4 },
        lines,
    }
}

export function factorSection(): Section {
    const lines: Line[] = []
    for (const file of filesOf('reference', /^(ptdf|lodf)_.*\.json$/)) {
        const wanted = readReference(file)
        const factors = computeFactors(readCase(wanted.case))
        const kind = file.startsWith('ptdf') ? 'ptdf' : 'lodf'
        // columns of bridges have no factors; the others must all agree
        const bridge = Array.from(factors.lodf[0]!, (_, k) => factors.lodf.every((row) => Number.isNaN(row[k]!)))
        let worst = 0
        let columns = 0
        wanted[kind].forEach((row: (number | null)[], l: number) => {
            row.forEach((value, k) => {
                if (kind === 'lodf' && bridge[k]) return
                if (l === 0) columns++
                worst = most(worst, apart([factors[kind][l]![k]!], [value]))
            })
        })
        lines.push({ name: wanted.case, notes: { factor: kind.toUpperCase(), columns: `${columns}` }, worst: { 'MW per MW': worst } })
    }
    return { title: 'PTDF and LODF against MATPOWER', about: 'All columns but those of bridges.', tolerance: { 'MW per MW': 1e-9 }, lines }
}

export function contingencySection(): Section {
    const lines: Line[] = filesOf('reference', /^n1_case.*\.json$/).map((file) => {
        const wanted = readReference(file)
        const bare = readCase(wanted.case)
        const rate = wanted.rate as number[]
        const network = { ...bare, branch: bare.branch.map((k, l) => ({ ...k, rateMva: rate[l]! })) }
        const { outages } = analyseContingencies(network)
        let [loading, same] = [0, 0]
        const voltages = { low: 0, high: 0 }
        wanted.outages.forEach((want: Record<string, number> & { status: string }, k: number) => {
            const found = outages[k]!
            if (found.status === want.status) same++
            if (want.status !== 'converged' || found.status !== 'converged') return
            loading = most(loading, apart([found.worstLoadingPercent!], [want.max_loading_pct!]))
            voltages.low = most(voltages.low, apart([found.vmMinPu!], [want.vm_min!]))
            voltages.high = most(voltages.high, apart([found.vmMaxPu!], [want.vm_max!]))
        })
        return {
            name: wanted.case,
            notes: { outages: `${wanted.outages.length}`, 'same status': `${same}` },
            worst: { 'worst loading %': loading, 'least V p.u.': voltages.low, 'greatest V p.u.': voltages.high },
        }
    })
    return {
        title: 'Single outages against MATPOWER',
        about: 'Every branch out in turn, by AC power flow.',
        tolerance: { 'worst loading %': 1e-5, 'least V p.u.': 1e-6, 'greatest V p.u.': 1e-6 },
        lines,
    }
}

export function opfSection(): Section {
    const lines: Line[] = filesOf('reference', /^(acopf|dcopf)_.*\.json$/).map((file) => {
        const wanted = readReference(file)
        const method = file.startsWith('dc') ? 'dc' : 'ac'
        const found = solveOpf(readCase(wanted.case), { method })
        return {
            name: wanted.case,
            notes: { method: method.toUpperCase(), 'tolerance of the other': file.includes('tight') || method === 'dc' ? '1e-9' : '1e-6' },
            worst: {
                'objective, relative': Math.abs(found.objective / wanted.f - 1),
                'price per MWh': apart(
                    found.bus.map((b) => b.lmpPerMwh),
                    wanted.lam_p,
                ),
            },
        }
    })
    return {
        title: 'Optimal power flow against MATPOWER (MIPS)',
        about: 'Objectives and nodal prices.',
        tolerance: { 'objective, relative': 1e-6, 'price per MWh': 1e-4 },
        lines,
    }
}

const kinds: Readonly<Record<string, MeasurementKind>> = { vm: 'vm', pi: 'p', qi: 'q', pf: 'pFrom', qf: 'qFrom', pt: 'pTo', qt: 'qTo' }
export function estimationSection(): Section {
    const lines: Line[] = []
    for (const file of filesOf('reference', /^se_.*\.json$/)) {
        const reference = readReference(file)
        const network = readCase(reference.case)
        for (const [name, set] of Object.entries<Record<string, Numbers> & { meas: [string, number, number, number][]; J: number }>(
            reference.sets,
        )) {
            const layout: StateMeasurement[] = set.meas.map(([code, row, value, sigma]) => ({
                kind: kinds[code]!,
                ...(code === 'vm' || code.endsWith('i') ? { bus: network.bus[row]!.id } : { branch: row }),
                value,
                sigma,
            }))
            const found = createEstimator(network, layout).estimate({ value: layout.map((m) => m.value) })
            lines.push({
                name: reference.case,
                notes: { set: name, measurements: `${layout.length}` },
                worst: {
                    'V p.u.': apart(
                        found.bus.map((b) => b.vmPu),
                        set.vm!,
                    ),
                    'angle °': apart(
                        found.bus.map((b) => b.vaDeg),
                        set.va!,
                    ),
                    objective: Math.abs(found.objective - set.J),
                },
            })
        }
    }
    return {
        title: 'State estimation against two independent estimators',
        about: 'Weighted least squares on noisy measurement sets.',
        tolerance: { 'V p.u.': 1e-6, 'angle °': 1e-6, objective: 1e-5 },
        lines,
    }
}

/** Our own methods against each other, and an account of power that shares no code with the solvers. */
export function secondMethodSection(limits: Limits): Section {
    const lines: Line[] = []
    for (const file of filesOf('cases', /\.m$/)) {
        const name = file.slice(0, -2)
        // what all methods know: links as loads and generators
        const { network } = lowerNetwork(readCase(name))
        if (!fits(network, limits)) continue
        const newton = solvePowerFlow(network)
        const plain = createPowerFlow(network, { webAssembly: false })
        const outcome = plain.solve()
        const decoupled = solvePowerFlow(network, { method: 'fast-decoupled' })
        if (newton.status !== 'converged' || outcome.status !== 'converged') {
            lines.push({
                name,
                notes: { 'fast-decoupled': decoupled.status },
                worst: { 'WebAssembly V p.u.': Infinity, 'left at a bus MVA': Infinity },
            })
            continue
        }
        const { vmPu } = plain.computeResult()
        const vm = newton.bus.map((b) => b.vmPu)
        lines.push({
            name,
            notes: {
                buses: `${network.bus.length}`,
                'fast-decoupled V p.u.':
                    decoupled.status === 'converged'
                        ? apart(
                              decoupled.bus.map((b) => b.vmPu),
                              vm,
                          ).toExponential(0)
                        : decoupled.status,
            },
            worst: {
                'WebAssembly V p.u.': apart(vmPu, vm),
                'lanes V p.u.': lanesApart(network),
                'left at a bus MVA': mismatch(network, newton).worstMva,
                'written and read again V p.u.': apart(
                    solvePowerFlow(parseMatpower(writeMatpower(network)).network).bus.map((b) => b.vmPu),
                    vm,
                ),
            },
        })
    }
    return {
        title: 'Every case by second methods',
        about: 'Newton in WebAssembly against plain TypeScript and against fast-decoupled; eight load scenarios in lanes against one by one; power left over at the worst bus, added up by code of its own; the case written and read again.',
        tolerance: { 'WebAssembly V p.u.': 1e-9, 'lanes V p.u.': 1e-6, 'left at a bus MVA': 1e-4, 'written and read again V p.u.': 1e-9 },
        lines,
    }
}

function lanesApart(network: Network): number {
    const row = new Map(network.bus.map((b, i) => [b.id, i]))
    const lanes = createLanes(network)
    const single = createPowerFlow(network)
    const scale = (lane: number, input: { loadMw: Float64Array; loadMvar: Float64Array }) =>
        network.load.forEach((d, k) => {
            const factor = loadFactor(1, lane, row.get(d.bus)!, 0.05)
            input.loadMw[k] = factor * d.pMw
            input.loadMvar[k] = factor * d.qMvar
        })
    for (let lane = 0; lane < laneCount; lane++) scale(lane, lanes.input[lane]!)
    let worst = 0
    lanes.solve().forEach(({ status }, lane) => {
        scale(lane, single.input)
        const alone = single.solve()
        if (status !== alone.status) worst = Infinity
        if (status === 'converged') worst = most(worst, apart(lanes.computeResult(lane).vmPu, single.computeResult().vmPu))
    })
    return worst
}

export async function vppSection(names: readonly string[]): Promise<Section> {
    const solver = createHighsSolver()
    const lines: Line[] = []
    try {
        for (const name of names.filter((n) => filesOf('spec/vectors', new RegExp(`^vpp-${n}\\.json$`)).length > 0)) {
            const { vpp } = parseVpp(readFileSync(join(spec, 'instances', `vpp-${name}.json`), 'utf8'))
            const answers = JSON.parse(readFileSync(join(spec, 'vectors', `vpp-${name}.json`), 'utf8'))
            for (const wanted of answers.stochastic) {
                const { verdict } = await scheduleVpp(vpp, solver, { beta: wanted.beta })
                const relative = (ours: number | undefined, theirs: number) => Math.abs((ours ?? Number.NaN) / theirs - 1)
                lines.push({
                    name,
                    notes: { 'risk weight': `${wanted.beta}` },
                    worst: {
                        'objective, relative': relative(verdict?.objective, wanted.objective),
                        'expected cost, relative': relative(verdict?.expected.operatingCost, wanted.expectedCost),
                        'CVaR, relative': relative(verdict?.cvar, wanted.cvar),
                        'violation kW': verdict?.maxViolation ?? Infinity,
                    },
                })
            }
        }
    } finally {
        await solver.close()
    }
    return {
        title: 'Virtual power plant against an independent model',
        about: 'Two-stage schedules with CVaR; the other model was written in Python on SciPy.',
        tolerance: { 'objective, relative': 1e-6, 'expected cost, relative': 1e-6, 'CVaR, relative': 1e-6, 'violation kW': 1e-6 },
        lines,
    }
}
