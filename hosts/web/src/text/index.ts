/** Every word on screen, through one catalogue per language. Switching is live: whoever shows text watches `lang`. */
import { createCell } from '../model/cell.ts'
import { en } from './en.ts'
import { zh } from './zh.ts'

export type Lang = 'en' | 'zh'
export type Key = keyof typeof en
export const catalogues: Record<Lang, Readonly<Record<Key, string>>> = { en, zh }

const stored = (): Lang => {
    try {
        const kept = globalThis.localStorage?.getItem('gridverse.lang')
        if (kept === 'en' || kept === 'zh') return kept
        return globalThis.navigator?.language?.startsWith('zh') ? 'zh' : 'en'
    } catch {
        return 'en'
    }
}
export const lang = createCell<Lang>(stored())
export function setLang(next: Lang): void {
    lang.set(next)
    try {
        localStorage.setItem('gridverse.lang', next)
    } catch {
        // a browser that keeps nothing still shows the language
    }
}

type Args = Readonly<Record<string, string | number>>

/** `{name}` in a text becomes the argument of that name. */
export function fill(text: string, args: Args = {}): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in args ? String(args[name]) : whole))
}

export function t(key: Key, args?: Args): string {
    return fill(catalogues[lang.get()][key], args)
}

/** The text of a key made at run time (`alarm.voltage-low`), or the fallback where the catalogue has none. */
export function tOr(key: string, fallback: string, args?: Args): string {
    const text = (catalogues[lang.get()] as Readonly<Record<string, string>>)[key]
    return text === undefined ? fallback : fill(text, args)
}
