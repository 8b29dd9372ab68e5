export { createEdgeNode } from './edge-node.ts'
export type { EdgeDevice, EdgeMetric, EdgeNode, EdgeNodeOptions, EdgeReading } from './edge-node-types.ts'
export { type FieldLink, routeCommands } from './field-link.ts'
export { createGateway } from './gateway.ts'
export type { DeviceCounters, ExternalBroker, FieldDevice, FieldIdentity, Gateway, GatewayLimits, GatewayOptions } from './gateway-types.ts'
export { noticeChecksum, readNotice } from './notice.ts'
export { createChargePoint } from './ocpp/charge-point.ts'
export { createOcppSource } from './ocpp/ocpp-source.ts'
export type {
    ChargePoint,
    ChargePointOptions,
    OcppSource,
    OcppSourceOptions,
    OcppVersion,
    PostConnector,
    PostGuessing,
    PostIdentity,
    PostReading,
    PostTransaction,
} from './ocpp/ocpp-types.ts'
export { readSunspecAddress } from './sunspec/address.ts'
export { createSunspecServer } from './sunspec/sunspec-server.ts'
export { createSunspecSource } from './sunspec/sunspec-source.ts'
export type {
    SunspecDevice,
    SunspecServer,
    SunspecServerOptions,
    SunspecSource,
    SunspecSourceOptions,
    SunspecState,
    SunspecUnit,
} from './sunspec/sunspec-types.ts'
