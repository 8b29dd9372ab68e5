import type { TwinModel } from './model.ts'

/** Points of the model that a metric of this name and unit could be, best first. */
export function suggestPoints(_model: TwinModel, _name: string, _unit = '', _count = 5): string[] {
    throw new Error('being written')
}
