import { exceptionCode } from './modbus-frame.ts'
import { createModbusServer } from './modbus-server.ts'
import type { SunspecServer, SunspecServerOptions } from './sunspec-types.ts'
import { createUnitImage } from './unit-image.ts'

/** how often reversion timers are looked at, ms */
const tickMs = 200

/** The device side of SunSpec: simulated devices as units behind one Modbus TCP port. */
export function createSunspecServer({ units, host = '127.0.0.1', port, nowMs, base, impair }: SunspecServerOptions): SunspecServer {
    const images = new Map(units.map((unit) => [unit.unit, createUnitImage(unit, nowMs, base)]))
    if (images.size < units.length) throw new Error('two devices have the same unit id')
    for (const id of images.keys()) if (!(id >= 1 && id <= 247)) throw new Error(`a unit id is 1 to 247, got ${id}`)
    const away = new Set<number>()
    let up = true
    let listening = 0
    let open = false
    const server = () =>
        createModbusServer({
            read: (unit, address, count) => images.get(unit)?.read(address, count) ?? exceptionCode.noPath,
            write: (unit, address, registers) => {
                const image = images.get(unit)
                return image ? image.write(address, registers) : exceptionCode.noPath
            },
            ...(impair ? { impair } : {}),
            answers: (unit) => images.has(unit) && !away.has(unit),
        })
    let modbus = server()
    const clock = setInterval(() => {
        for (const image of images.values()) image.tick()
    }, tickMs)
    clock.unref()
    // opening and closing the port goes in the order it was asked for
    let turn: Promise<void> = Promise.resolve()
    const inTurn = (work: () => Promise<void>): Promise<void> => {
        turn = turn.then(work, work)
        return turn
    }
    const openPort = async () => {
        if (open) return
        modbus = server()
        listening = await modbus.listen(listening || port, host)
        open = true
    }
    const closePort = async () => {
        if (open) await modbus.close()
        open = false
    }

    return {
        get port() {
            return listening
        },
        listen: () => inTurn(openPort),
        setLink(wanted, unit) {
            if (unit !== undefined) {
                if (wanted) away.delete(unit)
                else away.add(unit)
                return
            }
            if (wanted === up) return
            up = wanted
            inTurn(up ? openPort : closePort).catch(() => {})
        },
        setpointKw: (unit) => images.get(unit)?.setpointKw(),
        isFallback: (unit) => images.get(unit)?.isFallback() ?? false,
        close() {
            clearInterval(clock)
            return inTurn(closePort)
        },
    }
}
