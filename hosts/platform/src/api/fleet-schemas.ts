/** What the routes of the fleet answer, for `/api/openapi.json`; the types are those of the application. */
import { type Resource, resourceKinds, resourceProtocols, resourceTables } from '@gridverse/assets'
import { resourceLinks, resourceSorts } from '@gridverse/vpp'
import { z } from 'zod'
import { planRequest } from './schemas.ts'

const ms = z.number().describe('Unix milliseconds, UTC')
const kw = (about: string) => z.number().describe(`kW, ${about}`)
const maybe = z.number().nullable()

/** The columns of a table as a JSON schema: what a kind of resource is made of. */
const tableOf = (
    table: Readonly<Record<string, { type: string; about: string; unit?: string; choices?: readonly string[]; default?: unknown }>>,
) =>
    z.object(
        Object.fromEntries(
            Object.entries(table).map(([name, column]) => {
                const about = column.unit ? `${column.about}, ${column.unit}` : column.about
                const type =
                    column.type === 'flag'
                        ? z.boolean()
                        : column.choices
                          ? z.enum(column.choices as [string, ...string[]])
                          : column.type === 'text'
                            ? z.string()
                            : z.number()
                return [name, type.describe(about)]
            }),
        ),
    )
export const resource = z.union(resourceKinds.map((kind) => tableOf(resourceTables[kind]))) as unknown as z.ZodType<Resource>

const issues = z.array(
    z.object({
        code: z.string(),
        path: z.string(),
        message: z.string(),
        line: z.number().optional().describe('of the file, or position in the array, from 1'),
    }),
)
export const enrolled = z.object({
    revision: z.number(),
    taken: z.number(),
    replaced: z.number(),
    refused: z.number(),
    issues,
    groups: z.array(z.string()),
    hash: z.string().describe('SHA-256 of what was taken, as in the log'),
    tookMs: z.number(),
    edgeNodes: z.array(z.string()).describe('edge nodes without credentials yet'),
    enrolmentToken: z.string().optional().describe('they enrol with it at POST /api/enrol; for supervisors'),
    secrets: z.array(z.object({ id: z.string(), identity: z.string(), secret: z.string() })).describe('of new OCPP posts, told once'),
})
export const builtResources = z.object({
    revision: z.number(),
    resources: z.array(resource).optional().describe('absent where the revision is the one asked with'),
    ocppUrl: z.string().optional().describe('where its charging posts connect'),
    sunspec: z.boolean().describe('its SunSpec devices are polled, once POST /api/enrol says where they are'),
})

/** Unix ms, or ISO 8601; of the past. */
export const instant = z
    .string()
    .max(40)
    .transform((text, context) => {
        const tMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text)
        if (Number.isFinite(tMs)) return tMs
        context.addIssue({ code: 'custom', message: `must be an instant as 2026-11-22T12:34:56Z or Unix milliseconds, got "${text}"` })
        return z.NEVER
    })
    .optional()
    .describe('as it was then: ISO 8601 or Unix ms, from what was kept')

export const resourceQuery = z.object({
    group: z.string().optional(),
    kind: z.enum(resourceKinds).optional(),
    protocol: z.enum(resourceProtocols).optional(),
    text: z.string().max(100).optional().describe('part of the id or name'),
    sort: z.enum(resourceSorts).optional().describe('what has no figure comes last'),
    order: z.enum(['asc', 'desc']).optional().describe('desc where absent'),
    at: instant,
    offset: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(20_000).default(100),
})

