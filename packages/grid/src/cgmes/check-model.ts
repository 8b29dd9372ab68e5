/** Everything wrong with the documents themselves: profiles missing, references into nothing, values that cannot be. */
import type { Issue } from '@gridverse/units'
import { type CimModel, type CimObject, describeObject, numberOf, targetOf, textOf, toNumber } from './cim-object.ts'
import { type Profile, profileOfUri } from './profile.ts'
import type { Found } from './read-frame.ts'
import { equipmentTypes } from './read-topology.ts'

/** References the network is built from, and the classes they may point to. */
const nodes = ['ConnectivityNode']
const containers = ['Substation', 'VoltageLevel', 'Bay', 'Line', 'Plant', 'EquivalentNetwork', 'DCConverterUnit', 'DCLine']
const references: Readonly<Record<string, readonly string[]>> = {
    'Terminal.ConductingEquipment': [...equipmentTypes],
    'Terminal.ConnectivityNode': nodes,
    'Terminal.TopologicalNode': ['TopologicalNode'],
    'ConnectivityNode.TopologicalNode': ['TopologicalNode'],
    'ConnectivityNode.ConnectivityNodeContainer': containers,
    'TopologicalNode.ConnectivityNodeContainer': containers,
    'TopologicalNode.BaseVoltage': ['BaseVoltage'],
    'VoltageLevel.BaseVoltage': ['BaseVoltage'],
    'VoltageLevel.Substation': ['Substation'],
    'Bay.VoltageLevel': ['VoltageLevel'],
    'Substation.Region': ['SubGeographicalRegion'],
    'Equipment.EquipmentContainer': containers,
    'ConductingEquipment.BaseVoltage': ['BaseVoltage'],
    'TransformerEnd.Terminal': ['Terminal'],
    'TransformerEnd.BaseVoltage': ['BaseVoltage'],
    'PowerTransformerEnd.PowerTransformer': ['PowerTransformer'],
    'RatioTapChanger.TransformerEnd': ['PowerTransformerEnd'],
    'PhaseTapChanger.TransformerEnd': ['PowerTransformerEnd'],
    'RatioTapChanger.RatioTapChangerTable': ['RatioTapChangerTable'],
    'PhaseTapChangerTabular.PhaseTapChangerTable': ['PhaseTapChangerTable'],
    'TapChanger.TapChangerControl': ['TapChangerControl'],
    'RegulatingCondEq.RegulatingControl': ['RegulatingControl'],
    'RegulatingControl.Terminal': ['Terminal'],
    'RotatingMachine.GeneratingUnit': [
        'GeneratingUnit',
        'ThermalGeneratingUnit',
        'HydroGeneratingUnit',
        'WindGeneratingUnit',
        'SolarGeneratingUnit',
        'NuclearGeneratingUnit',
    ],
    'SynchronousMachine.InitialReactiveCapabilityCurve': ['ReactiveCapabilityCurve'],
    'OperationalLimit.OperationalLimitSet': ['OperationalLimitSet'],
    'OperationalLimit.OperationalLimitType': ['OperationalLimitType'],
    'OperationalLimitSet.Terminal': ['Terminal'],
    'SvVoltage.TopologicalNode': ['TopologicalNode'],
    'SvPowerFlow.Terminal': ['Terminal'],
    'DCBaseTerminal.DCNode': ['DCNode'],
}

/** Numbers without which an equipment means nothing. */
const required: Readonly<Record<string, readonly string[]>> = {
    ACLineSegment: ['ACLineSegment.r', 'ACLineSegment.x'],
    SeriesCompensator: ['SeriesCompensator.x'],
    EquivalentBranch: ['EquivalentBranch.r', 'EquivalentBranch.x'],
    PowerTransformerEnd: ['PowerTransformerEnd.ratedU', 'PowerTransformerEnd.x'],
    BaseVoltage: ['BaseVoltage.nominalVoltage'],
    LinearShuntCompensator: ['LinearShuntCompensator.bPerSection'],
}

