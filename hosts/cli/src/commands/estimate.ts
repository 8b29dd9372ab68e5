/** `gridverse estimate CASE --measurements FILE`: the state of a case from measurements. */
import {
    adviseMeters,
    checkMeasurements,
    checkTopology,
    createEstimator,
    type Estimate,
    type MeterAdvice,
    measurementUnit,
    type Network,
    parseJson,
    type StateMeasurement,
    type TopologyCheck,
} from '@gridverse/grid'
import { errorsOf, type Issue } from '@gridverse/units'
import { readCase, readText } from '../case-file.ts'
import { BadInput, describeIssue, exit, Misuse } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface EstimateOptions {
    readonly measurements: string
    readonly json?: boolean
    readonly summary?: boolean
    readonly zeroInjections?: boolean
    readonly badData?: boolean
    readonly topology?: boolean
    readonly advise?: boolean
}

export async function runEstimate(file: string, options: EstimateOptions, terminal: Terminal): Promise<number> {
    if (file === '-' && options.measurements === '-')
        throw new Misuse('the case and the measurements cannot both come from the standard input')
    const { network } = await readCase(file, terminal)
    if ((options.topology || options.advise) && (network.coupler?.length || network.transformer3?.length))
        throw new Misuse(
            '--topology and --advise look at networks without couplers and three-winding transformers; without them the case is estimated',
        )
    const measurements = await readMeasurements(network, options.measurements, terminal)
    const estimator = createEstimator(network, measurements, {
        zeroInjections: options.zeroInjections ?? false,
        removeBadData: options.badData ?? true,
    })
    const result = estimator.estimate({ value: measurements.map((m) => m.value) })
    const zeroInjections = options.zeroInjections ?? false
    const more: More = {
        critical: estimator.critical(),
        criticalSets: estimator.criticalSets(),
        ...(options.topology ? { topology: checkTopology(network, measurements, { zeroInjections }) } : {}),
        ...(options.advise ? { advice: adviseMeters(network, measurements, { zeroInjections }) } : {}),
    }
    if (options.json) terminal.out(`${JSON.stringify({ ...toJson(result), ...moreToJson(more) })}\n`)
    else {
        terminal.out(summarise(network, result, measurements.length, terminal))
        terminal.out(describeMore(network, more, measurements, terminal))
        if (options.summary !== true && result.status !== 'diverged')
            terminal.out(tables(result, measurements, estimator.state.measured, terminal))
    }
    return result.status === 'converged' ? exit.done : exit.noSolution
}

async function readMeasurements(network: Network, file: string, terminal: Terminal): Promise<readonly StateMeasurement[]> {
    const json = parseJson(await readText(file, terminal))
    const bare = Array.isArray(json.value)
    const located = (issue: Issue): Issue => {
        // the checker's paths start with the list's name, whether or not the file has it
        const line = json.lineOf(bare ? issue.path.replace(/^measurements\/?/, '') : issue.path)
        return line === undefined ? issue : { ...issue, line }
    }
    const issues = [...json.issues, ...(json.value === undefined ? [] : checkMeasurements(network, json.value).map(located))]
    if (errorsOf(issues).length) throw new BadInput(file, issues)
    for (const issue of issues) terminal.err(describeIssue(terminal, file, issue))
    return (bare ? json.value : (json.value as { measurements: unknown }).measurements) as StateMeasurement[]
}

function toJson(result: Estimate) {
    const { status, iterations, objective, degreesOfFreedom, chiSquareLimit, badData, unobservable, deEnergised } = result
    return {
        status,
        iterations,
        objective,
        degreesOfFreedom,
        chiSquareLimit,
        badData,
        unobservable,
        ...(deEnergised.length ? { deEnergised } : {}),
        buses: result.bus,
    }
}

/** What may be asked for beside the estimate. */
interface More {
    readonly critical: readonly number[]
    readonly criticalSets: readonly (readonly number[])[]
    readonly topology?: TopologyCheck
    readonly advice?: MeterAdvice
}

function moreToJson({ critical, criticalSets, topology, advice }: More) {
    return {
        critical,
        criticalSets,
        ...(topology ? { topology: { status: topology.status, suspects: topology.suspects } } : {}),
        ...(advice ? { advice } : {}),
    }
}

const place = (m: StateMeasurement) => (m.bus === undefined ? `branch ${m.branch}` : `bus ${m.bus}`)

