/**
 * A sentence as a request for a plan: "plan tomorrow at least cost, keep batteries above 40 % until 18:00, risk budget 2000", or the
 * same in Chinese. Each rule takes what it understands out of the sentence, in the order of the table; what is left but filling
 * words is told as not understood, and nothing is guessed from it. Nothing is done here: a person confirms what was read.
 */
import type { Measures, PlanLimit } from '@gridverse/plan'
import type { PlanDay, PlanObjective, PlanRequest } from './request.ts'
import { amount, readAmount, readWindow, spellDigits, window } from './request-words.ts'

export interface ReadSentence {
    readonly request: PlanRequest
    /** what was read, in the words of the sentence */
    readonly understood: readonly { readonly text: string; readonly as: 'horizon' | 'objective' | 'risk' | 'limit' }[]
    /** words nothing was made of */
    readonly rest: readonly string[]
}

type Draft = { -readonly [K in keyof PlanRequest]: PlanRequest[K] } & { limits: PlanLimit[] }
interface Rule {
    readonly as: ReadSentence['understood'][number]['as']
    readonly pattern: string
    /** false: it was no request after all */
    readonly take: (draft: Draft, match: RegExpExecArray) => boolean | undefined
}

const most = String.raw`(?:(?:to\s+|of\s+|is\s+|be\s+)?(?:at most|no more than|not more than|less than|max(?:imum)?(?: of)?|below|under|up to|within|<=?|≤|limit(?:ed)? (?:to|of)?)|不超过|不高于|不得超过|不多于|最多|至多|小于|低于|限制?[在为]|控制在)`
const least = String.raw`(?:(?:at least|no less than|not less than|not below|no lower than|above|over|at or above|min(?:imum)?(?: of)?|>=?|≥)|不低于|不少于|不小于|至少|高于|大于|在|为)`
const power = String.raw`(kw|mw|kilowatts?|megawatts?|千瓦|兆瓦)`
const energy = String.raw`(kwh|mwh|kilowatt.?hours?|megawatt.?hours?|千瓦时|兆瓦时|度电?)`
const mass = String.raw`(kg|t|tons?|tonnes?|kilograms?|kilos?|千克|公斤|吨)`
const kilo = (value: string, unit: string): number => readAmount(value) * (/^(mw|mega|兆|t$|ton|吨)/.test(unit.toLowerCase()) ? 1000 : 1)
const optionalWindow = String.raw`(?:[\s,，]*${window})?`
/** the same window, said before: 18点前电池… */
const windowBefore = String.raw`(?:${window.replace(/\?<(\w+)>/g, '?<$1_>')}\s*)?`
const windowOf = (match: RegExpExecArray) => {
    const groups = match.groups ?? {}
    const early = Object.fromEntries(
        Object.entries(groups).flatMap(([name, text]) => (name.endsWith('_') ? [[name.slice(0, -1), text]] : [])),
    )
    return { ...readWindow(early), ...readWindow(groups) }
}
const grid = String.raw`(?:\s*(?:from|off|to|into) the grid)?`

const say = (draft: Draft, objective: PlanObjective): true => {
    draft.objective = objective
    return true
}
const day = (draft: Draft, to: PlanDay, hours?: string): true => {
    draft.day = to
    if (hours !== undefined) draft.hours = readAmount(hours)
    return true
}
const limit = (draft: Draft, one: PlanLimit): true => {
    draft.limits.push(one)
    return true
}

/** import or export, most first or last; or none at all */
const exchange = (kind: 'import' | 'export', word: string): Rule[] => [
    {
        as: 'limit',
        pattern: `${windowBefore}(?:${word})${grid}[\\s:：]*${most}?\\s*${amount}\\s*${power}${grid}${optionalWindow}`,
        take: (draft, m) => limit(draft, { kind, maxKw: kilo(m.groups!.n!, m.groups!.u!), ...windowOf(m) }),
    },
    {
        as: 'limit',
        pattern: `${most}\\s*${amount}\\s*${power}\\s*(?:of\\s+)?(?:the\\s+)?(?:${word})${grid}${optionalWindow}`,
        take: (draft, m) => limit(draft, { kind, maxKw: kilo(m.groups!.n!, m.groups!.u!), ...windowOf(m) }),
    },
    {
        as: 'limit',
        pattern: `${windowBefore}(?:\\bno|\\bwithout|不|禁止|无)\\s*(?:${word})${grid}${optionalWindow}`,
        take: (draft, m) => limit(draft, { kind, maxKw: 0, ...windowOf(m) }),
    },
]

