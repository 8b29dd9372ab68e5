/**
 * The truth of the plant as columns: one array per quantity, one entry per row of the network's tables. Physics writes
 * here, telemetry and the control port read here. MW, Mvar, p.u., degrees, kA, %.
 */
import { type Region, splitComponent } from '@gridverse/grid'

export interface GridState {
    readonly region: Region
    readonly busAt: ReadonlyMap<number, number>
    /** 1 closed, 0 open */
    readonly switchClosed: Uint8Array
    /** in service: every switch of the component closed */
    readonly branchOn: Uint8Array
    readonly generatorOn: Uint8Array
    readonly storageOn: Uint8Array
    readonly loadOn: Uint8Array
    readonly shuntOn: Uint8Array
    readonly tapPosition: Float64Array
    /** setpoint, base point on its way there, power into the grid */
    readonly generatorSetMw: Float64Array
    readonly generatorBaseMw: Float64Array
    readonly generatorMw: Float64Array
    readonly generatorMvar: Float64Array
    readonly generatorSetPu: Float64Array
    readonly generatorAvailableMw: Float64Array
    readonly storageSetMw: Float64Array
    readonly storageMw: Float64Array
    readonly storageMvar: Float64Array
    readonly socPercent: Float64Array
    /** limit of a flexible load or of charging posts */
    readonly loadSetMw: Float64Array
    readonly loadMw: Float64Array
    readonly loadMvar: Float64Array
    readonly shuntMvar: Float64Array
    readonly vmPu: Float64Array
    readonly vaDeg: Float64Array
    readonly pFromMw: Float64Array
    readonly qFromMvar: Float64Array
    readonly pToMw: Float64Array
    readonly qToMvar: Float64Array
    readonly iFromKa: Float64Array
    readonly iToKa: Float64Array
    readonly loadingPercent: Float64Array
    /** one entry */
    readonly frequencyHz: Float64Array
    /** per site */
    readonly windMps: Float64Array
    readonly windFromDeg: Float64Array
    readonly irradianceWm2: Float64Array
    readonly temperatureC: Float64Array
}

/** State at the start of a region, as its records say. */
export function createGridState(region: Region): GridState {
    const { network } = region
    const column = <R>(rows: readonly R[], value: (row: R) => number) => Float64Array.from(rows, value)
    const zeros = (rows: readonly unknown[]) => new Float64Array(rows.length)
    const on = (rows: readonly { inService: boolean }[]) => Uint8Array.from(rows, (row) => (row.inService ? 1 : 0))
    const state: GridState = {
        region,
        busAt: new Map(network.bus.map((b, i) => [b.id, i])),
        switchClosed: Uint8Array.from(region.switch, (s) => (s.closed ? 1 : 0)),
        branchOn: on(network.branch),
        generatorOn: on(network.generator),
        storageOn: on(network.storage),
        loadOn: on(network.load),
        shuntOn: on(network.shunt),
        tapPosition: zeros(network.branch),
        generatorSetMw: column(network.generator, (g) => g.pMw),
        generatorBaseMw: column(network.generator, (g) => (g.inService ? g.pMw : 0)),
        generatorMw: column(network.generator, (g) => (g.inService ? g.pMw : 0)),
        generatorMvar: column(network.generator, (g) => g.qMvar),
        generatorSetPu: column(network.generator, (g) => g.vSetPu),
        generatorAvailableMw: column(network.generator, (g) => (Number.isFinite(g.pMaxMw) ? Math.max(0, g.pMaxMw) : Math.max(0, g.pMw))),
        storageSetMw: column(network.storage, (s) => s.pMw),
        storageMw: column(network.storage, (s) => s.pMw),
        storageMvar: column(network.storage, (s) => s.qMvar),
        socPercent: column(network.storage, (s) => s.socPercent),
        loadSetMw: column(network.load, (l) => Math.abs(l.pMw)),
        loadMw: column(network.load, (l) => l.pMw),
        loadMvar: column(network.load, (l) => l.qMvar),
        shuntMvar: zeros(network.shunt),
        vmPu: column(network.bus, (b) => b.vmPu),
        vaDeg: column(network.bus, (b) => b.vaDeg),
        pFromMw: zeros(network.branch),
        qFromMvar: zeros(network.branch),
        pToMw: zeros(network.branch),
        qToMvar: zeros(network.branch),
        iFromKa: zeros(network.branch),
        iToKa: zeros(network.branch),
        loadingPercent: zeros(network.branch),
        frequencyHz: Float64Array.of(network.frequencyHz),
        windMps: zeros(region.site),
        windFromDeg: zeros(region.site),
        irradianceWm2: zeros(region.site),
        temperatureC: zeros(region.site),
    }
    createSwitching(state).apply()
    return state
}

