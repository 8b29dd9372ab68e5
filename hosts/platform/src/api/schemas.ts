/** What the API answers, for `/api/openapi.json`. The types are the twin's messages; these say them to other languages. */
import { claimIds, type ParameterName, parameterNames } from '@gridverse/plan'
import { alarmPriorities, alarmStates, qualities, roles } from '@gridverse/twin'
import { z } from 'zod'

const ms = z.number().describe('Unix milliseconds, UTC')
const maybe = z.number().nullable()
const role = z.enum(roles)

/** a sentence in English, and its key and arguments for who says it in another language */
const words = {
    message: z.string(),
    key: z.string().optional(),
    args: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
}

export const errorAnswer = z
    .object({
        code: z.string().describe('one of docs/errors.md'),
        ...words,
        issues: z.array(z.object({ code: z.string(), path: z.string(), ...words })).optional(),
    })
    .describe('a refusal')

export const person = z.object({ name: z.string(), role })
export const sessionAnswer = z.object({ person: person.nullable(), setupNeeded: z.boolean() })
export const signedIn = z.object({ person, expiresMs: ms })
export const linkAnswer = z.object({ url: z.string().describe('one-time link, good for a day') })
export const userList = z.array(z.object({ name: z.string(), role, passkeys: z.number(), hasPassword: z.boolean(), createdMs: ms }))

const edit = z.object({ point: z.string(), value: z.number() })
export const worldCard = z.object({
    id: z.string().describe('live, replay@MILLISECONDS or what-if/ID'),
    kind: z.enum(['live', 'replay', 'what-if']),
    title: z.string(),
    tMs: ms,
    createdBy: z.string().optional(),
    createdMs: ms.optional(),
    base: z.object({ world: z.string(), tMs: ms }).optional(),
    edits: z.array(edit).optional(),
    reasons: z.array(z.object(words)).optional().describe('why a what-if has no solution'),
})
const summary = z.object({
    frequencyHz: maybe.describe('Hz'),
    generationMw: maybe.describe('MW'),
    loadMw: maybe.describe('MW'),
    lossesMw: maybe.describe('MW'),
    storageMw: maybe.describe('MW, discharge positive'),
    exchangeMw: maybe.describe('MW, import positive'),
    imbalanceMw: maybe.describe('MW, what does not add up'),
})
const fidelity = z.object({
    status: z.enum(['estimated', 'partly-observable', 'unobservable', 'diverged', 'solved', 'waiting']),
    objective: maybe,
    chiSquareLimit: maybe,
    degreesOfFreedom: maybe,
    badData: z.array(z.object({ point: z.string(), normalisedResidual: maybe })),
    unobservableBuses: z.array(z.number()),
    ageMedianS: maybe.describe('s'),
    ageMaxS: maybe.describe('s'),
    staleCount: z.number(),
    measuredCount: z.number(),
    estimateMs: maybe.describe('ms'),
})
export const snapshotAnswer = z.object({
    world: z.string(),
    seq: z.number(),
    tMs: ms,
    summary,
    fidelity,
    points: z.array(
        z.object({
            id: z.string().describe('kind/id/quantity'),
            value: maybe.describe('best value: measured where good, else substituted, else estimated'),
            unit: z.string(),
            quality: z.enum(qualities),
            tMs: maybe,
            ageS: maybe.describe('s'),
            measured: maybe,
            estimated: maybe,
            device: z.string().optional(),
        }),
    ),
})
export const compareAnswer = z.object({
    a: z.string(),
    b: z.string(),
    summary: z.object({ a: summary, b: summary }),
    rows: z.array(z.object({ point: z.string(), unit: z.string(), a: maybe, b: maybe, difference: maybe })),
})

const limits = z.object({
    lowLow: z.number().optional(),
    low: z.number().optional(),
    high: z.number().optional(),
    highHigh: z.number().optional(),
})
export const pointList = z.array(
    z.object({
        index: z.number(),
        id: z.string(),
        component: z.string(),
        quantity: z.string(),
        unit: z.string(),
        kind: z.enum(['analog', 'status']),
        commandable: z.boolean(),
        device: z.string().optional(),
        limits: limits.optional(),
    }),
)
export const unmappedList = z.array(
    z.object({
        id: z.string(),
        device: z.string(),
        unit: z.string(),
        lastValue: maybe,
        lastMs: maybe,
        suggestions: z.array(z.string()),
    }),
)
export const assetList = z.array(
    z.object({ component: z.string(), name: z.string(), kind: z.string(), site: z.string(), points: z.array(z.string()) }),
)

