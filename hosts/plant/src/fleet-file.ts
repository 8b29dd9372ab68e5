/**
 * The fleet in the plant's own folder: which resources are built (written when that changes) and what their devices
 * remember (written every few seconds), each whole or not at all.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Resource, readResources } from '@gridverse/assets'
import type { PlantFleetMemory } from './fleet.ts'

const version = 1

interface Kept {
    readonly version: number
    readonly region: string
}

export function openFleetFile(dataDir: string, region: string) {
    const [resourcesPath, memoryPath] = [join(dataDir, 'resources.json'), join(dataDir, 'fleet.json')]
    function read<T>(path: string): (T & Kept) | undefined {
        try {
            const kept = JSON.parse(readFileSync(path, 'utf8')) as T & Kept
            return kept.version === version && kept.region === region ? kept : undefined
        } catch {
            return undefined
        }
    }
    function write(path: string, body: object): void {
        writeFileSync(`${path}.new`, JSON.stringify({ version, region, ...body }), { mode: 0o600 })
        renameSync(`${path}.new`, path)
    }
    return {
        /** Resources built last time; undefined at the first start, or where another region stood here. */
        resources(): Resource[] | undefined {
            const kept = read<{ resources: Record<string, unknown>[] }>(resourcesPath)
            return kept && readResources(kept.resources).resources
        },
        memory: () => read<{ memory: PlantFleetMemory }>(memoryPath)?.memory,
        saveResources: (resources: readonly Resource[]) => write(resourcesPath, { resources }),
        saveMemory: (memory: PlantFleetMemory) => write(memoryPath, { memory }),
    }
}