const availability = z.object({
    upKw: kw('more it could give into the network'),
    downKw: kw('less it could give'),
    fastUpKw: kw('within 30 s'),
    fastDownKw: kw('within 30 s'),
    upKwh: maybe.describe('kWh behind it; null where nothing ends it'),
    downKwh: maybe,
})
const link = z.enum(resourceLinks)
export const resourcePage = z.object({
    revision: z.number(),
    total: z.number(),
    offset: z.number(),
    resources: z.array(resource),
    twins: z
        .array(
            z.object({
                link,
                ageS: maybe.describe('s since anything was measured of it'),
                pKw: maybe.describe('kW into the network'),
                socPercent: maybe,
                syncErrorKw: maybe.describe('kW, measured less predicted, root mean square of the last hour'),
                syncErrorPercent: maybe.describe('the same of its state of charge, percentage points'),
                coverage: z.number(),
            }),
        )
        .describe('of the resources, in their order'),
})
const twinFigures = z.object({
    worstAgeS: maybe.describe('s, of the one heard longest ago'),
    syncErrorKw: maybe.describe('kW, root mean square over its resources'),
    syncErrorPercent: maybe.describe('percentage points of state of charge'),
})
const standingOrder = z.object({
    id: z.string(),
    by: z.string(),
    reason: z.string(),
    approvedBy: z.string().optional(),
    plan: z.string().optional(),
    sinceMs: ms,
    untilMs: ms,
    orderedKw: z.number(),
    setpoints: z.number(),
    standing: z.number().describe('resources it has the word on'),
    readBack: z.number().describe('of which the device itself says the setpoint'),
})
export const standingList = z.array(standingOrder)
const tiles = z.object({
    generationKw: kw('sun, wind, turbines, generators'),
    loadKw: kw('everything that draws'),
    storageKw: kw('batteries, discharge positive'),
    exchangeKw: kw('taken from the grid: load less generation less storage'),
})
const quality = z.enum(['good', 'suspect', 'estimated', 'substituted', 'stale'])
const underDelivery = z.object({
    resource: z.string(),
    group: z.string(),
    askedKw: kw('into the network'),
    gaveKw: maybe,
    sinceMs: ms,
    causes: z.array(z.object({ cause: z.string(), weight: z.number(), message: z.string() })).describe('likeliest first'),
})
export const resourceState = z.object({
    resource,
    link,
    device: z.string().optional(),
    heardMs: maybe,
    ageS: maybe,
    twin: z.object({
        ageS: maybe.describe('s'),
        predictedKw: maybe.describe('kW into the network: what its model makes of the last measurement'),
        predictedSocPercent: maybe,
        syncErrorKw: maybe.describe('kW, measured less predicted, root mean square of the last hour'),
        syncErrorPercent: maybe.describe('percentage points of state of charge'),
        compared: maybe.describe('comparisons behind it'),
    }),
    values: z.record(z.string(), z.object({ value: maybe, quality, tMs: maybe, unit: z.string() })),
    pKw: maybe.describe('kW into the network'),
    baselineKw: kw('what it would do undispatched'),
    orderedKw: z.number().optional(),
    order: standingOrder.optional(),
    readBack: z.boolean().optional().describe('whether the device itself says its setpoint'),
    availability,
    coverage: z.number(),
    imputed: z.array(z.string()),
    held: z.object({ by: z.string(), reason: z.string(), sinceMs: ms }).optional(),
    underDelivery: underDelivery.optional(),
})
export const fleetSummary = z.object({
    tMs: ms,
    revision: z.number(),
    count: z.number(),
    links: z.record(z.string(), z.number()),
    following: z.number(),
    tiles,
    pKw: kw('into the network'),
    baselineKw: kw('undispatched'),
    orderedKw: maybe,
    availability,
    socPercent: maybe,
    coverage: z.number().describe('share of expected measurements of the last 15 min'),
    coverageNeeded: z.number(),
    mayPlan: z.boolean(),
    reconciliation: z.object({ connections: z.number(), failing: z.number(), sumKw: z.number(), meteredKw: maybe, residualKw: maybe }),
    underDelivered: z.number(),
    twin: twinFigures,
    groups: z.array(
        z.object({
            id: z.string(),
            kinds: z.record(z.string(), z.number()),
            count: z.number(),
            online: z.number(),
            following: z.number(),
            pKw: z.number(),
            baselineKw: z.number(),
            orderedKw: maybe,
            availability,
            coverage: z.number(),
            socPercent: maybe,
            underDelivered: z.number(),
            held: z.boolean(),
            twin: twinFigures,
        }),
    ),
})
export const coverageReport = z.object({
    tMs: ms,
    windowS: z.number(),
    needed: z.number(),
    mayPlan: z.boolean(),
    fleet: z.number(),
    groups: z.array(z.object({ id: z.string(), coverage: z.number(), imputed: z.number() })),
    resources: z.array(
        z.object({
            id: z.string(),
            coverage: z.number(),
            link,
            imputed: z.array(z.object({ quantity: z.string(), value: z.number(), from: z.string() })),
        }),
    ),
})
const numbers = z.array(z.number())
export const fleetColumns = z.object({
    tMs: ms,
    revision: z.number(),
    id: z.array(z.string()),
    kind: z.array(z.string()),
    group: z.array(z.string()),
    connection: z.array(z.string()).describe('load/ID, empty where no meter counts it'),
    latDeg: numbers,
    lonDeg: numbers,
    link: numbers.describe('position in online, silent, offline, never'),
    pKw: z.array(maybe),
    orderedKw: z.array(maybe),
    socPercent: z.array(maybe),
    underDelivered: numbers,
    ageS: z.array(maybe),
    syncErrorKw: z.array(maybe),
    syncErrorPercent: z.array(maybe),
})
export const plannedFrame = z.object({
    period: z.number(),
    periods: z.number(),
    startMs: ms,
    periodS: z.number(),
    tiles: z.object({ generationKw: z.number(), loadKw: z.number(), storageKw: z.number(), exchangeKw: z.number() }),
    columns: fleetColumns.describe(
        'as of a fleet now, at the end of the period; what the plan leaves out is never heard and has no numbers',
    ),
    groups: z.array(z.object({ id: z.string(), pKw: z.number(), socPercent: maybe })),
})
export const reconciliationList = z.array(
    z.object({
        connection: z.string(),
        resources: z.number(),
        sumKw: z.number(),
        meteredKw: maybe,
        meteredQuality: quality,
        residualKw: maybe,
        toleranceKw: z.number(),
        reconciles: z.boolean(),
    }),
)
export const underDeliveryList = z.array(underDelivery)

