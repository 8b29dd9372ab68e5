/**
 * Controllers and hands: a ray each that points and clicks (trigger or pinch, by one listener), what is seen of them, and
 * their thumbsticks. Nothing is fetched: a controller is a plain stick, a hand its joints.
 */
import { createRayPointer, type Pointer } from '@pmndrs/pointer-events'
import {
    BoxGeometry,
    BufferGeometry,
    type Camera,
    type Group,
    InstancedMesh,
    Line,
    LineBasicMaterial,
    Matrix4,
    Mesh,
    MeshBasicMaterial,
    type Object3D,
    type PerspectiveCamera,
    SphereGeometry,
    Vector3,
    type WebGLRenderer,
} from 'three'

export interface Stick {
    readonly x: number
    readonly y: number
}
export interface Hands {
    /** Moves rays over the targets; gives the sticks by hand, −1 … 1, x right, y away. */
    update(targets: Object3D, timeStamp: number): { readonly left: Stick; readonly right: Stick }
    /** A short buzz of the controllers that can. */
    buzz(): void
    dispose(): void
}

/** a press let go over the same thing is a click however long it took: slow hands and slow frames lose none */
const clickThresholdMs = Number.POSITIVE_INFINITY
const rayLengthM = 2.5
const still: Stick = { x: 0, y: 0 }

export function createHands(renderer: WebGLRenderer, rig: Group, camera: Camera): Hands {
    const rayGeometry = new BufferGeometry().setFromPoints([new Vector3(), new Vector3(0, 0, -1)])
    const rayMaterial = new LineBasicMaterial({ color: 0x9fd8ff, fog: false })
    const stickGeometry = new BoxGeometry(0.03, 0.03, 0.14)
    const jointGeometry = new SphereGeometry(1, 8, 6)
    const skin = new MeshBasicMaterial({ color: 0xc9d4dc, fog: false })
    const hands = [0, 1].map((k) => {
        const target = renderer.xr.getController(k)
        const grip = renderer.xr.getControllerGrip(k)
        const hand = renderer.xr.getHand(k)
        const ray = new Line(rayGeometry, rayMaterial)
        ray.scale.z = rayLengthM
        const stick = new Mesh(stickGeometry, skin)
        target.add(ray)
        grip.add(stick)
        rig.add(target, grip, hand)
        const pointer: Pointer = createRayPointer(() => camera as PerspectiveCamera, { current: target }, {}, { clickThresholdMs })
        const own = {
            target,
            grip,
            hand,
            ray,
            stick,
            pointer,
            source: undefined as XRInputSource | undefined,
        }
        const connected = ({ data }: { data: XRInputSource }) => {
            own.source = data
            stick.visible = !data.hand
        }
        const gone = () => {
            own.source = undefined
            pointer.exit({ timeStamp: performance.now() })
        }
        const down = () => pointer.down({ timeStamp: performance.now(), button: 0 })
        const up = () => pointer.up({ timeStamp: performance.now(), button: 0 })
        // the types of three know no events of a controller's own data
        const events = target as unknown as {
            addEventListener(type: string, listener: (event: never) => void): void
            removeEventListener(type: string, listener: (event: never) => void): void
        }
        const listeners = { connected, disconnected: gone, selectstart: down, selectend: up }
        for (const [type, listener] of Object.entries(listeners)) events.addEventListener(type, listener as never)
        return {
            ...own,
            own,
            stop() {
                for (const [type, listener] of Object.entries(listeners)) events.removeEventListener(type, listener as never)
                for (const part of [ray, stick, target, grip, hand]) part.removeFromParent()
            },
        }
    })

    const joints = new InstancedMesh(jointGeometry, skin, 64)
    joints.frustumCulled = false
    rig.add(joints)
    const place = new Matrix4()
    const size = new Vector3()
    function showJoints({ hand }: (typeof hands)[number]): void {
        for (const joint of Object.values(hand.joints)) {
            if (!joint?.visible || joints.count >= 64) continue
            joints.setMatrixAt(joints.count++, place.copy(joint.matrix).scale(size.setScalar(joint.jointRadius ?? 0.008)))
        }
        joints.instanceMatrix.needsUpdate = true
    }
    return {
        update(targets, timeStamp) {
            const sticks = { left: still, right: still }
            joints.count = 0
            for (const hand of hands) {
                const { source } = hand.own
                hand.ray.visible = source !== undefined
                if (!source) continue
                hand.pointer.move(targets, { timeStamp })
                if (source.hand) showJoints(hand)
                const axes = source.gamepad?.axes
                if (axes && axes.length >= 4 && (source.handedness === 'left' || source.handedness === 'right'))
                    sticks[source.handedness] = { x: axes[2]!, y: -axes[3]! }
            }
            return sticks
        },
        buzz() {
            for (const { own } of hands) void own.source?.gamepad?.hapticActuators?.[0]?.pulse(0.4, 25)
        },
        dispose() {
            for (const hand of hands) hand.stop()
            joints.removeFromParent()
            joints.dispose()
            for (const thing of [rayGeometry, rayMaterial, stickGeometry, jointGeometry, skin]) thing.dispose()
        },
    }
}
