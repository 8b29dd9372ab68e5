/** The JSON-RPC layer of OCPP-J by `ocpp-rpc`, with only what is used of it named. Loaded on first use: its schemas are large. */

import type { IncomingMessage, Server } from 'node:http'
import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'

export type Params = Readonly<Record<string, unknown>>

/** Either end of a connection. */
export interface RpcPeer {
    readonly identity: string
    /** subprotocol agreed on: `ocpp1.6` */
    readonly protocol: string
    /** the other side's answer; rejects on a CALLERROR, a timeout, or when the link goes */
    call(action: string, params: Params): Promise<Params>
    handle(action: string, handler: (call: { params: Params }) => Promise<Params> | Params): void
    handle(handler: (call: { method: string; params: Params }) => Promise<Params> | Params): void
    close(options?: { code?: number; reason?: string; force?: boolean; awaitPending?: boolean }): Promise<unknown>
    on(event: 'close' | 'disconnect', listener: (why: { code: number; reason: string }) => void): void
    on(event: 'strictValidationFailure', listener: (failure: { method: string; error: Error; outbound: boolean }) => void): void
    on(event: 'badMessage', listener: (bad: { error: Error }) => void): void
    on(event: 'socketError', listener: (error: Error) => void): void
}
export interface RpcServerPeer extends RpcPeer {
    readonly session: Record<string, unknown>
}
export interface RpcClientPeer extends RpcPeer {
    connect(): Promise<unknown>
}
export interface Handshake {
    readonly identity: string
    readonly protocols: ReadonlySet<string>
    readonly password?: Buffer
    readonly remoteAddress: string
    readonly request: IncomingMessage
}
interface RpcServer {
    auth(
        check: (
            accept: (session: Record<string, unknown>, protocol: string) => void,
            reject: (code: number, message: string) => void,
            handshake: Handshake,
        ) => void | Promise<void>,
    ): void
    on(event: 'client', listener: (client: RpcServerPeer) => void): void
    readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
    close(options: { code?: number; reason?: string; force?: boolean }): Promise<void>
}
interface OcppRpc {
    readonly RPCServer: new (options: Params) => RpcServer
    readonly RPCClient: new (options: Params) => RpcClientPeer
    createRPCError(code: string, message: string): Error
}

let loaded: OcppRpc | undefined
export function ocppRpc(): OcppRpc {
    loaded ??= createRequire(import.meta.url)('ocpp-rpc') as OcppRpc
    return loaded
}
export type { RpcServer, Server }