export const newOrder = z
    .object({
        groups: z
            .array(z.string().max(200))
            .min(1)
            .max(1000)
            .optional()
            .describe('the whole fleet where neither groups nor resources are named'),
        resources: z.array(z.string().max(64)).min(1).max(20_000).optional(),
        totalKw: z.number().optional().describe('kW into the network, of all that are asked together'),
        perResource: z.record(z.string().max(64), z.number()).optional().describe('kW into the network, by id'),
        release: z.boolean().optional().describe('lets them decide by themselves again'),
        forS: z.number().min(10).max(86_400).optional().describe('s; 900 where absent'),
        reason: z.string().min(1).max(500),
    })
    .refine((o) => [o.totalKw !== undefined, o.perResource !== undefined, o.release === true].filter(Boolean).length === 1, {
        message: 'give one of totalKw, perResource and release: true',
    })
const orderChecks = z.array(
    z.object({
        rule: z.string(),
        pass: z.boolean(),
        code: z.string().optional().describe('what is said, for every language'),
        args: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
        message: z.string(),
    }),
)
export const orderCard = z.object({
    id: z.string(),
    by: z.string(),
    reason: z.string(),
    state: z.enum(['waiting-for-second', 'refused', 'sent', 'confirmed', 'partly-confirmed', 'failed', 'cancelled']),
    createdMs: ms,
    untilMs: ms,
    approvedBy: z.string().optional(),
    plan: z.string().optional(),
    checks: orderChecks,
    askedKw: maybe,
    orderedKw: z.number(),
    setpoints: z.number(),
    manifest: z.string().describe('SHA-256 of the sorted setpoints, as sealed in the log before the field was written'),
    narrowed: z.number(),
    leftOut: z.array(z.object({ id: z.string(), why: z.string() })),
    confirmed: z.number(),
    retried: z.number(),
    lost: z.array(z.string()),
    confirmMs: z.object({ p50: maybe, p99: maybe, max: maybe }).describe('from the order to its durable read-back, ms'),
})
export const orderList = z.array(orderCard)
const course = { startMs: ms, periodS: z.number(), kw: z.array(maybe).describe('kW by period') }
export const noticeCard = z.object({
    id: z.string(),
    kind: z.enum(['prediction', 'market', 'diagnosis']),
    by: z.string(),
    reason: z.string(),
    state: z.enum(['refused', 'sent', 'acknowledged', 'partly-acknowledged', 'unacknowledged']),
    createdMs: ms,
    plan: z.string().optional(),
    checks: orderChecks,
    leftOut: z.array(z.object({ id: z.string(), why: z.string() })),
    recipients: z.number(),
    manifest: z.string().describe('SHA-256 of what each was sent, as sealed in the log before the field was written'),
    acknowledged: z.number().describe('devices that said that they keep it'),
    acknowledgedMs: maybe.describe('the last of them'),
    ackMs: z.object({ p50: maybe, p99: maybe, max: maybe }).describe('from the notice to the word of the device, ms'),
    declined: z.array(z.object({ id: z.string(), reason: z.string() })),
    lost: z.array(z.string()).describe('devices that said nothing, asked twice'),
    example: z.object({ resource: z.string(), body: z.record(z.string(), z.unknown()) }).nullable(),
})
export const noticeList = z.array(noticeCard)
export const fleetHolds = z.array(z.object({ target: z.string(), by: z.string(), reason: z.string(), sinceMs: ms }))
export const fleetSettings = z.object({ twoPersonKw: z.number().min(0).describe('an order that moves more needs a second person, kW') })