export const historyAnswer = z.object({
    series: z.array(
        z.object({
            point: z.string(),
            unit: z.string(),
            tMs: z.array(z.number()),
            value: z.array(maybe),
            quality: z.array(z.number()).describe('position in good, suspect, estimated, substituted, stale'),
            thinned: z.boolean().describe('true where extremes of buckets stand for the samples'),
        }),
    ),
})
export const spanAnswer = z.object({
    firstMs: maybe,
    lastMs: maybe,
    marks: z.array(z.object({ tMs: ms, kind: z.enum(['alarm', 'event']), priority: z.string(), target: z.string() })),
})
export const eventList = z.array(
    z.object({
        seq: z.number(),
        tMs: ms,
        actor: z.string(),
        action: z.string(),
        target: z.string(),
        detail: z.record(z.string(), z.unknown()),
        hash: z.string().describe('SHA-256 over the previous hash and this entry'),
    }),
)
export const verifyAnswer = z.object({
    ok: z.boolean(),
    entries: z.number(),
    head: z.string().optional(),
    brokenAt: z.number().optional(),
    reason: z.string().optional(),
})

export const alarm = z.object({
    id: z.string(),
    rule: z.string(),
    source: z.string(),
    state: z.enum(alarmStates),
    priority: z.enum(alarmPriorities),
    active: z.boolean(),
    value: maybe,
    limit: maybe,
    unit: z.string(),
    message: z.object({ key: z.string(), args: z.record(z.string(), z.union([z.string(), z.number(), z.null()])) }),
    sinceMs: ms,
    changedMs: ms,
    acknowledgedBy: z.string().optional(),
    shelvedUntilMs: ms.optional(),
    occurrences: z.number(),
})
export const alarmList = z.array(alarm)

/** What the gate says, for other languages; records of earlier versions have only the message. */
const gateWords = {
    key: z.string().optional(),
    args: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
}
export const commandCard = z.object({
    id: z.string(),
    point: z.string(),
    unit: z.string(),
    before: maybe,
    value: z.number(),
    by: z.string(),
    reason: z.string(),
    state: z.enum(['selected', 'refused', 'cancelled', 'expired', 'sent', 'confirmed', 'mismatch', 'rolled-back', 'failed']),
    checks: z.array(z.object({ rule: z.string(), pass: z.boolean(), ...gateWords, message: z.string() })),
    prediction: z
        .object({
            status: z.enum(['solved', 'diverged', 'islands']),
            violations: z.array(z.object({ point: z.string(), value: maybe, limit: maybe, unit: z.string() })),
            changes: z.array(z.object({ point: z.string(), before: maybe, after: maybe, unit: z.string() })),
        })
        .optional(),
    selectedMs: ms,
    expiresMs: ms,
    sentMs: ms.optional(),
    confirmedMs: ms.optional(),
    after: maybe.optional(),
    approvedBy: z.string().optional(),
    confirmedStale: z.boolean().optional(),
    rollBackMs: ms.optional(),
    message: z.string().optional(),
    ...gateWords,
})
export const commandList = z.array(commandCard)
export const holdList = z.array(z.object({ point: z.string(), by: z.string(), reason: z.string(), sinceMs: ms }))

const device = z.object({
    id: z.string(),
    state: z.enum(['online', 'offline', 'silent']),
    lastMs: ms,
    received: z.number(),
    late: z.number(),
    duplicate: z.number(),
    outOfOrder: z.number(),
    malformed: z.number(),
    points: z.number(),
})
export const statusAnswer = z.object({
    counters: z.record(z.string(), z.number()),
    loop: z.object({ tickMs: maybe, estimateMs: maybe, pointsPerS: maybe, lagMs: maybe }),
    latencyMs: z.object({ p50: maybe, p99: maybe }),
    store: z.enum(['ready', 'down']),
    watchers: z.number(),
    simulatedPlant: z.boolean().describe('the plant in the field is the simulated one this platform started'),
    devices: z.array(device),
})
export const deviceAnswer = z.object({
    devices: z.array(device),
    enrolled: z.array(z.object({ edgeNode: z.string(), enrolledMs: ms, enrolledBy: z.string() })),
    brokerUrl: z.string(),
    ocppUrl: z.string().optional().describe('where charging posts connect, once one is enrolled'),
})
export const enrolAnswer = z.object({
    brokerUrl: z.string(),
    ocppUrl: z.string().optional().describe('where charging posts connect, once one is enrolled'),
    group: z.string().describe('Sparkplug group id'),
    credentials: z.array(z.object({ edgeNode: z.string(), username: z.string(), password: z.string() })),
})

