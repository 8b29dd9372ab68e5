/** Profiles of CGMES 2.4.15 and the names of the namespaces they are written in. */

export const profiles = {
    EQ: ['http://entsoe.eu/CIM/EquipmentCore/3/1', 'http://entsoe.eu/CIM/EquipmentOperation/3/1'],
    TP: ['http://entsoe.eu/CIM/Topology/4/1'],
    SSH: ['http://entsoe.eu/CIM/SteadyStateHypothesis/1/1'],
    SV: ['http://entsoe.eu/CIM/StateVariables/4/1'],
    GL: ['http://entsoe.eu/CIM/GeographicalLocation/2/1'],
} as const
export type Profile = keyof typeof profiles

export const namespaces = {
    rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
    cim: 'http://iec.ch/TC57/2013/CIM-schema-cim16#',
    md: 'http://iec.ch/TC57/61970-552/ModelDescription/1#',
    entsoe: 'http://entsoe.eu/CIM/SchemaExtension/3/1#',
} as const

/** The profile a document's head names: `EQ`, `SSH`, …, boundary sets as `EQ_BD`, `TP_BD`; undefined for others. */
export function profileOfUri(uri: string): Profile | 'EQ_BD' | 'TP_BD' | undefined {
    const name = /\/CIM\/([A-Za-z]+)\//.exec(uri)?.[1] ?? /\/([A-Za-z]+)-EU\//.exec(uri)?.[1] ?? ''
    if (/^(EquipmentBoundary|EquipmentBoundaryOperation)$/.test(name)) return 'EQ_BD'
    if (name === 'TopologyBoundary') return 'TP_BD'
    if (/^(EquipmentCore|EquipmentOperation|EquipmentShortCircuit|CoreEquipment|Operation|ShortCircuit)$/.test(name)) return 'EQ'
    if (name === 'Topology') return 'TP'
    if (name === 'SteadyStateHypothesis') return 'SSH'
    if (name === 'StateVariables') return 'SV'
    if (name === 'GeographicalLocation') return 'GL'
    return undefined
}
