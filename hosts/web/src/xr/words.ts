/** What the panel of a headset says: of the picked thing, of the hour shown, of the fleet; the same figures as at the desk. */
import type { FleetMap } from '../model/fleet-map.ts'
import { formatNumber, formatTime, formatValue } from '../model/format.ts'
import { splitComponent } from '../model/region.ts'
import { points, pointValue, region } from '../model/state.ts'
import { kindOf, quantityName } from '../parts/component-link.tsx'
import { type Lang, t } from '../text/index.ts'
import type { PanelContent } from './panel.ts'

type Said = Pick<PanelContent, 'title' | 'about' | 'rows' | 'filled'>
export const linkNames = ['device.online', 'device.silent', 'device.offline', 'device.unheard'] as const

/** `name` is the device's own, where it is known. */
export function wordsOf(component: string, fleet: FleetMap | undefined, name: string | undefined, lang: Lang): Said {
    const { kind, id } = splitComponent(component)
    const kw = (value: number | null | undefined) => `${formatNumber(value, 2, lang)} kW`
    const percent = (value: number) => `${formatNumber(value, 1, lang)} %`
    const soc = t('xr.soc')
    const filledOf = (value: number | null | undefined) => (value === null || value === undefined ? undefined : value / 100)
    if (kind === 'resource' && fleet) {
        const k = fleet.indexOf.get(id)
        if (k !== undefined) {
            const { kind: kinds, group, pKw, socPercent, orderedKw, link, underDelivered } = fleet.columns
            const charge = socPercent[k]
            const planned = fleet.of === 'plan'
            const state = planned ? (pKw[k] === null ? t('xr.leftOut') : t('xr.planned')) : t(linkNames[link[k]!] ?? 'device.unheard')
            return {
                title: name ?? id,
                about: `${t(`device.${kinds[k]!}`)} · ${group[k]}`,
                rows: [
                    [t('device.power'), kw(pKw[k])],
                    ...(charge === null || charge === undefined ? [] : ([[soc, percent(charge)]] as const)),
                    [t('xr.state'), underDelivered[k] ? `${state} · ${t('xr.short')}` : state],
                    ...(planned || orderedKw[k] === null ? [] : ([[t('xr.ordered'), kw(orderedKw[k])]] as const)),
                ],
                filled: filledOf(charge),
            }
        }
    }
    const group = kind === 'group' ? fleet?.groups.find((g) => g.id === id) : undefined
    if (group)
        return {
            title: group.id,
            about: t('xr.group', { count: fleet!.columns.group.filter((g) => g === id).length }),
            rows: [[t('device.power'), kw(group.pKw)], ...(group.socPercent === null ? [] : ([[soc, percent(group.socPercent)]] as const))],
            filled: filledOf(group.socPercent),
        }
    if (component) {
        const own = points.get().ofComponent.get(component) ?? []
        return {
            title: region.get()?.json.site.find((s) => component === `site/${s.id}`)?.name ?? id,
            about: kindOf(component),
            rows: own.slice(0, 4).map((card) => [quantityName(card.quantity), formatValue(pointValue(card.id), card.unit, lang)]),
            filled: undefined,
        }
    }
    const tiles = fleet?.tiles
    return {
        title: t('xr.fleet'),
        about: t('xr.pickOne'),
        rows: tiles
            ? [
                  [t('plan.generation'), kw(tiles.generationKw)],
                  [t('plan.storage'), kw(tiles.storageKw)],
                  [t('plan.load'), kw(tiles.loadKw)],
                  [t('plan.exchange'), kw(tiles.exchangeKw)],
              ]
            : [],
        filled: undefined,
    }
}

/** `Plan 15:00–16:00, 4 of 24`, or the instant shown. */
export function hourText(fleet: FleetMap | undefined, lang: Lang): string {
    const zone = region.get()?.json.timeZone ?? 'UTC'
    const short = (tMs: number) => formatTime(tMs, zone, lang).slice(0, 5)
    if (fleet?.plan) {
        const { startMs, periodS, period, periods } = fleet.plan
        return t('plan.hour', { from: short(startMs), to: short(startMs + 1000 * periodS), n: period + 1, of: periods })
    }
    if (!fleet) return t('xr.noFleet')
    return t(fleet.of === 'past' ? 'plan.past' : 'plan.now', { at: formatTime(fleet.columns.tMs, zone, lang) })
}
