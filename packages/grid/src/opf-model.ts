/** An optimal power flow as the optimiser sees it, with the way back to the network. */
import type { NonlinearProgram } from '@gridverse/math'
import type { NamedConstraint, OpfFrame } from './opf-frame.ts'

export interface OpfModel {
    readonly frame: OpfFrame
    readonly method: 'ac' | 'dc'
    readonly program: NonlinearProgram
    /** names of the equations, the inequalities and the bounds of every variable; none where no one would want to know */
    readonly equality: readonly (NamedConstraint | undefined)[]
    readonly inequality: readonly (NamedConstraint | undefined)[]
    readonly lower: readonly (NamedConstraint | undefined)[]
    readonly upper: readonly (NamedConstraint | undefined)[]
    /** what a point of the program means */
    read(x: Float64Array): OpfPoint
}

/** Per unit and radians; by what takes part, in the order of the frame. */
export interface OpfPoint {
    readonly vm: Float64Array
    readonly va: Float64Array
    /** of generators */
    readonly p: Float64Array
    readonly q: Float64Array
    /** into each branch: P and Q at the from side, then at the to side */
    readonly flow: Float64Array
}