const prices = z.array(z.number()).length(24).describe('money/kWh by hour of the day')
export const vppMarket = z.object({
    currency: z.string().min(1).max(8),
    buyPrice: prices,
    sellPrice: prices,
    shortPrice: prices,
    surplusPrice: prices,
    importMaxKw: z.number().min(0),
    exportMaxKw: z.number().min(0),
    carbonPrice: z.number().min(0).describe('money/kg'),
    alpha: z.number().gt(0).lt(1),
    beta: z.number().min(0).max(1),
})
export const marketChanges = z
    .array(z.object({ tMs: ms, by: z.string(), reason: z.string(), before: vppMarket.partial(), after: vppMarket.partial() }))
    .describe('newest first')
export const readRequest = z.object({
    request: planRequest,
    understood: z.array(z.object({ text: z.string(), as: z.enum(['horizon', 'objective', 'risk', 'limit']) })),
    rest: z.array(z.string()).describe('words nothing was made of'),
})
const periodTiles = tiles.extend({ cost: maybe })
const decidedSide = z.object({
    committedKw: kw('committed before the day, sale less purchase'),
    imbalanceKw: kw('settled with the grid beside it, given positive'),
    restCost: maybe.describe('expected to the end of the day'),
    units: z.array(z.object({ unit: z.string(), kw: z.number() })),
})
export const dayCard = z.object({
    state: z.enum(['none', 'approved', 'running', 'stopped', 'ended']),
    study: z.string().optional(),
    startMs: ms.optional(),
    periodS: z.number().optional(),
    approvedBy: z.string().optional(),
    approvedMs: ms.optional(),
    appliedBy: z.string().optional(),
    currency: z.string(),
    replans: z.array(
        z.object({
            tMs: ms,
            why: z.string(),
            left: z.array(z.string()),
            expectedCost: maybe,
            change: z
                .object({
                    lost: z.array(z.object({ resource: z.string(), unit: z.string(), why: z.enum(['no-link', 'tripped']) })),
                    found: z.array(z.string()),
                    before: decidedSide,
                    after: decidedSide,
                })
                .optional()
                .describe('where devices were lost or found: the rest of the day with and without them'),
        }),
    ),
    lost: z
        .array(
            z.object({
                resource: z.string(),
                name: z.string(),
                nameZh: z.string(),
                unit: z.string(),
                why: z.enum(['no-link', 'tripped']),
                sinceMs: ms,
                setpointEndsMs: maybe.describe('when the setpoint it was told last ends by itself'),
                schedule: z
                    .object({ sentMs: ms, acknowledgedMs: ms, holdS: z.number(), ...course })
                    .nullable()
                    .describe('what it keeps to from then on, as the device signs it'),
                scheduledKw: maybe.describe('what the schedule wants of it now, into the network'),
            }),
        )
        .describe('devices the rest of the day is planned without'),
    left: z.array(
        z.object({
            unit: z.string(),
            resources: z.number(),
            left: z.number(),
            share: z.number(),
            upKw: kw('more than now'),
            downKw: kw('less than now'),
        }),
    ),
    periods: z
        .array(
            z.object({
                startMs: ms,
                predicted: periodTiles.extend({ tradeKw: maybe }),
                realised: periodTiles.extend({ minutes: z.number() }).nullable(),
                orders: z.number(),
                lost: z.number(),
            }),
        )
        .describe('means over each period, predicted and realised'),
    ledger: z.unknown().describe('what differed from the plan, by how much energy, and what it cost; null before the first period is over'),
    settlement: z.unknown().describe('to the smallest coin, parts that add up exactly'),
    message: z.string(),
})
