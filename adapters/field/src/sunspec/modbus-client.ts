import { connect, type Socket } from 'node:net'
import { encodeFrame, encodeRead, encodeWrite, exceptionName, FrameReader, functionCode, mostRead, registersAt } from './modbus-frame.ts'

/** The unit, or the gateway in its name, said no. */
export class ModbusException extends Error {
    readonly code: number
    constructor(code: number, what: string) {
        super(`${what}: ${exceptionName(code)}`)
        this.code = code
    }
}

/** One connection to a Modbus TCP device or gateway. Requests go one after the other, as many gateways can do no better. */
export interface ModbusClient {
    /** Any number of registers, by as many reads as it takes. */
    read(unit: number, address: number, count: number): Promise<Uint16Array>
    /** At most 123 registers, in one write. */
    write(unit: number, address: number, registers: Uint16Array): Promise<void>
    close(): void
}

interface Waiting {
    readonly transaction: number
    readonly unit: number
    readonly what: string
    readonly resolve: (body: Buffer) => void
    readonly reject: (error: Error) => void
    readonly timer: NodeJS.Timeout
}

export function createModbusClient({ host, port, timeoutMs }: { host: string; port: number; timeoutMs: number }): ModbusClient {
    let socket: Promise<Socket> | undefined
    let waiting: Waiting | undefined
    let transaction = 0
    let last: Promise<unknown> = Promise.resolve()
    let closed = false

    function open(): Promise<Socket> {
        const opening = new Promise<Socket>((resolve, reject) => {
            const mine = connect({ host, port, noDelay: true })
            const reader = new FrameReader()
            const late = setTimeout(() => mine.destroy(new Error(`no connection to ${host}:${port} in ${timeoutMs} ms`)), timeoutMs)
            mine.once('connect', () => {
                clearTimeout(late)
                resolve(mine)
            })
            mine.on('data', (bytes) => {
                try {
                    for (const { transaction: of, unit, body } of reader.push(bytes)) {
                        // an answer that comes after its time is nobody's
                        if (!waiting || waiting.transaction !== of || waiting.unit !== unit) continue
                        const { resolve: done } = waiting
                        settle()
                        done(body)
                    }
                } catch (error) {
                    mine.destroy(error as Error)
                }
            })
            let reason = new Error(`${host}:${port} closed the connection`)
            mine.on('error', (error: NodeJS.ErrnoException) => {
                reason = error.code ? new Error(`${host}:${port}: ${error.code}`) : error
            })
            mine.on('close', () => {
                clearTimeout(late)
                if (socket === opening) socket = undefined
                reject(reason)
                const lost = waiting
                settle()
                lost?.reject(reason)
            })
        })
        opening.catch(() => {})
        return opening
    }

    function settle(): void {
        clearTimeout(waiting?.timer)
        waiting = undefined
    }

    async function ask(unit: number, body: Buffer, what: string): Promise<Buffer> {
        if (closed) throw new Error(`${host}:${port} is closed`)
        socket ??= open()
        const mine = await socket
        transaction = (transaction + 1) & 0xffff
        const answer = await new Promise<Buffer>((resolve, reject) => {
            const timer = setTimeout(() => {
                settle()
                reject(new Error(`${what}: no answer in ${timeoutMs} ms`))
            }, timeoutMs)
            waiting = { transaction, unit, what, resolve, reject, timer }
            mine.write(encodeFrame({ transaction, unit, body }))
        })
        const code = answer.readUInt8(0)
        if (code === (body.readUInt8(0) | 0x80)) throw new ModbusException(answer.length > 1 ? answer.readUInt8(1) : 0, what)
        if (code !== body.readUInt8(0)) throw new Error(`${what}: answered with function ${code}`)
        return answer
    }

    /** After what was asked before, whatever became of that. */
    function inTurn<T>(work: () => Promise<T>): Promise<T> {
        const mine = last.then(work, work)
        last = mine.catch(() => {})
        return mine
    }

    async function readSome(unit: number, address: number, count: number): Promise<Uint16Array> {
        const what = `${host}:${port}/${unit}, reading ${count} registers at ${address}`
        const body = await ask(unit, encodeRead(address, count), what)
        if (body.length < 2 + 2 * count || body.readUInt8(1) !== 2 * count) throw new Error(`${what}: ${body.length - 2} bytes came`)
        return registersAt(body, 2, count)
    }

    return {
        read: (unit, address, count) =>
            inTurn(async () => {
                const all = new Uint16Array(count)
                for (let k = 0; k < count; k += mostRead) all.set(await readSome(unit, address + k, Math.min(mostRead, count - k)), k)
                return all
            }),
        write: (unit, address, registers) =>
            inTurn(async () => {
                const what = `${host}:${port}/${unit}, writing ${registers.length} registers at ${address}`
                const body = await ask(unit, encodeWrite(address, registers), what)
                if (body.length < 5 || body.readUInt8(0) !== functionCode.writeMultiple || body.readUInt16BE(3) !== registers.length)
                    throw new Error(`${what}: answered for other registers`)
            }),
        close() {
            closed = true
            socket?.then(
                (mine) => mine.destroy(),
                () => {},
            )
        },
    }
}
