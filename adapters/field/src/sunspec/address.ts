/** `host:port/unit` or `[::1]:502/3` taken apart; undefined where it is none. */
export function readSunspecAddress(address: string): { readonly host: string; readonly port: number; readonly unit: number } | undefined {
    const parts = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:/[\]]+)):(\d{1,5})\/(\d{1,3})$/.exec(address)
    if (!parts) return undefined
    const [port, unit] = [Number(parts[3]), Number(parts[4])]
    return port >= 1 && port <= 65_535 && unit >= 1 && unit <= 247 ? { host: (parts[1] ?? parts[2])!, port, unit } : undefined
}
