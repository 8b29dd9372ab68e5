/** An alarm in the reader's language: its catalogue message, filled with names and numbers. */
import type { Alarm } from '@gridverse/twin'
import { formatValue } from '../model/format.ts'
import { componentName } from '../model/region.ts'
import { region } from '../model/state.ts'
import { lang, tOr } from '../text/index.ts'

/** `branch/L7` or `branch/L7/pFromMw` → what people call it; anything else stays. */
export function sourceName(source: string): string {
    const index = region.get()
    const [kind, id] = source.split('/')
    if (!index || !kind || !id) return source
    const component = `${kind}/${id}`
    return index.components.has(component) || kind === 'system' ? componentName(index, component, lang.get()) : source
}

export function alarmText(alarm: Alarm): string {
    const value = formatValue(alarm.value, alarm.unit, lang.get())
    const limit = formatValue(alarm.limit, alarm.unit, lang.get())
    const args: Record<string, string | number> = { ...alarm.message.args, source: sourceName(alarm.source), value, limit }
    for (const name of ['point', 'component', 'bus', 'branch']) {
        const given = args[name]
        if (typeof given === 'string' && given.includes('/')) args[name] = sourceName(given)
    }
    const fallback = `${alarm.rule} · ${args.source}${Number.isFinite(alarm.value) ? ` · ${value}` : ''}`
    return tOr(alarm.message.key, tOr(`alarm.${alarm.rule}`, fallback, args), args)
}
