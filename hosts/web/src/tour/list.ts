/** The tours there are; each is fetched when it is begun. */
import { createCell } from '../model/cell.ts'
import { go, link } from '../model/state.ts'
import type { TourCard } from './tour.ts'

export const tours: readonly TourCard[] = [
    {
        id: 'vpp',
        title: { en: 'Virtual power plant', zh: '虚拟电厂' },
        about: {
            en: 'A fleet of roofs, batteries and cars: planned under risk, run in the field, settled.',
            zh: '屋顶光伏、电池与车辆组成的机群：在风险下计划，在现场执行，结算到分。',
        },
        minutes: 10,
        load: () => import('./vpp.ts').then((m) => m.vppTour),
    },
    {
        id: 'smart-grid',
        title: { en: 'Smart-grid management', zh: '智能电网管理' },
        about: {
            en: 'From the diagram through estimation, bad data and outages to a breaker that is operated and read back.',
            zh: '从单线图到状态估计、坏数据与预想事故，再到断路器操作与返校。',
        },
        minutes: 8,
        load: () => import('./smart-grid.ts').then((m) => m.smartGridTour),
    },
]

/** The list of tours is held out: to who has just come in, and to who asks. */
export const offered = createCell(false)

export const beginTour = (id: string): void => {
    offered.set(false)
    go({ tour: id })
}
export const leaveTour = (): void => go({ tour: '' })

/** `/?tour=vpp` becomes a part of the link as all else is, once somebody is in. */
export function takeTourFromAddress(): void {
    const url = new URL(location.href)
    const id = url.searchParams.get('tour')
    if (id === null) return
    url.searchParams.delete('tour')
    history.replaceState(null, '', url)
    if (tours.some((tour) => tour.id === id) && !link.get().tour) go({ tour: id }, true)
}
