/** The virtual power plant: from what its devices do this second to a plan under risk, its orders, and what it came to. */
import type { FleetSummary, OrderCard, VppDayCard } from '@gridverse/vpp'
import { get, post } from '../model/api.ts'
import { apps, go, link } from '../model/state.ts'
import { hold, met } from './hand.ts'
import type { Step, Tour } from './tour.ts'

interface PlanCard {
    readonly id: string
    readonly study: string
    readonly state: string
    readonly createdMs: number
}

const hourMs = 3_600_000
const fleet = () => apps.get().get('vpp') as FleetSummary | undefined
const day = () => get<VppDayCard>('/vpp/day')
/** the newest plan of the last hour */
const plan = async (): Promise<PlanCard | undefined> =>
    (await get<PlanCard[]>('/studies')).find(({ study, createdMs }) => study === 'vpp' && createdMs > Date.now() - hourMs)
const onDesk = (part: string) => () => ({ view: 'vpp' as const, part, world: 'live', pick: '' })
/** the part of the desk on screen */
const deskPart = () => (link.get().view === 'vpp' ? link.get().part : '')

const steps: readonly Step[] = [
    {
        id: 'tiles',
        title: { en: 'A plant of many small ones', zh: '众多小电源合成的电厂' },
        say: {
            en: 'These tiles are the fleet this second: what it generates, what its stores give, what it takes from the grid, and its load. They add up; next to them stands what the grid’s own meters say of the same.',
            zh: '这些磁贴是机群此刻的状态：发电、储能放电、从电网取电与负荷。各项相加平衡；旁边是电网自身表计的读数与之对照。',
        },
        at: ['[data-testid="vpp-balance"]'],
        where: onDesk('now'),
    },
    {
        id: 'device',
        title: { en: 'One device and its twin', zh: '一台设备与它的孪生' },
        say: {
            en: 'Behind the sums stand devices: roofs, batteries, engines, vehicles, heat pumps. Each has a twin with live measurements, limits and what it could give or take now.',
            zh: '总量背后是一台台设备：屋顶光伏、电池、燃机、车辆、热泵。每台都有孪生体：实时测量、限值，以及此刻能多发或多用多少。',
        },
        at: ['[data-testid="resource-panel"]', '[data-testid="devices-table"]', '[data-testid="vpp-tab-devices"]'],
        where: onDesk('devices'),
        todo: { en: 'Open a device from the table.', zh: '在表中打开一台设备。' },
        done: () => deskPart().startsWith('devices/resource/') && document.querySelector('[data-testid="resource-panel"]') !== null,
        async show() {
            const { resources } = await get<{ resources: { id: string }[] }>('/vpp/resources?kind=battery&limit=1')
            const first = resources[0] ?? (await get<{ resources: { id: string }[] }>('/vpp/resources?limit=1')).resources[0]
            if (first) go({ view: 'vpp', part: `devices/resource/${first.id}` })
        },
    },
    {
        id: 'scenarios',
        title: { en: 'Tomorrow is not known', zh: '明天是未知的' },
        say: {
            en: 'A plan must be made before sun, wind and load are known. So many days that could be are drawn, by seed, and a few that stand for them are kept. Here you say how many of each, and how much the worst of them weigh.',
            zh: '计划要在日照、风与负荷未知时做出。因此按种子抽取许多可能的日子，再保留少数有代表性的。这里设定各取多少，以及最坏的日子占多大权重。',
        },
        at: ['[data-tour="scenarios"]', '.study-form', '.vpp-plan-body'],
        where: onDesk('plan/new'),
    },
    {
        id: 'request',
        title: { en: 'Ask for a plan', zh: '请求一份计划' },
        say: {
            en: 'The plan decides trades and starts of engines now, and for each day that could be what the devices would do. To see it run in minutes, plan the fleet from now on, in periods of one minute.',
            zh: '计划现在就决定交易与机组启停，并为每个可能的日子安排设备如何应对。为了几分钟内看到执行，请从此刻起、以一分钟为一个时段来计划。',
        },
        at: ['[data-testid="study-ask"]', '.study-form', '.vpp-plan-body'],
        where: onDesk('plan/new'),
        role: 'operator',
        todo: { en: 'Choose “the fleet from now”, periods of 1 minute, and ask.', zh: '选择“机群，从现在起”、时段 1 分钟，然后提交。' },
        done: async () => (await plan()) !== undefined,
        async show() {
            const asked = await post<PlanCard>('/studies', {
                study: 'vpp',
                title: `tour ${new Date().toISOString().slice(11, 16)}`,
                plant: 'fleet',
                fleetDay: { fromNow: true, dtH: 1 / 60, periods: 30 },
                preferences: { samples: 40, keep: 4, alpha: 0.9, beta: 0.2, seed: 1 },
            })
            go({ view: 'vpp', part: `plan/${asked.id}` })
        },
    },
    {
        id: 'job',
        title: { en: 'The work is followed', zh: '作业可跟踪' },
        say: {
            en: 'A solver works on it apart from the page: it shows how far it is and how close to the best, and may be stopped. You may leave; the plan stays in the list on the left.',
            zh: '求解器在页面之外工作：显示进度与距最优的差距，可随时停止。您可以离开，计划会留在左侧列表中。',
        },
        at: ['[data-testid="plan-progress"]', '[data-testid="study-report"]', '.vpp-plans'],
        role: 'operator',
        todo: { en: 'Wait until it is done.', zh: '等待完成。' },
        async done() {
            const found = await plan()
            if (found?.state === 'done' && deskPart() !== `plan/${found.id}`) go({ view: 'vpp', part: `plan/${found.id}` })
            return found?.state === 'done' && document.querySelector('[data-testid="study-report"]') !== null
        },
    },
    {
        id: 'report',
        title: { en: 'What it costs, and what it risks', zh: '成本与风险' },
        say: {
            en: 'The cost of each day that could be, as a histogram: its mean is the expected cost, and CVaR is the mean of the worst days. More weight on risk makes the worst days cheaper and the mean dearer.',
            zh: '每个可能日子的成本直方图：均值是期望成本，CVaR 是最坏那些日子的均值。风险权重越大，最坏的日子越便宜，均值越高。',
        },
        at: ['[data-testid="chart-risk"]', '[data-testid="study-report"]'],
    },
    {
        id: 'baselines',
        title: { en: 'Better than what?', zh: '比什么更好？' },
        say: {
            en: 'The plan stands beside rules of thumb, beside a plan that believes one forecast, and beside no coordination at all, each priced on the same days.',
            zh: '计划与经验规则、只信一种预测的计划以及完全不协调的情形并列，均按相同的日子计价。',
        },
        at: ['[data-testid="plan-baselines"]', '[data-testid="study-report"]'],
    },
    {
        id: 'approve',
        title: { en: 'Approve', zh: '批准' },
        say: {
            en: 'Nothing has been sent yet. A supervisor approves a finished plan; who and when is written into the log, which is chained by hashes.',
            zh: '到此还没有下发任何指令。主管批准完成的计划；何人何时批准写入以哈希链接的日志。',
        },
        at: ['[data-testid="day-approve"]', '[data-testid="vpp-day"]'],
        where: onDesk('day'),
        role: 'supervisor',
        acts: true,
        todo: { en: 'Hold “approve” for a second.', zh: '按住“批准”一秒。' },
        done: async () => ['approved', 'running'].includes((await day()).state),
        show: () => hold('[data-testid="day-approve"]', async () => (await day()).state === 'approved'),
    },
    {
        id: 'apply',
        title: { en: 'Apply', zh: '执行' },
        say: {
            en: 'From here the rest of the day is decided anew each period from what is measured, and shared out over the devices.',
            zh: '从此刻起，每个时段都根据测量重新决定其余时间，并分解到各台设备。',
        },
        at: ['[data-testid="day-apply"]', '[data-testid="vpp-day"]'],
        where: onDesk('day'),
        role: 'operator',
        acts: true,
        todo: { en: 'Hold “apply” for a second.', zh: '按住“执行”一秒。' },
        done: async () => (await day()).state === 'running',
        show: () => hold('[data-testid="day-apply"]', async () => (await day()).state === 'running'),
    },
    {
        id: 'orders',
        title: { en: 'Orders, read back', zh: '指令与返校' },
        say: {
            en: 'Each order passes the gate: role, holds, limits, coverage. It is confirmed by each device’s own word, and who did not answer is named.',
            zh: '每条指令都经过关口：角色、挂牌、限值、覆盖率。每台设备以自己的回报确认，未应答者会被点名。',
        },
        at: ['[data-testid="vpp-orders"]', '[data-testid="vpp-now"]'],
        where: onDesk('now'),
        todo: { en: 'Wait until devices have confirmed an order of the plan.', zh: '等待设备确认计划的一条指令。' },
        async done() {
            const { study } = await day()
            return (await get<OrderCard[]>('/vpp/orders?limit=20')).some((order) => order.plan === study && order.confirmed > 0)
        },
    },
    {
        id: 'ledger',
        title: { en: 'Predicted against realised', zh: '预测与实际' },
        say: {
            en: 'Once a period is over, what came stands beside what was predicted. The ledger says which forecast was wrong by how much energy and what that cost; the settlement adds up to the cent.',
            zh: '时段一结束，实际就与预测并列。偏差台账说明哪项预测差了多少电量、造成多少成本；结算分毫不差。',
        },
        at: ['[data-testid="day-ledger"]', '[data-testid="day-settlement"]', '[data-testid="vpp-day"]'],
        where: onDesk('day'),
        todo: { en: 'Wait until the first period is over: a minute at most.', zh: '等待第一个时段结束：最多一分钟。' },
        done: async () => (await day()).ledger !== null && document.querySelector('[data-testid="day-ledger"]') !== null,
    },
    {
        id: 'stop',
        title: { en: 'Leave it as it was', zh: '恢复原状' },
        say: {
            en: 'A day can be stopped at any time; the devices then decide by themselves again.',
            zh: '一天可随时停止；设备随即恢复自主运行。',
        },
        at: ['[data-testid="day-stop"]', '[data-testid="vpp-day"]'],
        where: onDesk('day'),
        role: 'operator',
        acts: true,
        todo: { en: 'Hold “stop” for a second.', zh: '按住“停止”一秒。' },
        done: async () => ['stopped', 'ended'].includes((await day()).state),
        show: () => hold('[data-testid="day-stop"]', async () => (await day()).state === 'stopped'),
    },
    {
        id: 'learning',
        title: { en: 'The next day knows more', zh: '下一天知道得更多' },
        say: {
            en: 'Each whole day that ends enters the sample store. Forecasts and scenarios are learnt anew, tried on days not seen, promoted only where better, and rolled back by one click. A day cut short teaches nothing.',
            zh: '每个完整的日子结束后进入样本库。预测与场景重新学习，在未见过的日子上检验，只有更好才启用，可一键回退。中途停止的日子不参与学习。',
        },
        at: ['[data-testid="vpp-learning"]'],
        where: onDesk('learning'),
    },
]

export const vppTour: Tour = {
    id: 'vpp',
    steps,
    async lacks() {
        const now = await met('fleet', async () => fleet() ?? (await get<FleetSummary>('/vpp/fleet')))
        return now.count > 0
            ? undefined
            : {
                  en: 'This platform has no fleet yet. Enrol devices under Virtual power plant, Devices; the simulated plant brings a fleet of its own.',
                  zh: '本平台还没有机群。请在“虚拟电厂 · 设备”中登记设备；模拟电厂自带一个机群。',
              }
    },
}
