/** What can be wrong with couplers, HVDC links, three-winding transformers and controls. */
import type { Place } from './check-network.ts'
import type { Control, Network } from './network.ts'

type Table = 'coupler' | 'dcLink' | 'transformer3' | 'control'
type Tell = (code: string, path: string, place: Place | undefined, message: string) => void

export interface Findings {
    readonly error: Tell
    readonly warning: Tell
    readonly placeOf: (table: Table, row: number) => Place | undefined
    /** whether a bus is there; tells where not */
    readonly known: (table: Table, row: number, id: string, column: string, bus: number) => boolean
}

export function checkOptionalTables(network: Network, findings: Findings): void {
    if (network.coupler?.length) checkCouplers(network, findings)
    if (network.dcLink?.length) checkDcLinks(network, findings)
    if (network.transformer3?.length) checkTransformers3(network, findings)
    if (network.control?.length) checkControls(network, findings)
}

const busesOf = (network: Network) => new Map(network.bus.map((b) => [b.id, b]))

function checkCouplers(network: Network, { error, warning, placeOf, known }: Findings): void {
    const bus = busesOf(network)
    network.coupler?.forEach((c, k) => {
        const line = placeOf('coupler', k)
        const path = `coupler/${c.id}`
        const fromKnown = known('coupler', k, c.id, 'fromBus', c.fromBus)
        if (!known('coupler', k, c.id, 'toBus', c.toBus) || !fromKnown) return
        if (c.fromBus === c.toBus) error('self-loop', path, line, `coupler ${c.id} joins bus ${c.fromBus} to itself`)
        if (!c.closed) return
        const [from, to] = [bus.get(c.fromBus)!, bus.get(c.toBus)!]
        if (from.baseKv !== to.baseKv)
            warning(
                'levels-differ',
                path,
                line,
                `coupler ${c.id} joins ${from.baseKv} kV and ${to.baseKv} kV; one voltage in p.u. holds for both`,
            )
        if (from.type === 'isolated' || to.type === 'isolated')
            warning('isolated-in-use', path, line, `coupler ${c.id} is closed at a bus marked isolated; it joins nothing`)
    })
}

function checkDcLinks(network: Network, { error, warning, placeOf, known }: Findings): void {
    const holds = new Set(network.bus.filter((b) => b.type === 'pv' || b.type === 'slack').map((b) => b.id))
    /** who holds a bus, and at what: the last generator, else the last converter before */
    const held = new Map<number, { readonly who: string; readonly vSetPu: number }>()
    for (const g of network.generator) if (g.inService && holds.has(g.bus)) held.set(g.bus, { who: `generator ${g.id}`, vSetPu: g.vSetPu })
    const byGenerator = new Set(held.keys())
    network.dcLink?.forEach((d, k) => {
        const line = placeOf('dcLink', k)
        const path = `dcLink/${d.id}`
        const fromKnown = known('dcLink', k, d.id, 'fromBus', d.fromBus)
        if (!known('dcLink', k, d.id, 'toBus', d.toBus) || !fromKnown) return
        if (d.fromBus === d.toBus) error('self-loop', path, line, `DC link ${d.id} joins bus ${d.fromBus} to itself`)
        const crossed = (low: 'pMinMw' | 'qMinFromMvar' | 'qMinToMvar', high: 'pMaxMw' | 'qMaxFromMvar' | 'qMaxToMvar', unit: string) => {
            if (d[low] > d[high])
                error('limits-crossed', `${path}/${low}`, line, `DC link ${d.id}: ${low} ${d[low]} ${unit} above ${high} ${d[high]}`)
        }
        crossed('pMinMw', 'pMaxMw', 'MW')
        crossed('qMinFromMvar', 'qMaxFromMvar', 'Mvar')
        crossed('qMinToMvar', 'qMaxToMvar', 'Mvar')
        if (!d.inService) return
        if (d.pMw < d.pMinMw || d.pMw > d.pMaxMw)
            warning('off-limits', `${path}/pMw`, line, `DC link ${d.id} carries ${d.pMw} MW, outside its ${d.pMinMw} to ${d.pMaxMw} MW`)
        for (const column of ['vFromPu', 'vToPu'] as const)
            if (d[column] !== 0 && (d[column] < 0.8 || d[column] > 1.2))
                warning('odd-voltage', `${path}/${column}`, line, `DC link ${d.id} holds ${d[column]} p.u.; 0 holds none`)
        for (const [column, bus] of [
            ['vFromPu', d.fromBus],
            ['vToPu', d.toBus],
        ] as const) {
            const other = held.get(bus)
            if (d[column] === 0) continue
            if (other && other.vSetPu !== d[column])
                warning(
                    'set-points-differ',
                    `${path}/${column}`,
                    line,
                    `DC link ${d.id} wants ${d[column]} p.u. at bus ${bus}, where ${other.who} holds ${other.vSetPu} p.u.; ${byGenerator.has(bus) ? 'the generator' : 'the last one'} counts`,
                )
            if (!byGenerator.has(bus)) held.set(bus, { who: `DC link ${d.id}`, vSetPu: d[column] })
        }
    })
}

