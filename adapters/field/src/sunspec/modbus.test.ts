import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import Modbus from 'jsmodbus'
import { afterEach, expect, test } from 'vitest'
import { createModbusClient, type ModbusClient } from './modbus-client.ts'
import { encodeFrame, encodeRead, encodeWrite, type Frame, FrameReader } from './modbus-frame.ts'
import { createModbusServer } from './modbus-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
    while (closing.length) await closing.pop()!()
})

/** a unit with 400 registers from 1000 on, of which 1005 may not be written */
async function openServer() {
    const memory = Uint16Array.from({ length: 400 }, (_, k) => (k * 257) & 0xffff)
    const server = createModbusServer({
        read: (_, address, count) =>
            address < 1000 || address + count > 1400 ? 2 : memory.subarray(address - 1000, address - 1000 + count),
        write(_, address, registers) {
            if (address < 1000 || address + registers.length > 1400 || (address <= 1005 && address + registers.length > 1005)) return 2
            memory.set(registers, address - 1000)
            return undefined
        },
        answers: (unit) => unit === 1,
    })
    const port = await server.listen(0, '127.0.0.1')
    closing.push(() => server.close())
    return { port, memory, server }
}
function openClient(port: number, timeoutMs = 1000): ModbusClient {
    const client = createModbusClient({ host: '127.0.0.1', port, timeoutMs })
    closing.push(() => client.close())
    return client
}

test('SS3 frames as the standard’s examples have them', () => {
    // Application Protocol 1.1b3, 6.3: read 107…109 (addresses 0x006B, 3 registers); 6.12: write 0x000A, 0x0102 at 1
    expect(encodeRead(0x006b, 3).toString('hex')).toBe('03006b0003')
    expect(encodeWrite(1, Uint16Array.of(0x000a, 0x0102)).toString('hex')).toBe('100001000204000a0102')
    const frame = encodeFrame({ transaction: 0x1501, unit: 0xff, body: encodeRead(0x0004, 1) })
    expect(frame.toString('hex')).toBe('150100000006ff0300040001')
})

test('SS3 a stream cut anywhere gives the same frames', () => {
    const frame = fc.record({ transaction: fc.nat(65_535), unit: fc.nat(255), body: fc.uint8Array({ minLength: 1, maxLength: 253 }) })
    fc.assert(
        fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(400), { maxLength: 12 }), (frames, cuts) => {
            const sent = frames.map((f): Frame => ({ ...f, body: Buffer.from(f.body) }))
            const stream = Buffer.concat(sent.map(encodeFrame))
            const reader = new FrameReader()
            const got: Frame[] = []
            let at = 0
            for (const cut of [...cuts, stream.length]) {
                got.push(...reader.push(stream.subarray(at, at + cut)))
                at = Math.min(stream.length, at + cut)
            }
            got.push(...reader.push(stream.subarray(at)))
            expect(got.map((f) => [f.transaction, f.unit, [...f.body]])).toEqual(sent.map((f) => [f.transaction, f.unit, [...f.body]]))
        }),
        { numRuns: 100, seed: 7 },
    )
    expect(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1'))).toThrow('not Modbus')
})

test('SS3 our client and server agree, over more registers than one read takes', async () => {
    const { port, memory } = await openServer()
    const client = openClient(port)
    expect([...(await client.read(1, 1000, 400))]).toEqual([...memory])
    await client.write(1, 1010, Uint16Array.of(7, 8, 9))
    expect([...memory.subarray(10, 13)]).toEqual([7, 8, 9])
    await expect(client.read(1, 900, 3)).rejects.toThrow('reading 3 registers at 900: illegal data address')
    await expect(client.write(1, 1004, Uint16Array.of(1, 2))).rejects.toThrow('illegal data address')
    await expect(client.read(9, 1000, 1)).rejects.toThrow('unit behind the gateway does not answer')
    const many = await Promise.all(Array.from({ length: 200 }, (_, k) => client.read(1, 1000 + k, 2)))
    expect(many.every((r, k) => r[0] === memory[k] && r[1] === memory[k + 1])).toBe(true)
})

test('SS3 another implementation’s client reads and writes our server (jsmodbus)', async () => {
    const { port, memory } = await openServer()
    const socket = new Socket()
    const other = new Modbus.client.TCP(socket, 1, 1000)
    await new Promise<void>((resolve) => {
        socket.on('connect', resolve)
        socket.connect({ host: '127.0.0.1', port })
    })
    closing.push(() => socket.destroy())
    const read = await other.readHoldingRegisters(1000, 125)
    expect(read.response.body.valuesAsArray).toEqual([...memory.subarray(0, 125)])
    await other.writeMultipleRegisters(1020, [11, 12, 13])
    await other.writeSingleRegister(1030, 99)
    expect([...memory.subarray(20, 23), memory[30]]).toEqual([11, 12, 13, 99])
    const refused = await other.readHoldingRegisters(10, 1).catch((error) => error.response.body)
    expect(refused).toMatchObject({ code: 2 })
})

