export { createEdgeNode } from './edge-node.ts'
export type { EdgeDevice, EdgeMetric, EdgeNode, EdgeNodeOptions, EdgeReading } from './edge-node-types.ts'
export { createGateway } from './gateway.ts'
export type { DeviceCounters, ExternalBroker, FieldDevice, FieldIdentity, Gateway, GatewayLimits, GatewayOptions } from './gateway-types.ts'
