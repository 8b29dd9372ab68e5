/** Where a model stands in a real room: on what the eye looks at, then, once put down, on an anchor of the headset's. */
import type { WebGLRenderer } from 'three'
import type { Triple } from './stand.ts'

export interface PlaceInRoom {
    /** Place in the headset's space, m; undefined where nothing is found yet. Call in the session's frame. */
    look(frame: XRFrame): Triple | undefined
    /** Stays where it is from the next frame on. */
    keep(): void
    /** the headset itself holds it in its place */
    readonly anchored: boolean
    dispose(): void
}

export function findFloor(session: XRSession, renderer: WebGLRenderer): PlaceInRoom {
    let source: XRHitTestSource | undefined
    let anchor: XRAnchor | undefined
    let keeping: 'no' | 'next' | 'yes' = 'no'
    let closed = false
    const ask = async () => {
        const space = await session.requestReferenceSpace('viewer')
        const found = await session.requestHitTestSource?.({ space })
        if (closed) found?.cancel()
        else source = found
    }
    // a headset that cannot look for surfaces leaves the model where it is
    ask().catch(() => undefined)
    const at = (pose: XRPose | undefined): Triple | undefined =>
        pose && [pose.transform.position.x, pose.transform.position.y, pose.transform.position.z]
    return {
        get anchored() {
            return anchor !== undefined
        },
        look(frame) {
            const space = renderer.xr.getReferenceSpace()
            if (!space) return undefined
            if (anchor)
                return frame.trackedAnchors?.has(anchor) === false ? undefined : at(frame.getPose(anchor.anchorSpace, space) ?? undefined)
            if (keeping === 'yes' || !source) return undefined
            const hit = frame.getHitTestResults(source)[0]
            if (keeping === 'next') {
                keeping = 'yes'
                // an anchor can be made in a frame only
                void hit?.createAnchor?.()?.then(
                    (made) => {
                        if (closed) made.delete()
                        else anchor = made
                    },
                    () => undefined,
                )
            }
            return at(hit?.getPose(space))
        },
        keep() {
            if (keeping === 'no') keeping = 'next'
        },
        dispose() {
            closed = true
            source?.cancel()
            anchor?.delete()
        },
    }
}
