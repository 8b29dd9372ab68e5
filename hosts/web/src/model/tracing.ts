/** The trace on screen: asked for once, it follows what is picked and how its power flows. */
import { createCell } from './cell.ts'
import { beat, link, pointValue, region } from './state.ts'
import { type Trace, traceOf } from './trace.ts'

/** whether picking lights the path to sources and loads */
export const tracing = createCell(false)
export const trace = createCell<Trace | undefined>(undefined)

const same = (a: Trace | undefined, b: Trace | undefined) =>
    a === b || (a !== undefined && b !== undefined && [...a.path].join() === [...b.path].join() && shares(a) === shares(b))
const shares = ({ sources, sinks }: Trace) => [...sources, ...sinks].map((end) => `${end.component} ${end.share.toFixed(2)}`).join()

function renew(): void {
    const index = region.get()
    const { pick } = link.get()
    const next = tracing.get() && index && pick ? traceOf(index, pick, pointValue) : undefined
    if (!same(trace.get(), next)) trace.set(next)
}

/** Keeps the trace up; called once. Flows turn seldom, so values are looked at every two seconds or so. */
export function watchTrace(): () => void {
    let picked = ''
    const stops = [
        tracing.subscribe(renew),
        region.subscribe(renew),
        link.subscribe(() => {
            if (link.get().pick === picked) return
            picked = link.get().pick
            if (!picked) tracing.set(false)
            renew()
        }),
        beat.subscribe(() => {
            if (tracing.get() && beat.get() % 8 === 0) renew()
        }),
    ]
    return () => {
        for (const stop of stops) stop()
    }
}
