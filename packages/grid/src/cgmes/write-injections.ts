/** Loads, shunts, generators and storages as CIM equipment. CGMES counts powers of machines as drawn: −p of a generator. */
import { notKept } from '../case-format.ts'
import type { Control, Generator } from '../network.ts'
import type { UnitKind } from '../region.ts'
import { kind, ref } from './cim-writer.ts'
import { writeControl } from './write-branches.ts'
import type { WriteFrame } from './write-frame.ts'

export type InjectionPower = (table: 'load' | 'generator' | 'storage', row: number) => { pMw: number; qMvar: number }

/** class of a generating unit by its kind */
const unitClass: Partial<Record<UnitKind, string>> = {
    nuclear: 'NuclearGeneratingUnit',
    coal: 'ThermalGeneratingUnit',
    oil: 'ThermalGeneratingUnit',
    gas: 'ThermalGeneratingUnit',
    thermal: 'ThermalGeneratingUnit',
    hydro: 'HydroGeneratingUnit',
    wind: 'WindGeneratingUnit',
    pv: 'SolarGeneratingUnit',
}

/** Everything that stands at one bus; `kinds` tells what a component is, `powerOf` gives the powers of the state variables. */
export function writeInjections(frame: WriteFrame, kinds: ReadonlyMap<string, UnitKind>, powerOf: InjectionPower): void {
    const { network, eq, ssh, sv, mrid, terminal, voltageLevelOf } = frame
    const powerFlow = (end: string, pMw: number, qMvar: number) =>
        sv.define('SvPowerFlow', mrid('terminal', end, 'sv'), {
            'SvPowerFlow.Terminal': ref(end),
            'SvPowerFlow.p': pMw,
            'SvPowerFlow.q': qMvar,
        })
    const equipment = (id: string, bus: number) => ({
        'IdentifiedObject.name': id,
        'Equipment.EquipmentContainer': ref(voltageLevelOf(bus)),
    })
    network.load.forEach((load, row) => {
        const id = mrid('load', load.id)
        eq.define('EnergyConsumer', id, equipment(load.id, load.bus))
        ssh.describe('EnergyConsumer', id, { 'EnergyConsumer.p': load.pMw, 'EnergyConsumer.q': load.qMvar })
        const end = terminal(id, 1, load.bus, `load/${load.id}`, 'unit', load.inService)
        const { pMw, qMvar } = powerOf('load', row)
        powerFlow(end, pMw, qMvar)
    })
    if (network.storage.length)
        frame.issues.push(
            notKept('storage', `CGMES 2.4.15 has no storage: ${network.storage.length} are written as energy sources of fixed power`),
        )
    network.storage.forEach((storage, row) => {
        const id = mrid('storage', storage.id)
        eq.define('EnergySource', id, equipment(storage.id, storage.bus))
        ssh.describe('EnergySource', id, { 'EnergySource.activePower': -storage.pMw, 'EnergySource.reactivePower': -storage.qMvar })
        const end = terminal(id, 1, storage.bus, `storage/${storage.id}`, 'unit', storage.inService)
        const { pMw, qMvar } = powerOf('storage', row)
        powerFlow(end, -pMw, -qMvar)
    })
    const shuntControls = new Map((network.control ?? []).filter((c) => c.kind === 'shunt').map((c) => [c.element, c]))
    for (const shunt of network.shunt) {
        const id = mrid('shunt', shunt.id)
        const kv2 = frame.kvOf(shunt.bus) ** 2
        const control = shuntControls.get(shunt.id)
        const steps = control && control.step > 0 && shunt.bMvar !== 0 ? shunt.bMvar / control.step : 1
        const whole = Math.abs(steps - Math.round(steps)) < 1e-9 && steps > 0 ? Math.round(steps) : 1
        const most = control && whole * (control.step || 1) === shunt.bMvar ? Math.round(control.max / control.step) : whole
        const sections = Number.isFinite(most) ? Math.max(most, whole) : whole
        eq.define('LinearShuntCompensator', id, {
            ...equipment(shunt.id, shunt.bus),
            'ShuntCompensator.nomU': frame.kvOf(shunt.bus),
            'ShuntCompensator.normalSections': whole,
            'ShuntCompensator.maximumSections': sections,
            'LinearShuntCompensator.bPerSection': shunt.bMvar / whole / kv2,
            'LinearShuntCompensator.gPerSection': shunt.gMw / whole / kv2,
            ...(control ? { 'RegulatingCondEq.RegulatingControl': ref(mrid('control', control.id)) } : {}),
        })
        ssh.describe('LinearShuntCompensator', id, {
            'ShuntCompensator.sections': whole,
            'RegulatingCondEq.controlEnabled': control?.inService ?? false,
        })
        if (control) {
            if (!(control.step > 0 && control.min === 0))
                frame.issues.push(
                    notKept(`control/${control.id}`, `limits of control ${control.id} are written in whole sections of ${shunt.id}`),
                )
            writeControl(frame, control, 'RegulatingControl', frame.busbarTerminalOf(control.bus), frame.kvOf(control.bus), 'voltage')
        }
        terminal(id, 1, shunt.bus, `shunt/${shunt.id}`, 'unit', shunt.inService)
        sv.define('SvShuntCompensatorSections', mrid('shunt', shunt.id, 'sv'), {
            'SvShuntCompensatorSections.ShuntCompensator': ref(id),
            'SvShuntCompensatorSections.sections': whole,
        })
    }
    const remote = new Map((network.control ?? []).filter((c) => c.kind === 'voltage').map((c) => [c.element, c]))
    const priority = slackPriorities(frame)
    network.generator.forEach((generator, row) => {
        const end = writeGenerator(
            frame,
            generator,
            kinds.get(`generator/${generator.id}`),
            remote.get(generator.id),
            priority.get(row) ?? 0,
        )
        const { pMw, qMvar } = powerOf('generator', row)
        powerFlow(end, -pMw, -qMvar)
    })
}