const findings = {
    worstLoadingPercent: z.number().nullable().describe('null where no branch has a rating'),
    worstBranch: z.string().nullable(),
    overloads: z.array(z.object({ component: z.string(), loadingPercent: z.number() })).describe('worst first, at most 12'),
    overloadCount: z.number(),
    voltages: z
        .array(z.object({ component: z.string(), vmPu: z.number(), limitPu: z.number() }))
        .describe('beyond their limits, farthest first, at most 12'),
    voltageCount: z.number(),
}
const relief = z
    .object({
        branch: z.string().describe('the worst overloaded branch'),
        neededMw: z.number(),
        reliefMw: z.number().describe('less than needed where generators cannot do more'),
        steps: z.array(z.object({ lower: z.string(), raise: z.string(), mw: z.number(), reliefMw: z.number() })),
    })
    .describe('the redispatch that relieves the branch with the least power moved, by DC factors')
export const securityAnswer = z
    .object({
        world: z.string(),
        tMs: ms.describe('instant of the state the outages were tried on'),
        tookMs: z.number(),
        base: z.object({ status: z.enum(['converged', 'diverged', 'singular']), worstBus: z.number().optional(), ...findings }),
        counts: z.object({
            outages: z.number(),
            diverged: z.number(),
            islanding: z.number(),
            overloads: z.number().describe('outages with a branch above its rating'),
            voltages: z.number().describe('outages with a bus beyond its voltage limits'),
        }),
        rows: z
            .array(
                z.object({
                    outage: z.string().describe('the branch that goes out'),
                    status: z.enum(['converged', 'islanding', 'diverged']),
                    ...findings,
                    lostBuses: z.array(z.number()).describe('the first 12 without supply'),
                    lostBusCount: z.number(),
                    lostLoadMw: z.number(),
                    lostGenerationMw: z.number(),
                    relief: relief.optional(),
                }),
            )
            .describe('worst first: no solution, power at risk, voltages, loading'),
    })
    .describe(
        'every branch out of service, one at a time, by AC power flow; what is beyond limits before the outage counts where it gets worse',
    )

