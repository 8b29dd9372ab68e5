/** Figures of claims in the reader's language. */
import type { Shell } from './shell.ts'

/** The name of a figure or series: `turbines with least sun, kWh`, `CVaR at 0.95`. */
export function figureName({ tOr }: Pick<Shell, 'tOr'>, name: string): string {
    const [, words = name, at] = /^(.*?)(?: at ([\d.]+))?$/.exec(name)!
    const key = words.toLowerCase().replaceAll(/[^a-z]+/g, '-')
    return tOr(`vpp.figure.${key}`, name, at === undefined ? {} : { at })
}
