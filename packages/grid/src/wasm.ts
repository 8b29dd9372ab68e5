/** WebAssembly kernels: decoded and compiled once, one instance and one memory for each solver that uses them. */

// pure packages know no platform; what is used of it is declared here, and may be missing
interface Memory {
    readonly buffer: ArrayBuffer
}
interface GlobalVariable {
    value: number
}
declare const WebAssembly:
    | {
          Module: new (bytes: Uint8Array) => object
          Memory: new (size: { initial: number }) => Memory
          Instance: new (module: object, imports: { env: { memory: Memory } }) => { exports: Record<string, unknown> }
      }
    | undefined
declare function atob(base64: string): string

const page = 65_536

/** Hands out typed arrays from one memory, each at a multiple of 64 bytes; zero at first. */
export interface Room {
    readonly float64: (length: number) => Float64Array
    readonly float32: (length: number) => Float32Array
    readonly int32: (length: number) => Int32Array
    readonly uint8: (length: number) => Uint8Array
}

export interface Kernel {
    readonly room: Room
    readonly call: Readonly<Record<string, (...values: number[]) => number>>
    /** sets exported variables: numbers as they are, arrays by their address */
    readonly set: (values: Readonly<Record<string, number | ArrayBufferView>>) => void
    readonly get: (name: string) => number
}

const compiled = new Map<string, object | undefined>()

/** Undefined where the platform has no WebAssembly with 128-bit vectors, or no memory of that size. */
export function openKernel(code: string, bytes: number): Kernel | undefined {
    if (typeof WebAssembly === 'undefined') return undefined
    try {
        if (!compiled.has(code)) {
            compiled.set(code, undefined)
            compiled.set(code, new WebAssembly.Module(decodeBase64(code)))
        }
        const module = compiled.get(code)
        if (!module) return undefined
        const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / page) })
        return wrap(memory, new WebAssembly.Instance(module, { env: { memory } }).exports)
    } catch {
        return undefined
    }
}

function wrap(memory: Memory, exports: Record<string, unknown>): Kernel {
    const { buffer } = memory
    let next = 64
    const take = (size: number) => {
        const at = next
        next = (at + size + 63) & ~63
        if (next > buffer.byteLength) throw new Error(`The kernel's memory of ${buffer.byteLength} bytes has no room for ${size} more.`)
        return at
    }
    const variable = (name: string) => exports[name] as GlobalVariable
    return {
        room: {
            float64: (length) => new Float64Array(buffer, take(8 * length), length),
            float32: (length) => new Float32Array(buffer, take(4 * length), length),
            int32: (length) => new Int32Array(buffer, take(4 * length), length),
            uint8: (length) => new Uint8Array(buffer, take(length), length),
        },
        call: exports as Kernel['call'],
        set: (values) => {
            for (const [name, value] of Object.entries(values)) variable(name).value = typeof value === 'number' ? value : value.byteOffset
        },
        get: (name) => variable(name).value,
    }
}

function decodeBase64(text: string): Uint8Array {
    const binary = atob(text)
    const bytes = new Uint8Array(binary.length)
    for (let k = 0; k < bytes.length; k++) bytes[k] = binary.charCodeAt(k)
    return bytes
}