type Quantities = Readonly<Record<string, ArrayLike<number>>>

/** The array behind every quantity of every kind of component, by the names of the point catalogue. */
export function columnsOf(state: GridState): Readonly<Record<string, Quantities>> {
    return {
        system: { frequencyHz: state.frequencyHz },
        site: {
            windMps: state.windMps,
            windFromDeg: state.windFromDeg,
            irradianceWm2: state.irradianceWm2,
            temperatureC: state.temperatureC,
        },
        bus: { vmPu: state.vmPu, vaDeg: state.vaDeg },
        branch: {
            pFromMw: state.pFromMw,
            qFromMvar: state.qFromMvar,
            pToMw: state.pToMw,
            qToMvar: state.qToMvar,
            iFromKa: state.iFromKa,
            iToKa: state.iToKa,
            loadingPercent: state.loadingPercent,
            tapPosition: state.tapPosition,
        },
        generator: {
            pMw: state.generatorMw,
            qMvar: state.generatorMvar,
            pSetMw: state.generatorSetMw,
            vSetPu: state.generatorSetPu,
            availableMw: state.generatorAvailableMw,
        },
        storage: { pMw: state.storageMw, qMvar: state.storageMvar, pSetMw: state.storageSetMw, socPercent: state.socPercent },
        load: { pMw: state.loadMw, qMvar: state.loadMvar, pSetMw: state.loadSetMw },
        shunt: { qMvar: state.shuntMvar },
        switch: { closed: state.switchClosed },
    }
}

/** Row number of a component (`branch/L7`) in its table; −1 where there is none. */
export function createRowFinder(region: Region): (component: string) => number {
    const { network } = region
    const tables: Record<string, readonly { id: string | number }[]> = {
        bus: network.bus,
        branch: network.branch,
        generator: network.generator,
        storage: network.storage,
        load: network.load,
        shunt: network.shunt,
        switch: region.switch,
        site: region.site,
        system: [{ id: 'grid' }],
    }
    const row = new Map<string, number>()
    for (const [kind, rows] of Object.entries(tables)) for (const [i, r] of rows.entries()) row.set(`${kind}/${r.id}`, i)
    return (component) => row.get(component) ?? -1
}

/** Turns switch positions into what is in service. */
export function createSwitching(state: GridState) {
    const { region } = state
    const find = createRowFinder(region)
    const onOf: Record<string, Uint8Array> = {
        branch: state.branchOn,
        generator: state.generatorOn,
        storage: state.storageOn,
        load: state.loadOn,
        shunt: state.shuntOn,
    }
    const on = region.switch.map((s) => onOf[splitComponent(s.component).kind])
    const row = Int32Array.from(region.switch, (s) => find(s.component))
    return {
        /** branchOn, generatorOn, … ← the positions of the switches; components without switches keep theirs */
        apply(): void {
            for (let s = 0; s < row.length; s++) on[s]![row[s]!] = 1
            for (let s = 0; s < row.length; s++) if (state.switchClosed[s] === 0) on[s]![row[s]!] = 0
        },
    }
}
