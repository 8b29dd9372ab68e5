/** What the worker does, apart from talking: a case read, solved, placed; scenarios and outages a stretch at a time. */
import {
    type CaseContent,
    type CaseFile,
    checkNetwork,
    createBatch,
    createBatchColumns,
    createContingencies,
    isBinaryCase,
    loadShippedRegion,
    type Network,
    type OutageRow,
    parseCaseFile,
    type Region,
    solvePowerFlow,
    summariseBatch,
    synthesiseRegion,
} from '@gridverse/grid'
import type { BatchView, CaseView, ContingencyView, DroppedFile } from './contract.ts'

/** One file as text or bytes, several as a folder. */
export function contentOf(files: readonly DroppedFile[]): { content: CaseContent; name: string } {
    const of = (bytes: Uint8Array) => (isBinaryCase(bytes) ? bytes : new TextDecoder().decode(bytes))
    if (files.length === 1) return { content: of(files[0]!.bytes), name: files[0]!.name }
    return { content: new Map(files.map(({ name, bytes }) => [name, of(bytes)])), name: files[0]?.name ?? '' }
}

export function openCase(files: readonly DroppedFile[], now: () => number): { view: CaseView; network: Network } {
    const start = now()
    const { content, name } = contentOf(files)
    return viewOf(parseCaseFile(content, name), now() - start, now)
}

export function openExample(now: () => number): { view: CaseView; network: Network } {
    const start = now()
    const region = loadShippedRegion()
    return viewOf({ format: 'region', network: region.network, region, issues: checkNetwork(region.network) }, now() - start, now)
}

function viewOf(file: CaseFile, readMs: number, now: () => number): { view: CaseView; network: Network } {
    const { network, issues, format } = file
    const sound = !issues.some(({ severity }) => severity !== 'warning')
    const begin = now()
    const flow = sound && network.bus.length > 0 ? solveFromWherever(network) : undefined
    const solved = now()
    // a drawing of who is joined to whom, also where the file knows the map: feeders would be specks on it
    const place = sound ? placesOf(synthesiseRegion(network)) : new Map<number, { x: number; y: number }>()
    const layoutMs = now() - solved
    const row = new Map(network.bus.map(({ id }, i) => [id, i]))
    const has = flow?.status === 'converged'
    const loads = sumByBus(network.load.filter(({ inService }) => inService))
    const generation = sumByBus(has ? flow.generator : network.generator.filter(({ inService }) => inService))
    const view: CaseView = {
        name: network.name,
        format,
        issues,
        flow: flow && {
            status: flow.status,
            iterations: flow.iterations,
            lossesMw: flow.lossesMw,
            mismatchPu: flow.mismatchPu,
            ...(flow.worstBus === undefined ? {} : { worstBus: flow.worstBus }),
        },
        bus: network.bus.map((bus, i) => ({
            ...(has ? flow.bus[i]! : { id: bus.id, vmPu: Number.NaN, vaDeg: Number.NaN, energised: false }),
            name: bus.name,
            baseKv: bus.baseKv,
            vMinPu: bus.vMinPu,
            vMaxPu: bus.vMaxPu,
            generationMw: generation.get(bus.id) ?? 0,
            loadMw: loads.get(bus.id) ?? 0,
            x: place.get(bus.id)?.x ?? Number.NaN,
            y: place.get(bus.id)?.y ?? Number.NaN,
        })),
        branch: network.branch.map((branch, index) => ({
            index,
            id: branch.id,
            kind: branch.kind,
            from: row.get(branch.fromBus) ?? -1,
            to: row.get(branch.toBus) ?? -1,
            inService: branch.inService,
            pFromMw: has ? flow.branch[index]!.pFromMw : Number.NaN,
            qFromMvar: has ? flow.branch[index]!.qFromMvar : Number.NaN,
            loadingPercent: has ? flow.branch[index]!.loadingPercent : null,
        })),
        generator: flow?.generator ?? [],
        readMs,
        solveMs: solved - begin,
        layoutMs,
    }
    return { view, network }
}

