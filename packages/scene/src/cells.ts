/** Things on the ground by square cells, so that who asks for a neighbourhood looks at that alone. */
export interface Cells<T> {
    add(item: T, minX: number, minZ: number, maxX: number, maxZ: number): void
    /** Everything whose box may touch the one asked for, each once, in the order it was added within a cell. */
    near(minX: number, minZ: number, maxX: number, maxZ: number): readonly T[]
}

/** `size` of a cell in world units: about that of the things or of the neighbourhoods asked for. */
export function createCells<T>(size: number): Cells<T> {
    const cells = new Map<number, T[]>()
    const at = (v: number) => Math.floor(v / size)
    // cells far from the middle share a number only beyond 2 million cells, and then cost time, not truth
    const visit = (minX: number, minZ: number, maxX: number, maxZ: number, look: (key: number) => void) => {
        for (let x = at(minX); x <= at(maxX); x++) for (let z = at(minZ); z <= at(maxZ); z++) look(x * 2_097_152 + z)
    }
    return {
        add(item, minX, minZ, maxX, maxZ) {
            visit(minX, minZ, maxX, maxZ, (key) => {
                const cell = cells.get(key)
                if (cell) cell.push(item)
                else cells.set(key, [item])
            })
        },
        near(minX, minZ, maxX, maxZ) {
            const found = new Set<T>()
            visit(minX, minZ, maxX, maxZ, (key) => {
                for (const item of cells.get(key) ?? []) found.add(item)
            })
            return [...found]
        },
    }
}
