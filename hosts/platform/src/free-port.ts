import { createServer } from 'node:net'

/** The preferred port where it is free on this address, else one that is. */
export async function freePort(host: string, preferred: number): Promise<number> {
    const tryPort = (port: number) =>
        new Promise<number | undefined>((resolve) => {
            const probe = createServer()
            probe.once('error', () => resolve(undefined))
            probe.listen({ host, port, exclusive: true }, () => {
                const address = probe.address()
                const got = typeof address === 'object' && address ? address.port : port
                probe.close(() => resolve(got))
            })
        })
    return (preferred > 0 ? await tryPort(preferred) : undefined) ?? (await tryPort(0)) ?? 0
}