/** 1, 2, … for the first generator in service of every slack bus. */
function slackPriorities({ network }: WriteFrame): Map<number, number> {
    const slack = new Set(network.bus.filter((b) => b.type === 'slack').map((b) => b.id))
    const found = new Map<number, number>()
    network.generator.forEach((g, row) => {
        if (g.inService && slack.delete(g.bus)) found.set(row, found.size + 1)
    })
    return found
}

function writeGenerator(
    frame: WriteFrame,
    g: Generator,
    what: UnitKind | undefined,
    remote: Control | undefined,
    priority: number,
): string {
    const { eq, ssh, mrid, terminal, voltageLevelOf, substationOf, busOf, kvOf } = frame
    const id = mrid('generator', g.id)
    const unit = mrid('generator', g.id, 'unit')
    const control = remote ? mrid('control', remote.id) : mrid('generator', g.id, 'control')
    const { type } = busOf(g.bus)
    const regulates = remote ? remote.inService : type === 'pv' || type === 'slack'
    const unitType = (what && unitClass[what]) ?? 'GeneratingUnit'
    eq.define(unitType, unit, {
        'IdentifiedObject.name': g.id,
        'Equipment.EquipmentContainer': ref(substationOf(g.bus)),
        'GeneratingUnit.minOperatingP': g.pMinMw,
        'GeneratingUnit.maxOperatingP': g.pMaxMw,
        'GeneratingUnit.initialP': g.pMw,
    })
    ssh.describe(unitType, unit, { 'GeneratingUnit.normalPF': priority > 0 ? 1 : 0 })
    eq.define('SynchronousMachine', id, {
        'IdentifiedObject.name': g.id,
        'Equipment.EquipmentContainer': ref(voltageLevelOf(g.bus)),
        'RegulatingCondEq.RegulatingControl': ref(control),
        'RotatingMachine.GeneratingUnit': ref(unit),
        'RotatingMachine.ratedS': g.baseMva,
        'SynchronousMachine.minQ': g.qMinMvar,
        'SynchronousMachine.maxQ': g.qMaxMvar,
        'SynchronousMachine.type': kind('SynchronousMachineKind.generator'),
    })
    ssh.describe('SynchronousMachine', id, {
        'RotatingMachine.p': -g.pMw,
        'RotatingMachine.q': -g.qMvar,
        'RegulatingCondEq.controlEnabled': regulates,
        'SynchronousMachine.operatingMode': kind('SynchronousMachineOperatingMode.generator'),
        'SynchronousMachine.referencePriority': priority,
    })
    const end = terminal(id, 1, g.bus, `generator/${g.id}`, 'unit', frame.joined([g.bus], g.inService, true))
    if (remote) {
        writeControl(frame, remote, 'RegulatingControl', frame.busbarTerminalOf(remote.bus), kvOf(remote.bus), 'voltage')
        return end
    }
    eq.define('RegulatingControl', control, {
        'IdentifiedObject.name': g.id,
        'RegulatingControl.Terminal': ref(end),
        'RegulatingControl.mode': kind('RegulatingControlModeKind.voltage'),
    })
    ssh.describe('RegulatingControl', control, {
        'RegulatingControl.discrete': false,
        'RegulatingControl.enabled': regulates,
        'RegulatingControl.targetValue': g.vSetPu * kvOf(g.bus),
        'RegulatingControl.targetDeadband': 0,
        'RegulatingControl.targetValueUnitMultiplier': kind('UnitMultiplier.k'),
    })
    return end
}