function describeMore(network: Network, more: More, measurements: readonly StateMeasurement[], terminal: Terminal): string {
    const { critical, criticalSets, topology, advice } = more
    const name = (r: number) => `${r} (${measurements[r]!.kind} of ${place(measurements[r]!)})`
    const lines: string[] = []
    if (critical.length) lines.push(`critical, nothing checks them: ${critical.map(name).join(', ')}`)
    for (const set of criticalSets)
        lines.push(`critical ${set.length === 2 ? 'pair' : 'set'}, an error among them shows but not where: ${set.map(name).join(', ')}`)
    if (topology?.status === 'consistent') lines.push('no branch status contradicts the measurements')
    for (const { branch, modelled, objectiveBefore, objectiveAfter } of topology?.suspects ?? []) {
        const { fromBus, toBus } = network.branch[branch]!
        const fall = `J ${formatNumber(objectiveBefore, 1)} as modelled, ${formatNumber(objectiveAfter, 1)} when ${modelled === 'open' ? 'closed' : 'open'}`
        lines.push(
            paint(
                terminal,
                'red',
                `branch ${branch} (${fromBus}–${toBus}) is ${modelled} in the case, the measurements say otherwise: ${fall}`,
            ),
        )
    }
    if (advice) {
        if (advice.observability.length + advice.redundancy.length === 0) lines.push('no meter is missing')
        for (const { name: meter, restores } of advice.observability)
            lines.push(`meter missing: ${meter}${restores.length ? `; makes bus ${restores.join(', ')} observable` : ''}`)
        for (const { name: meter, checks } of advice.redundancy)
            lines.push(`meter missing: ${meter}; checks ${checks.map(name).join(', ')}`)
        const { unobservable, critical: unchecked } = advice.left
        if (unobservable.length + unchecked.length)
            lines.push(`no meter helps: ${[...unobservable.map((id) => `bus ${id}`), ...unchecked.map(name)].join(', ')}`)
    }
    return lines.length ? `${lines.join('\n')}\n` : ''
}

function summarise(network: Network, result: Estimate, count: number, terminal: Terminal): string {
    const good = result.status === 'converged'
    const steps = `${result.iterations} iteration${result.iterations === 1 ? '' : 's'}`
    const parts = [
        `${network.name || 'case'}: ${paint(terminal, good ? 'green' : 'red', result.status)} in ${steps}`,
        `${count} measurements`,
    ]
    if (result.status !== 'diverged') {
        const test = `J ${formatNumber(result.objective, 3)}, limit ${formatNumber(result.chiSquareLimit, 3)} at 95 % with ${result.degreesOfFreedom} degrees of freedom`
        parts.push(result.chiSquarePassed ? test : paint(terminal, 'yellow', `${test}: bad data suspected`))
        parts.push(`${result.badData.length} removed`)
    }
    const lines = [parts.join(' · ')]
    if (result.unobservable.length)
        lines.push(paint(terminal, 'red', `not observable, no measurement determines them: bus ${result.unobservable.join(', ')}`))
    if (result.deEnergised.length) lines.push(`without supply: bus ${result.deEnergised.join(', ')}`)
    if (result.status === 'diverged')
        lines.push(
            'the measurements contradict each other too much for a solution: look for wrong units, signs or a gross error; --no-bad-data shows the first estimate',
        )
    return `${lines.join('\n')}\n`
}

function tables(result: Estimate, measurements: readonly StateMeasurement[], estimated: Float64Array, terminal: Terminal): string {
    const bad = result.badData.length
        ? renderTable(terminal, 'Removed as bad data', result.badData, [
              { title: 'measurement', value: (row) => row.measurement },
              { title: 'kind', value: (row) => measurements[row.measurement]!.kind },
              { title: 'at', value: (row) => place(measurements[row.measurement]!) },
              { title: 'measured', value: (row) => measurements[row.measurement]!.value, decimals: 4 },
              { title: 'estimated', value: (row) => estimated[row.measurement], decimals: 4 },
              { title: 'unit', value: (row) => measurementUnit(measurements[row.measurement]!.kind) },
              { title: 'normalised residual', value: (row) => row.normalisedResidual, decimals: 2 },
          ])
        : ''
    const buses = renderTable(terminal, 'Buses', result.bus, [
        { title: 'bus', value: (row) => row.id },
        { title: 'V p.u.', value: (row) => row.vmPu, decimals: 5 },
        { title: 'angle °', value: (row) => row.vaDeg, decimals: 4 },
    ])
    return bad + buses
}