/** properties read as numbers end in one of these words or are single letters */
const numeric =
    /\.(r|x|g|b|p|q|r21|x21|gch|bch|v|angle|value|ratedU|ratedS|nominalVoltage|step|ratio|neutralStep|lowStep|highStep|normalStep|sections|targetValue|targetDeadband|minQ|maxQ|minP|maxP|minOperatingP|maxOperatingP|stepVoltageIncrement|stepPhaseShiftIncrement|voltageStepIncrement|phaseAngleClock|endNumber|sequenceNumber|bPerSection|gPerSection|xvalue|y1value|y2value)$/

/** greatest nominal voltage in service anywhere is 1150 kV */
const highestKv = 1500
/** series impedance, Ω, and charging, S, beyond any line in service */
const mostOhms = 2000
const mostSiemens = 0.1
/** greatest current a conductor or busbar is rated for, A */
const mostAmperes = 50_000

/** Profiles the files are of. */
function profilesOf(model: CimModel): Set<Profile | 'EQ_BD' | 'TP_BD'> {
    const found = new Set<Profile | 'EQ_BD' | 'TP_BD'>()
    for (const { profiles } of model.documents)
        for (const uri of profiles) {
            const profile = profileOfUri(uri)
            if (profile) found.add(profile)
        }
    return found
}

/** Missing profiles, and documents that rest on ones that are not there. */
export function checkProfiles(model: CimModel): Issue[] {
    const issues: Issue[] = []
    const given = profilesOf(model)
    const missing = (profile: string, message: string, severity: 'error' | 'warning') =>
        issues.push({ code: 'missing-profile', path: profile, message, severity })
    const equipment = model.ofClass('Terminal').length > 0
    if (!equipment) missing('EQ', 'there is no equipment (EQ): without terminals and equipment nothing can be built', 'error')
    const topological = model.ofClass('TopologicalNode').length > 0
    if (equipment && !topological && model.ofClass('ConnectivityNode').length === 0)
        missing('TP', 'there is neither a topology (TP) nor connectivity nodes in the equipment (EQ): buses cannot be told', 'error')
    if (equipment && !given.has('SSH'))
        missing('SSH', 'there is no steady state hypothesis (SSH): powers are 0 or initial, switches, taps and sections normal', 'warning')
    const ids = new Set(model.documents.map(({ id }) => id))
    for (const document of model.documents) {
        const absent = document.dependsOn.filter((id) => id && !ids.has(id))
        if (absent.length)
            issues.push({
                code: 'missing-profile',
                path: document.id,
                ...(model.files[document.file] ? { file: model.files[document.file] } : {}),
                message: `model ${document.id} depends on ${absent.join(', ')}, which ${absent.length > 1 ? 'are' : 'is'} not among the files; a boundary set?`,
                severity: 'warning',
            })
    }
    return issues
}

