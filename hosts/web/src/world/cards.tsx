/** What is under the pointer in the world, beside it. */
import { fleetMap } from '../model/fleet-map.ts'
import { formatNumber } from '../model/format.ts'
import { splitComponent } from '../model/region.ts'
import { points } from '../model/state.ts'
import { kindOf, quantityName, useComponentName } from '../parts/component-link.tsx'
import { useCell, useLang } from '../parts/use.ts'
import { Value } from '../parts/value.tsx'
import { t } from '../text/index.ts'

export function HoverCard({ component, x, y }: { component: string; x: number; y: number }) {
    const name = useComponentName(component)
    const { ofComponent } = useCell(points)
    const list = ofComponent.get(component) ?? []
    const first = ['pFromMw', 'loadingPercent', 'pMw', 'vmPu', 'closed', 'socPercent', 'qMvar', 'windMps']
        .flatMap((q) => list.find((c) => c.quantity === q) ?? [])
        .slice(0, 3)
    return (
        <div className="hover-card" style={{ left: x, top: y }} role="tooltip">
            <b>{name}</b>
            <small>
                {kindOf(component)} {splitComponent(component).id}
            </small>
            {first.map((c) => (
                <span key={c.id}>
                    {quantityName(c.quantity)} <Value card={c} />
                </span>
            ))}
        </div>
    )
}

export function DeviceCard({ component, x, y }: { component: string; x: number; y: number }) {
    const lang = useLang()
    const fleet = useCell(fleetMap)
    const { kind: what, id } = splitComponent(component)
    const sum = what === 'group' ? fleet?.groups.find((g) => g.id === id) : undefined
    if (sum)
        return (
            <div className="hover-card" style={{ left: x, top: y }} role="tooltip">
                <b>{id}</b>
                <small>{t('xr.group', { count: fleet!.columns.group.filter((g) => g === id).length })}</small>
                <span>
                    {t('device.power')} {formatNumber(sum.pKw, 1, lang)} kW
                </span>
                {sum.socPercent !== null && (
                    <span>
                        {quantityName('socPercent')} {formatNumber(sum.socPercent, 0, lang)} %
                    </span>
                )}
            </div>
        )
    const k = fleet?.indexOf.get(id)
    if (!fleet || k === undefined) return null
    const { kind, group, pKw, socPercent, link: heard } = fleet.columns
    const soc = socPercent[k]
    return (
        <div className="hover-card" style={{ left: x, top: y }} role="tooltip">
            <b>{id}</b>
            <small>
                {t(`device.${kind[k]!}`)} · {group[k]}
            </small>
            {heard[k] !== 0 && <span>▲ {t('device.unheard')}</span>}
            <span>
                {t('device.power')} {formatNumber(pKw[k], 2, lang)} kW
            </span>
            {soc !== null && soc !== undefined && (
                <span>
                    {quantityName('socPercent')} {formatNumber(soc, 0, lang)} %
                </span>
            )}
        </div>
    )
}
