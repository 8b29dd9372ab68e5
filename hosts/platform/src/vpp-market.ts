/** The market of the virtual power plant: its prices and limits now, and every change of them with who made it. */
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import { checkMarket, defaultMarket, type MarketChange, type VppMarket } from '@gridverse/vpp'
import { ApiError } from './api-error.ts'

export interface VppMarketKeeper {
    now(): VppMarket
    /** Refuses what makes no sense, every hour named; takes nothing then. */
    change(by: Person, change: Partial<VppMarket>, reason?: string): Promise<VppMarket>
    /** newest first */
    history(limit: number): Promise<MarketChange[]>
}

const changeRecord = 'vpp-market-change'

export async function createVppMarket(ports: {
    readonly records: Records
    readonly log: EvidenceLog
    nowMs(): number
}): Promise<VppMarketKeeper> {
    const { records, log, nowMs } = ports
    let market: VppMarket = { ...defaultMarket, ...(await records.get<Partial<VppMarket>>('setting', 'vpp-market')) }
    let work: Promise<unknown> = Promise.resolve()
    return {
        now: () => market,
        change(by, change, reason = '') {
            const act = async () => {
                const next = { ...market, ...change }
                const issues = checkMarket(next)
                if (issues.length > 0)
                    throw new ApiError('bad-input', `${issues.length} thing(s) wrong with the market; nothing was changed`, issues)
                const changed = (Object.keys(change) as (keyof VppMarket)[]).filter(
                    (name) => JSON.stringify(change[name]) !== JSON.stringify(market[name]),
                )
                if (changed.length === 0) return market
                const only = (of: VppMarket) => Object.fromEntries(changed.map((name) => [name, of[name]])) as Partial<VppMarket>
                const tMs = nowMs()
                const entry: MarketChange = { tMs, by: by.name, reason, before: only(market), after: only(next) }
                const sealed = await log.append({
                    tMs,
                    actor: by.name,
                    action: 'vpp.market',
                    target: 'market',
                    detail: { changed, reason },
                })
                await records.put('setting', 'vpp-market', next)
                await records.put(changeRecord, String(sealed.seq).padStart(12, '0'), entry)
                market = next
                return market
            }
            const done = work.then(act, act)
            work = done.catch(() => undefined)
            return done
        },
        async history(limit) {
            const kept = await records.list<MarketChange>(changeRecord)
            return kept
                .sort((a, b) => (a.id < b.id ? 1 : -1))
                .slice(0, limit)
                .map(({ body }) => body)
        },
    }
}