test('SS3 our client reads and writes another implementation’s server (jsmodbus)', async () => {
    const holding = Buffer.alloc(800)
    for (let k = 0; k < 400; k++) holding.writeUInt16BE((k * 3) & 0xffff, 2 * k)
    const net = createServer()
    new Modbus.server.TCP(net, { holding })
    await new Promise<void>((resolve) => net.listen(0, '127.0.0.1', resolve))
    const client = openClient((net.address() as { port: number }).port)
    closing.push(() => new Promise((resolve) => net.close(resolve)))
    closing.push(() => client.close())
    expect([...(await client.read(1, 0, 300))]).toEqual(Array.from({ length: 300 }, (_, k) => k * 3))
    await client.write(1, 40, Uint16Array.of(0xbeef, 0x1234))
    expect(holding.subarray(80, 84).toString('hex')).toBe('beef1234')
})

test('SS3 an answer that does not come, or a line that breaks, ends the request with the reason', async () => {
    const mute = createServer((socket) => closing.push(() => socket.destroy()))
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    closing.push(() => mute.close())
    const { port } = mute.address() as { port: number }
    const client = openClient(port, 50)
    await expect(client.read(1, 0, 1)).rejects.toThrow('no answer in 50 ms')
    const { server, port: other } = await openServer()
    const second = openClient(other)
    await second.read(1, 1000, 1)
    const last = second.read(1, 1000, 125)
    server.cut()
    await expect(last).rejects.toThrow('closed the connection')
    // and the next request opens the line again
    await second.read(1, 1000, 1)
    await server.close()
    await expect(second.read(1, 1000, 1)).rejects.toThrow(/closed the connection|ECONNREFUSED/)
})

const tshark = spawnSync('tshark', ['--version']).status === 0

test.skipIf(!tshark)('SS3 a dissector of its own reads our frames the same (tshark)', { timeout: 60_000 }, () => {
    const frames = [
        encodeFrame({ transaction: 1, unit: 3, body: encodeRead(40_000, 2) }),
        encodeFrame({ transaction: 2, unit: 3, body: encodeWrite(40_090, Uint16Array.of(1, 500)) }),
    ]
    const folder = mkdtempSync(join(tmpdir(), 'gridverse-modbus-'))
    try {
        const file = join(folder, 'modbus.pcap')
        writeFileSync(file, captureOf(frames))
        const fields = ['mbtcp.trans_id', 'mbtcp.unit_id', 'modbus.func_code', 'modbus.reference_num', 'modbus.word_cnt']
        const { stdout, stderr } = spawnSync('tshark', ['-r', file, '-T', 'fields', ...fields.flatMap((f) => ['-e', f])], {
            encoding: 'utf8',
        })
        expect(stdout.trim().split('\n'), stderr).toEqual(['1\t3\t3\t40000\t2', '2\t3\t16\t40090\t2'])
    } finally {
        rmSync(folder, { recursive: true })
    }
})

/** TCP segments to port 502 as a capture file (libpcap 2.4, raw IPv4), each frame a segment. */
function captureOf(frames: readonly Buffer[]): Buffer {
    const head = Buffer.alloc(24)
    head.writeUInt32LE(0xa1b2c3d4, 0)
    head.writeUInt16LE(2, 4)
    head.writeUInt16LE(4, 6)
    head.writeUInt32LE(65_535, 16)
    head.writeUInt32LE(101, 20)
    let sequence = 1
    const packets = frames.map((frame) => {
        const packet = Buffer.alloc(40 + frame.length)
        packet.writeUInt8(0x45, 0)
        packet.writeUInt16BE(packet.length, 2)
        packet.writeUInt8(64, 8)
        packet.writeUInt8(6, 9)
        packet.writeUInt32BE(0x7f000001, 12)
        packet.writeUInt32BE(0x7f000001, 16)
        packet.writeUInt16BE(50_000, 20)
        packet.writeUInt16BE(502, 22)
        packet.writeUInt32BE(sequence, 24)
        packet.writeUInt16BE(0x5018, 32)
        packet.writeUInt16BE(8192, 34)
        frame.copy(packet, 40)
        sequence += frame.length
        const record = Buffer.alloc(16)
        record.writeUInt32LE(packet.length, 8)
        record.writeUInt32LE(packet.length, 12)
        return Buffer.concat([record, packet])
    })
    return Buffer.concat([head, ...packets])
}
