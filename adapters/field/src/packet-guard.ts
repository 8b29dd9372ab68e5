/**
 * Watches the lengths of MQTT packets (3.1.1 section 2.2: a type byte, then the remaining length in 1…4 bytes of seven bits)
 * as they pass, so that a packet announced too long is refused before a parser starts to gather it.
 */
export class PacketGuard {
    #limit: number
    /** bytes left of the packet passing by; 0 at a type byte, −1 within a length */
    #left = 0
    #length = 0
    #scale = 1

    constructor(limitBytes: number) {
        this.#limit = limitBytes
    }

    raise(limitBytes: number): void {
        this.#limit = limitBytes
    }

    /** The length that is too long, or 0 when all of the chunk may pass. */
    look(chunk: Uint8Array): number {
        for (let at = 0; at < chunk.length; ) {
            if (this.#left > 0) {
                const step = Math.min(this.#left, chunk.length - at)
                this.#left -= step
                at += step
            } else if (this.#left === 0) {
                at++
                this.#left = -1
                this.#length = 0
                this.#scale = 1
            } else {
                const byte = chunk[at++]!
                this.#length += (byte & 0x7f) * this.#scale
                this.#scale *= 128
                if (this.#length > this.#limit) return this.#length
                if (byte < 128) this.#left = this.#length
                // a fifth length byte is not MQTT; the parser names the error
                else if (this.#scale > 128 ** 4) return 0
            }
        }
        return 0
    }
}