const parameter = z.enum(parameterNames as [ParameterName, ...ParameterName[]])
const measure = z.enum(['expectedCost', 'cvar', 'co2Kg', 'curtailedKwh'])
const hourOfDay = z.number().min(0).max(24).describe("the clock's hour")
const hours = { fromH: hourOfDay.optional(), untilH: hourOfDay.optional() }
export const planLimit = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('import'), maxKw: z.number().min(0), ...hours }).describe('drawn from the grid at most, kW'),
    z.object({ kind: z.literal('export'), maxKw: z.number().min(0), ...hours }).describe('given to the grid at most, kW'),
    z
        .object({ kind: z.literal('charge'), minPercent: z.number().min(0).max(100), unit: z.string().max(200).optional(), ...hours })
        .describe('least state of charge of batteries, % of full'),
    z.object({ kind: z.literal('without'), unit: z.string().min(1).max(200) }).describe('a unit that is not used'),
    z.object({ kind: z.literal('curtailment'), maxKwh: z.number().min(0) }).describe('mean of sun and wind not taken, kWh at most'),
    z.object({ kind: z.literal('co2'), maxKg: z.number().min(0) }).describe('mean of carbon dioxide, kg at most'),
    z.object({ kind: z.literal('comfort'), minC: z.number().optional(), maxC: z.number().optional() }).describe('of every room, °C'),
])
const frontWeights = z.partialRecord(measure, z.number().min(0).max(1)).describe('how much each measure counts')
export const planRequest = z.object({
    day: z.enum(['today', 'tomorrow', 'now']).default('today'),
    hours: z.number().min(0.1).max(48).optional().describe('of now, h; 24 where absent'),
    stepMin: z.number().min(0.1).max(240).optional().describe('length of a period, min; 60 where absent'),
    objective: z.enum(['cost', 'weight', 'budget', 'co2', 'curtailment', 'front']).default('cost'),
    beta: z.number().min(0).max(1).optional(),
    riskBudget: z.number().optional(),
    worstPercent: z.number().min(0.1).max(99).optional(),
    frontWeights: frontWeights.optional(),
    limits: z.array(planLimit).max(50).default([]),
})
export const studyPreferences = z.object({
    beta: z.number().min(0).max(1).optional().describe("weight of risk; the plant's own where absent"),
    alpha: z.number().min(0.01).max(0.999).optional().describe("confidence of the CVaR; the plant's own where absent"),
    samples: z.number().int().min(0).max(5000).optional().describe('days to draw; 0 keeps the scenarios of the plant'),
    keep: z.number().int().min(1).max(100).optional().describe('days that stand for all'),
    seed: z.number().int().min(0).max(4294967295).optional(),
    betas: z.array(z.number().min(0).max(1)).max(20).optional().describe('weights of risk to compare with'),
    riskBudget: z.number().optional().describe('largest CVaR allowed, in the currency of the plant'),
    goal: z
        .object({
            distance: z.partialRecord(measure, z.object({ from: z.number(), per: z.number() })),
            weight: z.partialRecord(measure, z.number()),
        })
        .optional()
        .describe('in place of expected cost and risk: the goal of a point of a front'),
    frontWeights: frontWeights
        .refine((w) => Object.values(w).some((x) => x > 0), { message: 'give at least one measure a weight above 0' })
        .optional()
        .describe('in place of expected cost and risk: the point of the front where each measure counts so much'),
    limits: z.array(planLimit).max(50).optional().describe("of this plan, beside the plant's own"),
    clockH: z
        .number()
        .min(0)
        .max(24)
        .optional()
        .describe("the clock's hour when the first period begins; that of the fleet's day is known"),
    frontPoints: z.number().int().min(0).max(24).optional().describe('points of the front of cost, risk, CO₂ and curtailment to look for'),
    sunCosts: z
        .object({
            curtailed: z.number().min(0).describe('owed for each kWh of sun not taken, money/kWh'),
            missing: z.number().min(0).describe('of missing energy above its buying price, money/kWh'),
        })
        .partial()
        .optional()
        .describe("in place of the plant's own"),
    experiments: z
        .object({
            change: z
                .partialRecord(parameter, z.number().min(0).max(100))
                .optional()
                .describe('the plant changed first: multiples of its own; risk a weight, curtailCost money/kWh'),
            sweeps: z
                .partialRecord(parameter, z.array(z.number().min(0).max(100)).min(1).max(40))
                .optional()
                .describe('values tried by parameter; all parameters over their own ranges where absent, none where empty'),
            only: z.array(z.enum(claimIds)).min(1).optional().describe('claims tried; all where absent'),
            betas: z.array(z.number().min(0).max(1)).min(1).max(20).optional().describe('weights of risk compared, ascending from 0'),
        })
        .optional()
        .describe('in place of a plan: the claims made of such plants, tried on this one and over the ranges they reach'),
    climate: z
        .object({
            latDeg: z.number().min(-90).max(90).describe('deg, north positive'),
            dayOfYear: z.number().int().min(1).max(366),
            airC: z.number().describe('°C'),
            airSwingC: z.number().min(0).describe('°C'),
            noonH: z.number().min(0).max(24).describe('clock hour when the sun is highest'),
            warmestH: z.number().min(0).max(24).describe('hours after the first period begins at which the air is warmest'),
            windDeviation: z.number().min(0).describe('of the logit'),
            loadDeviation: z.number().min(0).describe('relative'),
            priceDeviation: z.number().min(0).describe('relative'),
            airDeviationC: z.number().min(0).describe('°C'),
            weather: z.boolean().describe('false: wind and air as forecast'),
            clearness: z.array(z.number().min(0)).max(10_000).describe("share of the clear sky's light expected, by period"),
            uncertain: z.partialRecord(z.enum(['pv', 'wind', 'load', 'price', 'air', 'ev']), z.boolean()).describe('false: as forecast'),
        })
        .partial()
        .optional(),
})
export const studyCard = z.object({
    id: z.string(),
    study: z.literal('vpp'),
    title: z.string(),
    by: z.string(),
    createdMs: ms,
    endedMs: ms.optional(),
    state: z.enum(['waiting', 'running', 'done', 'infeasible', 'failed', 'cancelled']),
    progress: z.number().describe('0 … 1'),
    message: z.string(),
    preferences: studyPreferences,
})
export const studyAnswer = z.object({
    card: studyCard,
    outcome: z
        .object({ kind: z.enum(['report', 'claims', 'issues', 'infeasible', 'failed', 'stopped']) })
        .loose()
        .optional()
        .describe(
            'report: courses, costs, risk, frontier, claims; claims: experiments over the ranges they reach; issues: what is wrong with the plant; infeasible: what must give way',
        ),
})
