/** Small CGMES models written by hand from the class definitions of IEC 61970-301 and the profiles of CGMES 2.4.15. */
import type { CimFile } from './rdf.ts'

const uris = {
    EQ: 'http://entsoe.eu/CIM/EquipmentCore/3/1',
    TP: 'http://entsoe.eu/CIM/Topology/4/1',
    SSH: 'http://entsoe.eu/CIM/SteadyStateHypothesis/1/1',
    SV: 'http://entsoe.eu/CIM/StateVariables/4/1',
}

/** A document around objects; `body` is compact: `Class id | property=value | property>reference`, a line each, `~` for rdf:about. */
export function cimFile(profile: keyof typeof uris, body: string): CimFile {
    const objects = body
        .trim()
        .split('\n')
        .map((line) => {
            const [head, ...fields] = line.split('|').map((part) => part.trim())
            const [type, id] = head.split(/\s+/)
            const opening = id.startsWith('~') ? `rdf:about="#_${id.slice(1)}"` : `rdf:ID="_${id}"`
            const inner = fields.map((field) => {
                const [, name, sign, value] = /^([\w.]+)([=>])(.*)$/.exec(field)!
                if (sign === '=') return `    <cim:${name}>${value}</cim:${name}>`
                const uri = /^(\w+Kind|UnitMultiplier|\w+ControlMode)\./.test(value)
                    ? `http://iec.ch/TC57/2013/CIM-schema-cim16#${value}`
                    : `#_${value}`
                return `    <cim:${name} rdf:resource="${uri}"/>`
            })
            return [`  <cim:${type} ${opening}>`, ...inner, `  </cim:${type}>`].join('\n')
        })
    return {
        name: `${profile}.xml`,
        text: `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cim="http://iec.ch/TC57/2013/CIM-schema-cim16#" xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#">
  <md:FullModel rdf:about="urn:uuid:model-${profile}">
    <md:Model.description>by hand</md:Model.description>
    <md:Model.profile>${uris[profile]}</md:Model.profile>
  </md:FullModel>
${objects.join('\n')}
</rdf:RDF>
`,
    }
}

/** Terminals of an equipment at nodes, in EQ. */
export const terminalsAt = (equipment: string, nodes: readonly string[], place = 'ConnectivityNode') =>
    nodes
        .map(
            (node, i) =>
                `Terminal ${equipment}.T${i + 1} | Terminal.ConductingEquipment>${equipment} | ACDCTerminal.sequenceNumber=${i + 1} | Terminal.${place}>${node}`,
        )
        .join('\n')

const switchAt = (type: string, id: string, a: string, b: string, retained = false) =>
    `${type} ${id} | IdentifiedObject.name=${id} | Equipment.EquipmentContainer>VL | Switch.normalOpen=false | Switch.retained=${retained}\n${terminalsAt(id, [a, b])}`
const node = (id: string, container = 'VL') =>
    `ConnectivityNode ${id} | IdentifiedObject.name=${id} | ConnectivityNode.ConnectivityNodeContainer>${container}`
/** A bay: a disconnector to each busbar, a breaker, the equipment's node. */
const bay = (id: string) =>
    [
        node(`${id}.n1`),
        node(`${id}.n2`),
        switchAt('Disconnector', `${id}.Q1`, 'BB1.n', `${id}.n1`),
        switchAt('Disconnector', `${id}.Q2`, 'BB2.n', `${id}.n1`),
        switchAt('Breaker', `${id}.Q0`, `${id}.n1`, `${id}.n2`),
    ].join('\n')

/**
 * A 110 kV substation of two busbars and a coupler, with bays of a generator, two lines and a load; the lines end at
 * another substation with a load.
 */
