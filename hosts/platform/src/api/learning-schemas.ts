/** What the routes of learning take and answer. */
import { z } from 'zod'

const quantity = z.enum(['load', 'pv', 'wind', 'price', 'air'])
export const modelKind = z.union([z.enum(['scenarios', 'policy']), z.templateLiteral(['forecast/', quantity])])

export const measuredDay = z.object({
    day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date: 2026-06-01'),
    dtH: z.number().positive().max(24).describe('length of a period, h'),
    courses: z
        .record(z.string(), z.array(z.number().nullable()).min(1).max(1440))
        .describe('pv/NAME, wind/NAME, load in kW, price per kWh, air in °C; null where nothing was measured'),
    figures: z.record(z.string(), z.number()).optional().describe('ev/NAME/arrive in h, ev/NAME/energy in kWh'),
    cost: z
        .object({ expected: z.number(), cvar: z.number(), attainable: z.number(), realised: z.number().optional() })
        .optional()
        .describe('of the day, in the currency of the plant'),
})
export const dayList = z.object({ days: z.array(measuredDay) })
export const policy = z.object({ beta: z.number().min(0).max(1), keep: z.number().int().min(1).max(100) })
export const climate = z
    .object({
        latDeg: z.number().min(-90).max(90).describe('deg, north positive'),
        noonH: z.number().min(0).max(24).describe('clock hour when the sun is highest'),
        airC: z.number().describe('°C'),
        airSwingC: z.number().min(0).describe('°C'),
    })
    .partial()

const trainedOn = z.object({ from: z.string(), to: z.string(), days: z.number() })
const scores = z.object({
    days: z.number(),
    mae: z.number(),
    rmse: z.number(),
    bias: z.number(),
    pinball: z.number(),
    crps: z.number(),
    coverage90: z.number(),
    persistenceMae: z.number(),
    persistenceRmse: z.number(),
    skill: z.number().describe('1 − mae/persistenceMae'),
})
const comparison = z.object({
    days: z.number(),
    loss: z.string(),
    candidate: z.number(),
    incumbent: z.number(),
    gain: z.number(),
    pValue: z.number(),
    better: z.boolean(),
})
const card = z.object({
    id: z.string(),
    kind: modelKind,
    version: z.number(),
    method: z.string(),
    features: z.array(z.string()),
    trainedOn,
    scores: scores.optional(),
})
const state = z.enum(['candidate', 'promoted', 'retired', 'rejected'])
const code = z
    .enum(['compared', 'not-compared', 'superseded', 'replaced', 'rolled-back', 'put-back'])
    .describe('the reason for other languages: `compared` by the comparison; `other` is the model it speaks of')
const notLearnt = {
    reason: z.string(),
    code: z.enum(['too-few-days', 'periods-differ', 'no-day-before', 'nothing-fitted']).optional(),
    args: z.record(z.string(), z.number()).optional(),
}
export const modelEntry = z.object({
    card,
    state,
    comparison: comparison.optional(),
    events: z.array(
        z.object({
            tMs: z.number(),
            by: z.string(),
            from: state.optional(),
            to: state,
            reason: z.string(),
            code: code.optional(),
            other: z.string().optional(),
        }),
    ),
})
const curve = z.object({
    kind: modelKind,
    loss: z.string(),
    heldOutDays: z.number(),
    points: z.array(z.object({ days: z.number(), loss: z.number() })),
    baseline: z.number(),
})
const drift = z.object({
    quantity: z.string(),
    index: z.number(),
    pValue: z.number(),
    verdict: z.enum(['stable', 'moving', 'drifted']),
})
const report = z.object({
    days: z.number(),
    from: z.string(),
    to: z.string(),
    cards: z.array(card),
    comparisons: z.record(z.string(), comparison),
    verdicts: z.array(z.object({ id: z.string(), kind: modelKind, promote: z.boolean(), reason: z.string() })),
    curves: z.array(curve),
    drift: z.array(drift),
    left: z.array(z.object({ kind: modelKind, ...notLearnt })),
})
export const modelsAnswer = z.object({
    learning: z.object({
        state: z.enum(['idle', 'running', 'failed']),
        progress: z.number(),
        message: z.string(),
        endedMs: z.number().optional(),
    }),
    report: report.optional().describe('of the last learning that ended'),
    models: z.array(modelEntry).describe('newest first'),
    curves: z.array(curve),
    drift: z.array(drift),
    fans: z
        .array(
            z.object({
                quantity,
                unit: z.string(),
                day: z.string(),
                dtH: z.number(),
                levels: z.array(z.number()),
                quantiles: z.array(z.array(z.number())),
                mean: z.array(z.number()),
                model: z.string(),
            }),
        )
        .describe('the day after the last one kept, by the models in use'),
})
