/** A component's name; a click picks it, wherever it stands. */
import { componentName, splitComponent } from '../model/region.ts'
import { pick, region } from '../model/state.ts'
import { tOr } from '../text/index.ts'
import { useCell, useLang } from './use.ts'

export const kindName = (kind: string): string => tOr(`kind.${kind}`, kind)

/** What a component is, with its technology where it has one: `Wind farm`, `Transformer`. */
export function kindOf(component: string): string {
    const { kind, id } = splitComponent(component)
    const index = region.get()
    if (kind === 'branch') return kindName(index?.branch.get(id)?.kind ?? 'branch')
    if (kind === 'switch') return kindName(index?.switch.get(id)?.kind ?? 'switch')
    if (kind === 'site') return kindName(index?.site.get(id)?.kind ?? 'site')
    const unit = index?.unit.get(component)
    return unit ? kindName(unit.kind) : kindName(kind)
}

export function useComponentName(component: string): string {
    const lang = useLang()
    const index = useCell(region)
    return index && component.includes('/') ? componentName(index, component, lang) : component
}

export function ComponentLink({ component, kind = false }: { component: string; kind?: boolean }) {
    const name = useComponentName(component)
    const { id } = splitComponent(component)
    return (
        <button type="button" className="component-link" onClick={() => pick(component)} title={`${kindOf(component)} ${id}`}>
            {kind && <span className="component-kind">{kindOf(component)}</span>}
            {name}
            {name !== id && !name.endsWith(id) && !name.includes(`(${id})`) && <span className="component-id">{id}</span>}
        </button>
    )
}

export const quantityName = (quantity: string): string => tOr(`quantity.${quantity}`, quantity)
export const pointName = (componentText: string, quantity: string): string => `${componentText} · ${quantityName(quantity)}`
