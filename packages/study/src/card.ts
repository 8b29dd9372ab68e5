/** A study as its owner and the pages see it: who asked, how far it is, what was preferred. */

export type StudyState = 'waiting' | 'running' | 'done' | 'infeasible' | 'failed' | 'cancelled'

export interface StudyCard<Preferences = unknown> {
    readonly id: string
    /** the application: `vpp` */
    readonly study: string
    readonly title: string
    readonly by: string
    readonly createdMs: number
    readonly endedMs?: number
    readonly state: StudyState
    /** 0 … 1 */
    readonly progress: number
    /** what is under work, or went wrong */
    readonly message: string
    readonly preferences: Preferences
}
