import { createServer, type Server, type Socket } from 'node:net'
import { encodeFrame, exceptionCode, type Frame, FrameReader, functionCode, mostRead, mostWritten, registersAt } from './modbus-frame.ts'

/** What stands behind a port: by unit, registers to read and write. A number instead of registers is an exception code. */
export interface ModbusUnits {
    read(unit: number, address: number, count: number): Uint16Array | number
    /** undefined when written */
    write(unit: number, address: number, registers: Uint16Array): number | undefined
    /** false: the unit gives no sign of life */
    answers(unit: number): boolean
    /** what the line does to the next request */
    impair?(unit: number): { readonly delayMs: number; readonly lost: boolean }
}

export interface ModbusServer {
    listen(port: number, host: string): Promise<number>
    /** Ends every connection. */
    cut(): void
    close(): Promise<void>
}

/** The gateway's end of Modbus TCP: functions 3, 6 and 16. */
export function createModbusServer(units: ModbusUnits): ModbusServer {
    const sockets = new Set<Socket>()
    const server: Server = createServer({ noDelay: true }, (socket) => {
        const reader = new FrameReader()
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
        socket.on('error', () => {})
        socket.on('data', (bytes) => {
            try {
                for (const frame of reader.push(bytes)) {
                    const { delayMs, lost } = units.impair?.(frame.unit) ?? { delayMs: 0, lost: false }
                    if (lost) continue
                    const answer = () => {
                        const body = answerTo(frame, units)
                        if (body && !socket.destroyed) socket.write(encodeFrame({ ...frame, body }))
                    }
                    if (delayMs > 0) setTimeout(answer, delayMs).unref()
                    else answer()
                }
            } catch {
                socket.destroy()
            }
        })
    })
    return {
        listen: (port, host) =>
            new Promise((resolve, reject) => {
                server.once('error', reject)
                server.listen(port, host, () => resolve((server.address() as { port: number }).port))
            }),
        cut() {
            for (const socket of sockets) socket.destroy()
        },
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve())
                for (const socket of sockets) socket.destroy()
            }),
    }
}

function answerTo({ unit, body }: Frame, units: ModbusUnits): Buffer | undefined {
    const code = body.readUInt8(0)
    const refuse = (exception: number) => Buffer.from([code | 0x80, exception])
    if (!units.answers(unit)) return refuse(exceptionCode.noAnswer)
    if (code === functionCode.readHolding) {
        if (body.length < 5) return refuse(exceptionCode.illegalValue)
        const count = body.readUInt16BE(3)
        if (count < 1 || count > mostRead) return refuse(exceptionCode.illegalValue)
        const registers = units.read(unit, body.readUInt16BE(1), count)
        if (typeof registers === 'number') return refuse(registers)
        const answer = Buffer.alloc(2 + 2 * count)
        answer.writeUInt8(code, 0)
        answer.writeUInt8(2 * count, 1)
        for (let k = 0; k < count; k++) answer.writeUInt16BE(registers[k]!, 2 + 2 * k)
        return answer
    }
    if (code === functionCode.writeSingle || code === functionCode.writeMultiple) {
        const single = code === functionCode.writeSingle
        const count = single ? 1 : body.length < 6 ? 0 : body.readUInt16BE(3)
        const enough = single ? body.length >= 5 : body.length >= 6 + 2 * count && body.readUInt8(5) === 2 * count
        if (!enough || count < 1 || count > mostWritten) return refuse(exceptionCode.illegalValue)
        const exception = units.write(unit, body.readUInt16BE(1), registersAt(body, single ? 3 : 6, count))
        return exception === undefined ? body.subarray(0, 5) : refuse(exception)
    }
    return refuse(exceptionCode.illegalFunction)
}