const rules: readonly Rule[] = [
    // limits first: they hold words that objectives have too
    {
        as: 'limit',
        pattern: `(?:curtail(?:ment|ed|ing)?|waste|弃光|弃风弃光|弃电|弃风)\\s*${most}\\s*${amount}\\s*${energy}`,
        take: (draft, m) => limit(draft, { kind: 'curtailment', maxKwh: kilo(m.groups!.n!, m.groups!.u!) }),
    },
    {
        as: 'limit',
        pattern: `(?:curtail|waste)?\\s*${most}\\s*${amount}\\s*${energy}\\s*(?:of\\s+)?(?:curtail(?:ment|ed)|sun|wind|renewables?|waste)?`,
        take: (draft, m) =>
            /curtail|waste|sun|wind|renew/.test(m[0]) && limit(draft, { kind: 'curtailment', maxKwh: kilo(m.groups!.n!, m.groups!.u!) }),
    },
    {
        as: 'limit',
        pattern: `(?:co2|co₂|carbon(?: dioxide)?|emissions?|二氧化碳|碳排放量?|排放量?)\\s*${most}\\s*${amount}\\s*${mass}`,
        take: (draft, m) => limit(draft, { kind: 'co2', maxKg: kilo(m.groups!.n!, m.groups!.u!) }),
    },
    {
        as: 'limit',
        pattern: `${most}\\s*${amount}\\s*${mass}\\s*(?:of\\s+)?(?:co2|co₂|carbon(?: dioxide)?|emissions?)`,
        take: (draft, m) => limit(draft, { kind: 'co2', maxKg: kilo(m.groups!.n!, m.groups!.u!) }),
    },
    ...exchange(
        'import',
        'import(?:s|ing)?|draw(?:s|ing)?|buy(?:ing)?|purchas(?:e|es|ing)|take|from the grid|购电(?:功率)?|从电网(?:购|取|受)电|受电|用网电',
    ),
    ...exchange(
        'export',
        'export(?:s|ing)?|feed.?in|sell(?:ing)?|sales?|give|to the grid|售电(?:功率)?|上网(?:功率)?|送电|外送|倒送(?:电)?',
    ),
    {
        as: 'limit',
        pattern: `(?:keep|hold)\\s+(?:the\\s+)?(?<unit>[\\p{L}\\d _-]{2,40}?)\\s+(?:charged\\s+)?${least}\\s*${amount}\\s*(?:%|percent|per cent)${optionalWindow}`,
        take: (draft, m) =>
            !/^(?:all |the )*(?:batter(?:y|ies)|storages?|soc)(?: soc| charge)?$/.test(m.groups!.unit!.trim().toLowerCase()) &&
            limit(draft, { kind: 'charge', minPercent: readAmount(m.groups!.n!), unit: m.groups!.unit!.trim(), ...windowOf(m) }),
    },
    {
        as: 'limit',
        pattern: `${windowBefore}(?:keep|hold)?\\s*(?:the\\s+|all\\s+)*(?:batter(?:y|ies)|storages?|soc|state of charge|电池|储能|所有电池)(?:\\s*(?:soc|charge|charged|content|的?电量|的?荷电状态|的?荷电))?\\s*(?:保持|维持)?\\s*${least}\\s*${amount}\\s*(?:%|percent|per cent)(?:以上|之上)?${optionalWindow}`,
        take: (draft, m) => limit(draft, { kind: 'charge', minPercent: readAmount(m.groups!.n!), ...windowOf(m) }),
    },
    {
        as: 'limit',
        pattern: `(?:keep\\s+)?(?:the\\s+|all\\s+)?(?:rooms?|homes?|flats|offices|comfort|temperatures?|indoors|室温|室内温度|房间(?:温度)?|温度|舒适(?:度|温度)?)\\s*(?:at|between|within|from|保持|维持|控制)?\\s*(?:在|于)?\\s*(?<low>\\d+(?:\\.\\d+)?)\\s*(?:°c|℃|degrees?|度)?\\s*(?:and|to|[-–—~]|到|至)\\s*(?<high>\\d+(?:\\.\\d+)?)\\s*(?:°\\s*c?|℃|degrees?(?: celsius)?|c\\b|摄氏度|度)(?:之间)?`,
        take: (draft, m) => limit(draft, { kind: 'comfort', minC: Number(m.groups!.low), maxC: Number(m.groups!.high) }),
    },
    {
        as: 'limit',
        pattern: `(?:keep\\s+)?(?:the\\s+|all\\s+)?(?:rooms?|homes?|flats|offices|temperatures?|室温|室内温度|房间(?:温度)?|温度)\\s*(?:保持|维持)?\\s*(?:(?<upper>${most})|(?<lower>${least}))\\s*${amount}\\s*(?:°\\s*c?|℃|degrees?(?: celsius)?|c\\b|摄氏度|度)`,
        take: (draft, m) =>
            limit(draft, { kind: 'comfort', ...(m.groups!.upper ? { maxC: Number(m.groups!.n) } : { minC: Number(m.groups!.n) }) }),
    },
    {
        as: 'limit',
        pattern: String.raw`(?:without(?: using)?|do(?: not|n't) use|no use of|not using|leave out|except|不使用|不用|停用|不启动|不启用|不开)\s*(?:the\s+|unit\s+)*["“「]?(?<unit>[^,，;；。."”」]+?)["”」]?(?=\s+(?:and|but|with|until|keep)\b|[,，;；。.]|$|并|且)`,
        take: (draft, m) => limit(draft, { kind: 'without', unit: m.groups!.unit!.trim() }),
    },
    {
        as: 'objective',
        pattern: String.raw`(?:trade.?off|balance|front|weigh|权衡|折中)[\s:：]*(?<shares>(?:(?:and\s+|,\s*|，\s*|、\s*)?(?:cost|risk|co2|co₂|carbon|emissions|curtailment|成本|费用|风险|碳排放|二氧化碳|弃光|弃电)\s*\d+(?:\.\d+)?\s*%?\s*)+)`,
        take: (draft, m) => {
            const weights: Partial<Record<keyof Measures, number>> = {}
            for (const [, word, value] of m.groups!.shares!.matchAll(/(co2|co₂|[^\d\s,，、%]+)\s*(\d+(?:\.\d+)?)/gi))
                weights[measureOf(word!)] = Number(value) / 100
            draft.frontWeights = weights
            return say(draft, 'front')
        },
    },
    {
        as: 'risk',
        pattern: `(?:risk budget|cvar|risk|风险预算|风险)\\s*(?:${most}|of|为|是)?\\s*[€$¥]?\\s*${amount}(?!\\s*%|\\d|\\.\\d)\\s*(?:eur|euros?|€|元|yuan|cny)?`,
        take: (draft, m) => {
            const value = readAmount(m.groups!.n!)
            // a weight is told as one
            if (/weight|权重/.test(m[0])) return false
            draft.riskBudget = value
            if (draft.objective === 'cost') draft.objective = 'budget'
            return true
        },
    },
    {
        as: 'risk',
        pattern: `(?:risk weight|weight of risk|weight on risk|beta|β|风险权重)\\s*(?:of|为|是|=)?\\s*${amount}\\s*(?<percent>%)?`,
        take: (draft, m) => {
            const value = readAmount(m.groups!.n!) / (m.groups!.percent ? 100 : 1)
            if (value > 1) return false
            draft.beta = value
            return say(draft, 'weight')
        },
    },
    {
        as: 'risk',
        pattern: `(?:the\\s+)?(?:worst|最坏的?)\\s*${amount}\\s*%(?:\\s*of (?:the )?days?|的(?:日子|情况))?`,
        take: (draft, m) => {
            draft.worstPercent = readAmount(m.groups!.n!)
            return true
        },
    },
    {
        as: 'objective',
        pattern: String.raw`(?:a\s+|the\s+)?(?:balanced|compromise|折中方案?|均衡)(?:\s+(?:plan|point))?`,
        take: (draft) => say(draft, 'front'),
    },
    {
        as: 'objective',
        pattern: String.raw`(?:at\s+)?(?:the\s+)?(?:(?:least|lowest|min(?:imum|imal)?|minimi[sz](?:e|ing))\s+(?:co2|co₂|carbon|emissions?)|greenest|lowest.carbon)|(?:碳排放|排放|二氧化碳)(?:量)?最[低少小]|最低碳|最少排放`,
        take: (draft) => say(draft, 'co2'),
    },
    {
        as: 'objective',
        pattern: String.raw`(?:with\s+)?(?:the\s+)?(?:least|lowest|min(?:imum|imal)?|minimi[sz](?:e|ing)|no)\s+(?:curtailment|waste)|弃(?:风弃光|光|风|电)(?:量)?最[低少小]|最少弃(?:光|电)`,
        take: (draft) => say(draft, 'curtailment'),
    },
    {
        as: 'objective',
        pattern: String.raw`(?:at\s+|with\s+)?(?:the\s+)?(?:(?:least|lowest|min(?:imum|imal)?|minimi[sz](?:e|ing))\s+(?:the\s+)?(?:expected\s+)?costs?|cheapest|cheaply|as cheap as possible)|(?:成本|费用|花费)最[低少小]|最低成本|最[省便](?:钱|宜)`,
        // a budget said before stays what it is
        take: (draft) => (draft.objective === 'budget' ? true : say(draft, 'cost')),
    },
    {
        as: 'horizon',
        pattern: `(?:for\\s+)?(?:the\\s+)?(?:next|coming|未来|接下来|今后)\\s*${amount}\\s*(?:hours?|h\\b|个?小时)`,
        take: (draft, m) => day(draft, 'now', m.groups!.n),
    },
    {
        as: 'horizon',
        pattern: `${amount}\\s*hours?\\s+from now|from now(?:\\s+on)?(?:\\s*,?\\s*for\\s+${amount.replace('(', '(?<later>')}\\s*(?:hours?|h\\b))?|从?现在(?:起|开始)(?:的?${amount.replace('(', '(?<dann>')}\\s*个?小时)?`,
        take: (draft, m) => day(draft, 'now', m.groups!.n ?? m.groups!.later ?? m.groups!.dann),
    },
    { as: 'horizon', pattern: String.raw`\btomorrow\b|明天|明日`, take: (draft) => day(draft, 'tomorrow') },
    { as: 'horizon', pattern: String.raw`\btoday\b|今天|今日`, take: (draft) => day(draft, 'today') },
    {
        as: 'horizon',
        pattern: `(?:in|every|by|每|按)?\\s*${amount}\\s*[- ]?(?:min(?:ute)?s?|分钟)(?:\\s*(?:steps?|periods?)|一?[段步档])?`,
        take: (draft, m) => {
            draft.stepMin = readAmount(m.groups!.n!)
            return true
        },
    },
]

