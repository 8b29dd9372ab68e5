/**
 * What the house lends a desk: words, numbers, the door to the platform, and parts to draw with. The desk imports nothing
 * of the house; the house mounts the desk and gives it this.
 */
import type { Issue } from '@gridverse/units'
import { type ComponentType, createContext, type ReactNode, useContext } from 'react'
import { type VppKey, vppEn } from './text-en.ts'
import { vppZh } from './text-zh.ts'

export interface Failure {
    readonly code: string
    readonly message: string
    readonly issues?: readonly Issue[]
}

export type Loaded<T> =
    | { readonly state: 'loading' }
    | { readonly state: 'ready'; readonly data: T }
    | { readonly state: 'failed'; readonly failure: Failure }

/** Where values become places on a drawing, px. */
export interface PlotArea {
    readonly x: (value: number) => number
    readonly y: (value: number) => number
    readonly left: number
    readonly right: number
    readonly top: number
    readonly bottom: number
}

export interface PlotProps {
    readonly title: string
    readonly xRange: readonly [number, number]
    readonly yRange: readonly [number, number]
    readonly xLabel: string
    readonly yLabel: string
    readonly xText: (value: number) => string
    readonly yText: (value: number) => string
    readonly height?: number
    readonly xTicks?: readonly number[]
    readonly testId?: string
    /** what is drawn, as a table; gives the export its rows */
    readonly table?: () => Table
    readonly children: (area: PlotArea) => ReactNode
}

export interface Table {
    readonly header: readonly string[]
    readonly rows: readonly (readonly (string | number | null)[])[]
}

export interface LegendItem {
    readonly name: string
    readonly className: string
}

type Args = Readonly<Record<string, string | number>>

/** What the house gives; the desk adds its own words to it. */
export interface House {
    readonly lang: 'en' | 'zh'
    /** `{name}` in a text becomes the argument of that name */
    fill(text: string, args?: Args): string
    /** a number with a fixed count of digits, as the language writes it */
    number(value: number | null | undefined, digits: number): string
    dateTime(tMs: number | undefined): string
    time(tMs: number | undefined): string

    /** `of`: the path the answer belongs to */
    useGet<T>(
        path: string | undefined,
        options?: { again?: unknown; everyMs?: number },
    ): Loaded<T> & { reload: () => void; readonly of?: string }
    useAction<A extends unknown[]>(
        work: (...args: A) => Promise<unknown>,
    ): { run: (...args: A) => Promise<boolean>; busy: boolean; failure: Failure | undefined; clear: () => void }
    /** the last the platform said of an application on the live link, nothing before the first */
    useApp<T>(app: string): T | undefined
    get<T>(path: string): Promise<T>
    /** a text body goes as it is, under its own type; all else as JSON */
    post<T>(path: string, body?: unknown, type?: string): Promise<T>
    put<T>(path: string, body: unknown): Promise<T>
    remove<T>(path: string): Promise<T>
    /** hands a file to the person */
    save(name: string, content: string, type: string): void
    toCsv(table: Table): string

    /** the moment of the past chosen in the house, Unix ms; nothing while it is live */
    readonly instantMs: number | undefined
    goLive(): void

    /** who looks on: their name, and whether they may ask for and apply plans */
    readonly person: string
    readonly mayAct: boolean
    /** in the past nobody may; whether they might if it were now */
    readonly mightAct?: boolean
    /** … and whether they decide which model is in use */
    readonly supervises: boolean
    /** the part of the address that is the desk's own: `plan/ID` */
    readonly part: string
    go(part: string): void
    href(part: string): string
    /** shows a component in the inspector, or in the world too */
    pick(component: string, inWorld?: boolean): void

    readonly Plot: ComponentType<PlotProps>
    readonly Legend: ComponentType<{ items: readonly LegendItem[] }>
    readonly HoldButton: ComponentType<{ onHeld: () => void; disabled?: boolean; testId?: string; children: ReactNode }>
    readonly Loading: ComponentType<{ what?: string }>
    readonly Empty: ComponentType<{ title: string; children?: ReactNode }>
    readonly Failed: ComponentType<{ failure: Failure; retry?: () => void }>
    readonly FailureLine: ComponentType<{ failure: Failure | undefined }>
}

export interface Shell extends House {
    t(key: VppKey, args?: Args): string
    /** the text of a key made at run time, or the fallback where there is none */
    tOr(key: string, fallback: string, args?: Args): string
}

const catalogues: Readonly<Record<House['lang'], Readonly<Record<string, string>>>> = { en: vppEn, zh: vppZh }

/** The house with the desk's own words in its language. */
export function withWords(house: House): Shell {
    const words = catalogues[house.lang]
    const tOr = (key: string, fallback: string, args?: Args) => house.fill(words[key] ?? fallback, args)
    return { ...house, tOr, t: (key, args) => tOr(key, key, args) }
}

const lent = createContext<Shell | undefined>(undefined)
export const ShellProvider = lent.Provider
export function useShell(): Shell {
    const shell = useContext(lent)
    if (!shell) throw new Error('The desk stands in no house: mount it within a ShellProvider.')
    return shell
}

/** What a study's, device's or plan's id is as one part of a path. */
export const part = (id: string): string => encodeURIComponent(id)