export function doubleBusbar({ retained = true, open = [] as readonly string[] } = {}): CimFile[] {
    const eq = `
GeographicalRegion GR | IdentifiedObject.name=region
SubGeographicalRegion SGR | IdentifiedObject.name=3 | SubGeographicalRegion.Region>GR
Substation SS | IdentifiedObject.name=North | Substation.Region>SGR
Substation SS2 | IdentifiedObject.name=South | Substation.Region>SGR
BaseVoltage BV | BaseVoltage.nominalVoltage=110
VoltageLevel VL | IdentifiedObject.name=110 | VoltageLevel.Substation>SS | VoltageLevel.BaseVoltage>BV | VoltageLevel.lowVoltageLimit=104.5 | VoltageLevel.highVoltageLimit=121
VoltageLevel VL2 | IdentifiedObject.name=110 | VoltageLevel.Substation>SS2 | VoltageLevel.BaseVoltage>BV
Bay BAY | Bay.VoltageLevel>VL2
${node('BB1.n')}
${node('BB2.n')}
${node('S.n', 'BAY')}
BusbarSection BB1 | IdentifiedObject.name=BB1 | Equipment.EquipmentContainer>VL
${terminalsAt('BB1', ['BB1.n'])}
BusbarSection BB2 | IdentifiedObject.name=BB2 | Equipment.EquipmentContainer>VL
${terminalsAt('BB2', ['BB2.n'])}
BusbarSection BBS | IdentifiedObject.name=South | Equipment.EquipmentContainer>VL2
${terminalsAt('BBS', ['S.n'])}
${node('CPL.n1')}
${node('CPL.n2')}
${switchAt('Disconnector', 'CPL.Q1', 'BB1.n', 'CPL.n1')}
${switchAt('Breaker', 'CPL.Q0', 'CPL.n1', 'CPL.n2', retained)}
${switchAt('Disconnector', 'CPL.Q2', 'CPL.n2', 'BB2.n')}
${['G', 'L1', 'L2', 'D'].map(bay).join('\n')}
HydroGeneratingUnit GU | GeneratingUnit.minOperatingP=10 | GeneratingUnit.maxOperatingP=150 | GeneratingUnit.normalPF=1
RegulatingControl RC | RegulatingControl.Terminal>G.T1 | RegulatingControl.mode>RegulatingControlModeKind.voltage
ReactiveCapabilityCurve RCC | IdentifiedObject.name=curve
CurveData CD1 | CurveData.Curve>RCC | CurveData.xvalue=0 | CurveData.y1value=-60 | CurveData.y2value=80
CurveData CD2 | CurveData.Curve>RCC | CurveData.xvalue=100 | CurveData.y1value=-40 | CurveData.y2value=60
SynchronousMachine G | IdentifiedObject.name=G | Equipment.EquipmentContainer>VL | RotatingMachine.ratedS=120 | RotatingMachine.GeneratingUnit>GU | RegulatingCondEq.RegulatingControl>RC | SynchronousMachine.InitialReactiveCapabilityCurve>RCC
${terminalsAt('G', ['G.n2'])}
ACLineSegment L1 | IdentifiedObject.name=L1 | ConductingEquipment.BaseVoltage>BV | ACLineSegment.r=2.42 | ACLineSegment.x=12.1 | ACLineSegment.bch=0.0001 | ACLineSegment.gch=0
${terminalsAt('L1', ['L1.n2', 'S.n'])}
ACLineSegment L2 | IdentifiedObject.name=L2 | ConductingEquipment.BaseVoltage>BV | ACLineSegment.r=2.42 | ACLineSegment.x=12.1 | ACLineSegment.bch=0.0001 | ACLineSegment.gch=0
${terminalsAt('L2', ['L2.n2', 'S.n'])}
ConformLoad D | IdentifiedObject.name=D | Equipment.EquipmentContainer>VL
${terminalsAt('D', ['D.n2'])}
EnergyConsumer DS | IdentifiedObject.name=DS | Equipment.EquipmentContainer>VL2
${terminalsAt('DS', ['S.n'])}
OperationalLimitType PATL | IdentifiedObject.name=PATL
OperationalLimitType TATL | IdentifiedObject.name=TATL | OperationalLimitType.acceptableDuration=900
OperationalLimitSet OLS | OperationalLimitSet.Terminal>L1.T1
CurrentLimit CL | OperationalLimit.OperationalLimitSet>OLS | OperationalLimit.OperationalLimitType>PATL | CurrentLimit.value=500
CurrentLimit CLT | OperationalLimit.OperationalLimitSet>OLS | OperationalLimit.OperationalLimitType>TATL | CurrentLimit.value=600`
    const switches = ['CPL.Q1', 'CPL.Q0', 'CPL.Q2', ...['G', 'L1', 'L2', 'D'].flatMap((id) => ['Q1', 'Q2', 'Q0'].map((q) => `${id}.${q}`))]
    const ssh = `
${switches.map((id) => `${/Q0$/.test(id) ? 'Breaker' : 'Disconnector'} ~${id} | Switch.open=${open.includes(id)}`).join('\n')}
SynchronousMachine ~G | RotatingMachine.p=-50 | RotatingMachine.q=0 | RegulatingCondEq.controlEnabled=true | SynchronousMachine.referencePriority=1
RegulatingControl ~RC | RegulatingControl.enabled=true | RegulatingControl.targetValue=112.2 | RegulatingControl.targetValueUnitMultiplier>UnitMultiplier.k
ConformLoad ~D | EnergyConsumer.p=30 | EnergyConsumer.q=10
EnergyConsumer ~DS | EnergyConsumer.p=40 | EnergyConsumer.q=15`
    return [cimFile('EQ', eq), cimFile('SSH', ssh)]
}