const measureOf = (word: string): keyof Measures =>
    /cost|成本|费用/.test(word) ? 'expectedCost' : /risk|风险/.test(word) ? 'cvar' : /curt|弃/.test(word) ? 'curtailedKwh' : 'co2Kg'

/** stands where something was understood */
const taken = '¦'

/** words that carry nothing by themselves */
const filling =
    /\b(?:please|plan|schedule|optimi[sz]e|make|me|my|a|an|the|for|with|at|and|also|then|but|of|on|in|to|is|be|so|that|day|fleet|plant|vpp|it|keep|should|must|let|us|hours?)\b|请|帮我?|我们?|给|做|制定|安排|规划|计划|调度|优化|一个|一份|的|并且?|且|同时|和|要求?|按|以|为|让|在|把|将|到|，|。|、|；|：/giu

/** Patterns name their amount `n` and its unit `u`. */
const compiled = rules.map(({ pattern, ...rule }) => {
    // the first amount, power, energy and mass of a pattern are named
    const named = pattern.replace(amount, `(?<n>${amount.slice(1)}`)
    const unit = [power, energy, mass].find((part) => named.includes(part))
    return { ...rule, expression: new RegExp(unit ? named.replace(unit, `(?<u>${unit.slice(1)}`) : named, 'iu') }
})

