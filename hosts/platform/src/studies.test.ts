import type { EvidenceLog, LogEntry, Person, Records } from '@gridverse/twin'
import { afterEach, expect, test } from 'vitest'
import { createStudies, type Studies } from './studies.ts'

const ann: Person = { name: 'Ann', role: 'operator' }
const ben: Person = { name: 'Ben', role: 'operator' }

/** records and log in memory */
function createPorts() {
    const kept = new Map<string, unknown>()
    const entries: Omit<LogEntry, 'tMs'>[] = []
    const key = (kind: string, id: string) => `${kind}\n${id}`
    const records = {
        put: async (kind: string, id: string, body: unknown) => void kept.set(key(kind, id), structuredClone(body)),
        get: async (kind: string, id: string) => kept.get(key(kind, id)),
        list: async (kind: string) =>
            [...kept].filter(([k]) => k.startsWith(`${kind}\n`)).map(([k, body]) => ({ id: k.slice(kind.length + 1), body })),
        remove: async (kind: string, id: string) => void kept.delete(key(kind, id)),
    } as unknown as Records
    const log = { append: async (entry: LogEntry) => entries.push(entry) } as unknown as EvidenceLog
    return {
        kept,
        entries,
        records,
        log,
        onError: (error: unknown) => entries.push({ actor: 'test', action: String(error), target: '', detail: {} }),
        nowMs: () => 1000,
    }
}

/** One hour, sun 20 or 60 kW: solved in no time. */
const plant = (importMax = 500) =>
    JSON.stringify({
        format: 'vpp-instance/1',
        T: 1,
        dt: 1,
        risk: { alpha: 0.5, beta: 0 },
        grid: {
            buyPrice: 0.6,
            sellPrice: 0.45,
            shortPrice: 1,
            surplusPrice: 0,
            importMax,
            exportMax: 500,
            imbalance: importMax ? 'penalised' : 'forbidden',
        },
        load: { fixed: importMax ? 0 : 200 },
        pvPlants: [{ name: 'roof', capacity: 60 }],
        scenarios: [
            { prob: 0.5, pv: [[20]] },
            { prob: 0.5, pv: [[60]] },
        ],
    })

let studies: Studies | undefined
afterEach(() => studies?.close())

async function ended(of: Studies, id: string) {
    for (let k = 0; k < 400; k++) {
        const answer = await of.get(id)
        if (!['waiting', 'running'].includes(answer.card.state)) return answer
        await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('the study did not end')
}

test('a study like another takes its plant, with other costs of sun', async () => {
    studies = await createStudies(createPorts())
    const first = await studies.create(ann, { title: 'tomorrow', plant: plant(), preferences: { beta: 0 } })
    await ended(studies, first.id)
    const other = await studies.create(ann, { title: 'cheaper', like: first.id, preferences: { beta: 0, sunCosts: { missing: 0.1 } } })
    const expected = async (id: string) => {
        const { outcome } = await ended(studies!, id)
        if (outcome?.kind !== 'report') throw new Error('no report')
        return outcome.report.day.costs.operatingCost
    }
    // 1 the kWh missing: sell the sure 20; 0.6 + 0.1 the kWh: sell 60, and miss 40 in one case of two
    expect(await expected(first.id)).toBeCloseTo(-0.45 * 20, 6)
    expect(await expected(other.id)).toBeCloseTo(-0.45 * 60 + 0.5 * 40 * 0.7, 6)
    await expect(studies.create(ann, { title: 'x', like: 'none', preferences: {} })).rejects.toThrow(/none/)
})

test('a study is run, kept with its report and noted', async () => {
    const ports = createPorts()
    studies = await createStudies(ports)
    const { id } = await studies.create(ann, { title: 'tomorrow', plant: plant(), preferences: { beta: 0.1 } })
    const { card, outcome } = await ended(studies, id)
    expect(card).toMatchObject({ state: 'done', progress: 1, by: 'Ann', title: 'tomorrow' })
    if (outcome?.kind !== 'report') throw new Error('no report')
    expect(outcome.report.day.beta).toBe(0.1)
    expect(outcome.report.claims!.length).toBe(17)
    expect(ports.entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual(['Ann study.asked', 'system study.done'])
    const again = await createStudies(ports)
    expect((await again.get(id)).card.state).toBe('done')
    await again.close()
})

test('what cannot be planned says why; what is wrong is listed', async () => {
    studies = await createStudies(createPorts())
    const dark = await studies.create(ann, { title: 'dark', plant: plant(0), preferences: {} })
    const bad = await studies.create(ann, { title: 'bad', plant: '{}', preferences: {} })
    expect((await ended(studies, dark.id)).outcome).toMatchObject({
        kind: 'infeasible',
        relaxation: expect.arrayContaining([expect.anything()]),
    })
    const { card, outcome } = await ended(studies, bad.id)
    expect(card.state).toBe('failed')
    expect(outcome).toMatchObject({ kind: 'issues', issues: expect.arrayContaining([expect.objectContaining({ path: 'format' })]) })
})

test('others may look, not stop; a stopped platform begins again what it broke off', async () => {
    const ports = createPorts()
    studies = await createStudies(ports)
    const { id } = await studies.create(ann, { title: 'long', preferences: {} })
    await expect(studies.cancel(ben, id)).rejects.toMatchObject({ code: 'not-allowed' })
    await studies.close()
    const again = await createStudies(ports)
    expect(['waiting', 'running']).toContain(again.list()[0]!.state)
    await again.cancel(ann, id)
    expect((await ended(again, id)).card.state).toBe('cancelled')
    await expect(again.cancel(ann, id)).rejects.toMatchObject({ code: 'study-state' })
    await again.remove(ann, id)
    await expect(again.get(id)).rejects.toMatchObject({ code: 'unknown-study' })
    expect(ports.kept.size).toBe(0)
    await again.close()
})