/** A bus-branch network of one transformer between a feeder and loads; `transformer` and `state` are its own EQ and SSH lines. */
export function oneTransformer(kv: readonly number[], transformer: string, state = ''): CimFile[] {
    const eq = `
Substation SS | IdentifiedObject.name=station
${kv.map((v, i) => `BaseVoltage BV${i + 1} | BaseVoltage.nominalVoltage=${v}\nVoltageLevel VL${i + 1} | VoltageLevel.Substation>SS | VoltageLevel.BaseVoltage>BV${i + 1}`).join('\n')}
ExternalNetworkInjection F | IdentifiedObject.name=F | Equipment.EquipmentContainer>VL1 | RegulatingCondEq.RegulatingControl>RC
RegulatingControl RC | RegulatingControl.Terminal>F.T1 | RegulatingControl.mode>RegulatingControlModeKind.voltage
Terminal F.T1 | Terminal.ConductingEquipment>F | ACDCTerminal.sequenceNumber=1
${kv
    .slice(1)
    .map(
        (_, i) =>
            `EnergyConsumer D${i + 2} | IdentifiedObject.name=D${i + 2}\nTerminal D${i + 2}.T1 | Terminal.ConductingEquipment>D${i + 2}`,
    )
    .join('\n')}
PowerTransformer T | IdentifiedObject.name=T | Equipment.EquipmentContainer>SS
${kv.map((_, i) => `Terminal T.T${i + 1} | Terminal.ConductingEquipment>T | ACDCTerminal.sequenceNumber=${i + 1}`).join('\n')}
${transformer.trim()}`
    const tp = `
${kv.map((_, i) => `TopologicalNode N${i + 1} | IdentifiedObject.name=N${i + 1} | TopologicalNode.BaseVoltage>BV${i + 1} | TopologicalNode.ConnectivityNodeContainer>VL${i + 1}`).join('\n')}
Terminal ~F.T1 | Terminal.TopologicalNode>N1
${kv
    .slice(1)
    .map((_, i) => `Terminal ~D${i + 2}.T1 | Terminal.TopologicalNode>N${i + 2}`)
    .join('\n')}
${kv.map((_, i) => `Terminal ~T.T${i + 1} | Terminal.TopologicalNode>N${i + 1}`).join('\n')}`
    const ssh = `
ExternalNetworkInjection ~F | ExternalNetworkInjection.p=-80 | ExternalNetworkInjection.q=0 | ExternalNetworkInjection.referencePriority=1 | RegulatingCondEq.controlEnabled=true
RegulatingControl ~RC | RegulatingControl.enabled=true | RegulatingControl.targetValue=${kv[0]}
${kv
    .slice(1)
    .map((_, i) => `EnergyConsumer ~D${i + 2} | EnergyConsumer.p=${60 - 30 * i} | EnergyConsumer.q=${20 - 5 * i}`)
    .join('\n')}
${state.trim()}`
    return [cimFile('EQ', eq), cimFile('TP', tp.trim()), cimFile('SSH', ssh.trim())]
}
