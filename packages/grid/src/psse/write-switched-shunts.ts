/** Shunts that move, as switched shunts: at most nine steps in a block, at most eight blocks. */
import type { Control, Shunt } from '../network.ts'
import { tidy } from '../network-draft.ts'
import type { Identifiers } from './circuits.ts'
import type { Layout, RecordKind, Revision } from './fields.ts'
import { writeRecord } from './record.ts'

const mostBlocks = 8
const mostSteps = 9

/** The record, and the id it is read back by; undefined where the format has no room, which is told. */
export function writeSwitchedShunt(
    shunt: Shunt,
    control: Control | undefined,
    identifiers: Identifiers,
    revision: Revision,
    layout: Readonly<Record<RecordKind, Layout>>,
    lose: (path: string, message: string) => void,
): { readonly line: string; readonly id: string } | undefined {
    const { bus, bMvar, inService } = shunt
    const circuit = identifiers.take(String(bus), `${bus}-sw`, shunt.id)
    if (revision === 33 && circuit !== '1') {
        lose(
            `shunt/${shunt.id}`,
            `revision 33 has one switched shunt a bus: ${shunt.id} is written as fixed${control ? `, without control ${control.id}` : ''}`,
        )
        return undefined
    }
    const id = `${bus}-sw${circuit}`
    const head = { I: bus, ID: circuit, STAT: inService ? 1 : 0, BINIT: bMvar }
    if (!control) return { id, line: writeRecord(layout.switchedShunt, { ...head, MODSW: 0 }) }

    const blocks = blocksOf(control)
    if (!blocks) {
        lose(
            `control/${control.id}`,
            `control ${control.id} moves from ${control.min} to ${control.max} Mvar by ${control.step}: more than ${mostBlocks} blocks of ${mostSteps} steps from 0 can hold; shunt ${shunt.id} is locked`,
        )
        return { id, line: writeRecord(layout.switchedShunt, { ...head, MODSW: 0 }) }
    }
    const fields = Object.fromEntries(
        blocks.flatMap(([count, size], k) => [
            [`N${k + 1}`, count],
            [`B${k + 1}`, size],
        ]),
    )
    const { target, deadband, step } = control
    const mode = control.inService ? (step === 0 ? 2 : 1) : 0
    if (!control.inService && step === 0)
        lose(`control/${control.id}`, `a locked shunt moves by steps: that control ${control.id} moves smoothly is not kept`)
    const held = control.bus === bus ? 0 : control.bus
    const band = { VSWHI: tidy(target + deadband), VSWLO: tidy(target - deadband) }
    return { id, line: writeRecord(layout.switchedShunt, { ...head, MODSW: mode, ...band, SWREM: held, ...fields }) }
}

/** counts and sizes of blocks that reach from `min` to `max`; undefined where none do */
function blocksOf({ min, max, step }: Control): [number, number][] | undefined {
    if (!Number.isFinite(min) || !Number.isFinite(max) || min > 0 || max < 0) return undefined
    if (step === 0) return [min, max].filter((size) => size !== 0).map((size) => [1, size])
    const blocks: [number, number][] = []
    for (const [range, size] of [
        [-min, -step],
        [max, step],
    ] as const) {
        let steps = Math.round(range / step)
        if (Math.abs(steps * step - range) > 1e-6) return undefined
        for (; steps > 0; steps -= mostSteps) blocks.push([Math.min(steps, mostSteps), size])
    }
    return blocks.length <= mostBlocks ? blocks : undefined
}
