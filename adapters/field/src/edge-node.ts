import type { EdgeNode, EdgeNodeOptions } from './edge-node-types.ts'

/** The device side of the field: an edge node that publishes its devices' metrics with Sparkplug B over MQTT. */
export function createEdgeNode(options: EdgeNodeOptions): EdgeNode {
    throw new Error(`edge node ${options.edgeNode} cannot be opened yet`)
}
