/** The plans asked for, as the desk's tabs share them: the list, and the one that is looked at. */
import type { StudyCard } from '@gridverse/study'
import type { VppOutcome, VppPreferences } from '../run.ts'
import { type Loaded, part, useShell } from './shell.ts'

export type PlanCard = StudyCard<VppPreferences>
export interface PlanAnswer {
    readonly card: PlanCard
    readonly outcome?: VppOutcome
}

export const isOpen = (card: PlanCard) => card.state === 'waiting' || card.state === 'running'

/** Plans, newest first; followed while one is under work. */
export function usePlans(): Loaded<PlanCard[]> & { reload: () => void } {
    const list = useStudies()
    return list.state === 'ready' ? { ...list, data: list.data.filter((card) => !card.preferences.experiments) } : list
}

/** Plans and experiments, newest first. */
export function useStudies(): Loaded<PlanCard[]> & { reload: () => void } {
    const { useGet } = useShell()
    const list = useGet<PlanCard[]>('/studies', { everyMs: 1500 })
    return list.state === 'ready' ? { ...list, data: list.data.filter((card) => card.study === 'vpp') } : list
}

/** What came of a plan, asked for again when its state changes. */
export function usePlan(card: PlanCard | undefined): Loaded<PlanAnswer> & { reload: () => void } {
    const { useGet } = useShell()
    return useGet<PlanAnswer>(card && !isOpen(card) ? `/studies/${part(card.id)}` : undefined, { again: card?.state })
}