function checkTransformers3(network: Network, { error, warning, placeOf, known }: Findings): void {
    const bus = busesOf(network)
    network.transformer3?.forEach((t, k) => {
        const line = placeOf('transformer3', k)
        const path = `transformer3/${t.id}`
        const there = (['bus1', 'bus2', 'bus3'] as const).filter((column) => known('transformer3', k, t.id, column, t[column]))
        if (there.length < 3) return
        if (t.bus1 === t.bus2 || t.bus2 === t.bus3 || t.bus3 === t.bus1)
            error('self-loop', path, line, `transformer ${t.id} has two windings at one bus (${t.bus1}, ${t.bus2}, ${t.bus3})`)
        for (const [pair, r, x] of [
            ['12', t.r12Pu, t.x12Pu],
            ['23', t.r23Pu, t.x23Pu],
            ['31', t.r31Pu, t.x31Pu],
        ] as const)
            if (r === 0 && x === 0)
                error(
                    'zero-impedance',
                    `${path}/x${pair}Pu`,
                    line,
                    `transformer ${t.id}: no impedance between windings ${pair[0]} and ${pair[1]}`,
                )
        if (t.inService && [t.bus1, t.bus2, t.bus3].some((id) => bus.get(id)?.type === 'isolated'))
            warning(
                'isolated-in-use',
                path,
                line,
                `transformer ${t.id} is in service at a bus marked isolated; that winding carries nothing`,
            )
    })
}

/** the element a control moves, in words, and whether the network has it */
function moved(network: Network, kind: Control['kind'], element: string) {
    if (kind === 'shunt') return { what: 'shunt', row: network.shunt.find((s) => s.id === element) }
    if (kind === 'voltage') return { what: 'generator', row: network.generator.find((g) => g.id === element) }
    const winding = /^(.*)\/[123]$/.exec(element)?.[1]
    const row = network.branch.find((b) => b.id === element) ?? network.transformer3?.find((t) => t.id === winding)
    return { what: 'branch', row }
}

function checkControls(network: Network, { error, warning, placeOf, known }: Findings): void {
    const firstOn = new Map<string, string>()
    const targetAt = new Map<number, { readonly id: string; readonly target: number }>()
    const held = new Map<number, { readonly id: string; readonly vSetPu: number }>()
    const holds = new Set(network.bus.filter((b) => b.type === 'pv' || b.type === 'slack').map((b) => b.id))
    const remote = new Set((network.control ?? []).filter((c) => c.kind === 'voltage' && c.inService).map((c) => c.element))
    for (const g of network.generator) if (g.inService && holds.has(g.bus) && !remote.has(g.id)) held.set(g.bus, g)
    network.control?.forEach((c, k) => {
        const line = placeOf('control', k)
        const path = `control/${c.id}`
        const { what, row } = moved(network, c.kind, c.element)
        if (!row)
            error(
                'missing-element',
                `${path}/element`,
                line,
                `control ${c.id} moves ${what} "${c.element}", which the network does not have`,
            )
        if (c.kind !== 'shift') known('control', k, c.id, 'bus', c.bus)
        if (c.min > c.max) error('limits-crossed', `${path}/min`, line, `control ${c.id}: min ${c.min} above max ${c.max}`)
        if (c.step > 0 && !Number.isFinite(c.min))
            error('out-of-range', `${path}/min`, line, `control ${c.id} moves in steps of ${c.step} from its min, which must be finite`)
        if (!c.inService) return
        const before = firstOn.get(`${c.kind}/${c.element}`)
        if (before !== undefined)
            error('controls-fight', path, line, `controls ${before} and ${c.id} both move the ${c.kind} of ${what} ${c.element}`)
        firstOn.set(`${c.kind}/${c.element}`, c.id)
        if (c.kind === 'shift') return
        if (c.target < 0.8 || c.target > 1.2)
            warning('odd-voltage', `${path}/target`, line, `control ${c.id} holds bus ${c.bus} at ${c.target} p.u.`)
        const other = targetAt.get(c.bus)
        if (other && other.target !== c.target)
            warning(
                'set-points-differ',
                `${path}/target`,
                line,
                `controls ${other.id} and ${c.id} hold bus ${c.bus} at ${other.target} and ${c.target} p.u.`,
            )
        targetAt.set(c.bus, c)
        const generator = c.kind === 'voltage' ? undefined : held.get(c.bus)
        if (generator && Math.abs(generator.vSetPu - c.target) > c.deadband)
            warning(
                'set-points-differ',
                `${path}/target`,
                line,
                `control ${c.id} wants ${c.target} p.u. at bus ${c.bus}, where generator ${generator.id} holds ${generator.vSetPu} p.u.`,
            )
    })
}