export function readSentence(sentence: string): ReadSentence {
    const draft: Draft = { day: 'today', objective: 'cost', limits: [] }
    const understood: { text: string; as: Rule['as']; at: number }[] = []
    // what is taken leaves its place empty, so that two halves do not become a word
    let left = spellDigits(sentence.normalize('NFKC')).replace(/％/g, '%')
    for (const { as, expression, take } of compiled) {
        // a limit may be said several times
        for (let from = 0; ; ) {
            const match = expression.exec(left.slice(from))
            if (!match || match[0].trim() === '') break
            const at = from + match.index
            if (take(draft, match) === false || take === undefined) {
                from = at + match[0].length
                continue
            }
            understood.push({ text: match[0].trim(), as, at })
            left = `${left.slice(0, at)}${taken.repeat(match[0].length)}${left.slice(at + match[0].length)}`
        }
    }
    const rest = left
        .split(/[¦,，;；。.!?！？]+/)
        .map((part) => part.replace(filling, ' ').replace(/\s+/g, ' ').trim())
        .filter((part) => /[\p{L}\d]/u.test(part))
    const { limits, ...request } = draft
    return {
        request: { ...request, limits },
        understood: understood.sort((a, b) => a.at - b.at).map(({ text, as }) => ({ text, as })),
        rest,
    }
}