/** References into nothing or to the wrong class, numbers missing, unreadable or absurd. */
export function checkObjects(model: CimModel, found: Found): void {
    const unmodelled = new Map<string, { count: number; first: CimObject }>()
    for (const object of model.objects.values()) {
        if (!object.defined) {
            if (Object.keys(object.fields).length)
                found(
                    'dangling-reference',
                    object,
                    '',
                    `${object.type} ${object.id} is described here, but no file defines it: is its EQ among them?`,
                    'warning',
                )
            continue
        }
        for (const field in object.fields) {
            const value = object.fields[field]
            if (typeof value === 'string') {
                if (numeric.test(field) && Number.isNaN(toNumber(value)))
                    found(
                        'not-a-number',
                        object,
                        field,
                        `${field} of ${describeObject(object)} must be a number, got "${value.slice(0, 40)}"`,
                    )
                continue
            }
            const allowed = references[field]
            for (const target of Array.isArray(value) ? value : [value]) {
                if (typeof target === 'string') continue
                if (!target.defined) {
                    const boundary =
                        field.endsWith('BaseVoltage') || field.endsWith('Node') ? '; the boundary set (EQ_BD, TP_BD) may be missing' : ''
                    found(
                        'dangling-reference',
                        object,
                        field,
                        `${field} of ${describeObject(object)} points to ${target.id}, which no file defines${boundary}`,
                        allowed ? 'error' : 'warning',
                    )
                } else if (allowed && !allowed.includes(target.type)) {
                    // an equipment of an unknown class is told once for its class
                    if (field === 'Terminal.ConductingEquipment' && !/Node|Terminal|Container|Limit|Control$/.test(target.type)) {
                        const known = unmodelled.get(target.type)
                        if (known) known.count++
                        else unmodelled.set(target.type, { count: 1, first: target })
                    } else
                        found(
                            'wrong-class',
                            object,
                            field,
                            `${field} of ${describeObject(object)} must point to ${allowed.length > 4 ? `an equipment` : allowed.join(' or ')}, it points to a ${target.type} (${target.id})`,
                        )
                }
            }
        }
        for (const field of required[object.type] ?? [])
            if (textOf(object, field) === undefined) found('missing-value', object, field, `${describeObject(object)} has no ${field}`)
        checkUnits(object, found)
    }
    for (const [type, { count, first }] of unmodelled)
        found('not-modelled', first, '', `${type} is not modelled: ${count} left out, the first is ${describeObject(first)}`, 'warning')
    const responding = ['EnergyConsumer', 'ConformLoad', 'NonConformLoad', 'StationSupply']
        .flatMap((type) => model.ofClass(type))
        .filter((load) => load.fields['EnergyConsumer.LoadResponse'])
    if (responding[0])
        found(
            'not-modelled',
            responding[0],
            'EnergyConsumer.LoadResponse',
            `${responding.length} loads respond to voltage (LoadResponseCharacteristic); they are taken as constant power`,
            'warning',
        )
}

/** Values whose size tells that another unit was meant. */
function checkUnits(object: CimObject, found: Found): void {
    if (object.type === 'BaseVoltage') {
        const kv = numberOf(object, 'BaseVoltage.nominalVoltage', 1)
        if (!(kv > 0 && kv <= highestKv))
            found(
                'absurd-unit',
                object,
                'BaseVoltage.nominalVoltage',
                `${describeObject(object)} has ${kv} kV; 0 to ${highestKv} are in use. Given in volts?`,
            )
    } else if (object.type === 'ACLineSegment') {
        for (const [field, most, unit, slip] of [
            ['ACLineSegment.r', mostOhms, 'Ω', 'mΩ'],
            ['ACLineSegment.x', mostOhms, 'Ω', 'mΩ'],
            ['ACLineSegment.bch', mostSiemens, 'S', 'µS'],
        ] as const) {
            const value = numberOf(object, field)
            if (Math.abs(value) > most)
                found(
                    'absurd-unit',
                    object,
                    field,
                    `${field} of ${describeObject(object)} is ${value} ${unit}, beyond any line. Given in ${slip}?`,
                    'warning',
                )
        }
    } else if (object.type === 'CurrentLimit') {
        const amperes = numberOf(object, 'CurrentLimit.value', 1)
        if (amperes > mostAmperes)
            found('absurd-unit', object, 'CurrentLimit.value', `${describeObject(object)} is ${amperes} A, beyond any conductor`, 'warning')
    } else if (object.type === 'PowerTransformerEnd') {
        const kv = numberOf(object, 'PowerTransformerEnd.ratedU', 1)
        const base = numberOf(targetOf(object, 'TransformerEnd.BaseVoltage'), 'BaseVoltage.nominalVoltage', kv)
        if (kv > 0 && kv <= highestKv && (kv > 2 * base || kv < base / 2))
            found(
                'absurd-unit',
                object,
                'PowerTransformerEnd.ratedU',
                `${describeObject(object)} is rated ${kv} kV where ${base} kV are nominal; at the wrong level?`,
                'warning',
            )
        if (!(kv > 0 && kv <= highestKv))
            found(
                'absurd-unit',
                object,
                'PowerTransformerEnd.ratedU',
                `${describeObject(object)} is rated ${kv} kV; 0 to ${highestKv} are in use. Given in volts?`,
            )
    }
}
