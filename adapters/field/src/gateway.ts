import type { Gateway, GatewayOptions } from './gateway-types.ts'

/** The platform side of the field: a Source of measurements and a Sink of commands over MQTT Sparkplug B. */
export function createGateway(options: GatewayOptions): Gateway {
    throw new Error(`gateway ${options.hostId} cannot be opened yet`)
}