function sumByBus(rows: readonly { readonly bus: number; readonly pMw: number }[]): Map<number, number> {
    const total = new Map<number, number>()
    for (const { bus, pMw } of rows) total.set(bus, (total.get(bus) ?? 0) + pMw)
    return total
}

/** From the case's voltages, or flat where these lead nowhere. */
function solveFromWherever(network: Network) {
    const flow = solvePowerFlow(network)
    return flow.status === 'converged' ? flow : solvePowerFlow(network, { start: 'flat' })
}

/** Places of buses: that of their site, several at one site side by side on a small circle. */
export function placesOf({ site, network }: Pick<Region, 'site' | 'network'>): Map<number, { x: number; y: number }> {
    const at = new Map(site.map(({ id, latDeg, lonDeg }) => [id, { x: lonDeg * Math.cos((latDeg * Math.PI) / 180), y: -latDeg }]))
    const siteOf = new Map(network.bus.map(({ id, site: own }) => [id, own]))
    const members = new Map<string, number[]>()
    for (const { id, site: own } of network.bus) members.set(own, [...(members.get(own) ?? []), id])
    const lengths = network.branch
        .flatMap(({ fromBus, toBus }) => {
            const [a, b] = [at.get(siteOf.get(fromBus) ?? ''), at.get(siteOf.get(toBus) ?? '')]
            return a && b && a !== b ? [Math.hypot(a.x - b.x, a.y - b.y)] : []
        })
        .sort((a, b) => a - b)
    const unit = lengths[lengths.length >> 1] || 1
    const place = new Map<number, { x: number; y: number }>()
    for (const [own, buses] of members) {
        const middle = at.get(own) ?? { x: 0, y: 0 }
        const radius = buses.length === 1 ? 0 : 0.08 * Math.min(4, Math.sqrt(buses.length))
        buses.forEach((id, k) => {
            const turn = (2 * Math.PI * k) / buses.length
            place.set(id, { x: middle.x / unit + radius * Math.cos(turn), y: middle.y / unit + radius * Math.sin(turn) })
        })
    }
    return place
}

/** Load scenarios, a stretch after each `yield` of how many are done. */
export function* solveScenarios(network: Network, samples: number, now: () => number): Generator<number, BatchView> {
    const solver = createBatch(network, { seed: 1 })
    const columns = createBatchColumns(samples)
    const start = now()
    const stretch = Math.max(8, Math.min(256, Math.ceil(40_000 / network.bus.length)))
    for (let done = 0; done < samples; ) {
        const next = Array.from({ length: Math.min(stretch, samples - done) }, (_, k) => done + k)
        solver.solve(next, columns)
        done += next.length
        yield done
    }
    const { converged } = summariseBatch(columns)
    const rows = (['vmMinPu', 'vmMaxPu', 'worstLoadingPercent', 'lossesMw'] as const).map((key) => {
        const values = columns[key].filter((value) => !Number.isNaN(value))
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        return {
            key,
            least: values.reduce((a, b) => Math.min(a, b), Infinity),
            mean,
            most: values.reduce((a, b) => Math.max(a, b), -Infinity),
        }
    })
    return { samples, converged, seconds: (now() - start) / 1000, rows }
}

/** Every branch out in turn, a stretch after each `yield`; the worst first in the answer. */
export function* solveOutages(network: Network, now: () => number): Generator<number, ContingencyView> {
    const solver = createContingencies(network)
    const total = solver.list.length
    const start = now()
    const outages: OutageRow[] = []
    if (solver.base.status === 'converged') {
        const stretch = Math.max(16, Math.ceil(10_000 / network.bus.length))
        for (let done = 0; done < total; ) {
            const next = Array.from({ length: Math.min(stretch, total - done) }, (_, k) => done + k)
            outages.push(...solver.solveMany(next))
            done += next.length
            yield done
        }
    }
    const rank = ({ status }: OutageRow) => ['diverged', 'islanding', 'converged', 'screened'].indexOf(status)
    outages.sort((a, b) => rank(a) - rank(b) || (b.worstLoadingPercent ?? 0) - (a.worstLoadingPercent ?? 0))
    return { outages: outages.slice(0, 200), total, seconds: (now() - start) / 1000 }
}
