/** Builds the world of a region on a canvas. */
import type { World, WorldOptions } from './world-types.ts'

export declare function createWorld(options: WorldOptions): World
