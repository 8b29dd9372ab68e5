/** Managing the grid: seen, estimated, cleared of a false measurement, tried against outages, operated and read back. */
import type { CommandCard } from '@gridverse/twin'
import { worldKind } from '../model/link.ts'
import { security } from '../model/security.ts'
import {
    commandPoint,
    commands,
    go,
    indexOfPoint,
    link,
    pointValue,
    region,
    replayAt,
    showWorld,
    tagAsked,
    totals,
} from '../model/state.ts'
import { readPoint } from '../parts/value.tsx'
import { fill, hold, met, press } from './hand.ts'
import type { Step, Tour } from './tour.ts'

const live = { world: 'live', outage: '' } as const
const sees = (selector: string) => document.querySelector(selector) !== null

/**
 * The line the tour is about: of those at the highest voltage the one that carries least, so that opening its breaker moves
 * little; chosen once, for what is operated is brought back.
 */
let chosen: string | undefined
function line(): string {
    if (chosen && region.get()?.branch.has(chosen)) return chosen
    const index = region.get()
    const lines = [...(index?.branch.values() ?? [])].filter(
        ({ id, kind }) => kind === 'line' && breakerOf(id) !== undefined && Number.isFinite(pointValue(`branch/${id}/pFromMw`)),
    )
    const kvOf = ({ fromBus }: (typeof lines)[number]) => index?.bus.get(fromBus)?.baseKv ?? 0
    const top = Math.max(...lines.map(kvOf))
    const ends = [...(index?.branch.values() ?? [])].flatMap(({ fromBus, toBus }) => [fromBus, toBus])
    // a bus with two ways or more keeps its supply
    const meshed = (bus: number) => ends.filter((other) => other === bus).length > 2
    const least = lines
        .filter((row) => kvOf(row) === top && meshed(row.fromBus) && meshed(row.toBus))
        .sort((a, b) => Math.abs(pointValue(`branch/${a.id}/pFromMw`)) - Math.abs(pointValue(`branch/${b.id}/pFromMw`)))[0]
    chosen = least?.id
    return chosen ?? ''
}
const breakerOf = (id: string): string | undefined =>
    region.get()?.json.switch.find((s) => s.component === `branch/${id}` && s.side === 'from' && indexOfPoint(`switch/${s.id}/closed`) >= 0)
        ?.id
const breaker = () => `switch/${breakerOf(line()) ?? ''}/closed`
const measured = () => `branch/${line()}/pFromMw`
const pickLine = () => ({ view: 'diagram' as const, part: '', ...live, pick: `branch/${line()}` })

const isSubstituted = () => readPoint(indexOfPoint(measured())).quality === 'substituted'

const latest = (): CommandCard | undefined => commands.get().find(({ point }) => point === breaker())
const waitsToo = () => {
    const failing = latest()?.checks.filter((check) => !check.pass) ?? []
    return latest()?.state === 'refused' && failing.length === 1 && failing[0]!.rule === 'rate'
}
/** Selects in a fresh sheet; what was operated a moment ago must rest before. */
async function select(value: 0 | 1): Promise<void> {
    for (;;) {
        commandPoint.set(undefined)
        await met('sheet', () => !sees('[data-testid="command-sheet"]'))
        const before = latest()?.id
        commandPoint.set({ point: breaker(), value })
        await press('[data-testid="command-select"]')
        await met('answer', () => latest()?.id !== before)
        if (!waitsToo()) return
        await new Promise((resolve) => setTimeout(resolve, 1000))
    }
}
/** Selects, holds, and waits for the breaker's own word. */
async function operate(value: 0 | 1): Promise<void> {
    const isSo = () => pointValue(breaker()) === value
    if (isSo()) return
    if (latest()?.state !== 'selected') await select(value)
    await hold('[data-testid="command-operate"]', () => latest()?.state !== 'selected')
    await met('confirmation', () => latest()?.state === 'confirmed' && isSo())
    await press('[data-testid="command-done"]')
}

const steps: readonly Step[] = [
    {
        id: 'sums',
        title: { en: 'The grid in one line', zh: '一行看全网' },
        say: {
            en: 'On top stands the whole grid: frequency, and generation that equals load, losses, storage and exchange. To its right: how far the picture may be trusted, and the alarms by priority.',
            zh: '顶部是全网概况：频率，以及等于负荷、损耗、储能与交换之和的发电。右侧是画面的可信度与按优先级分列的告警。',
        },
        at: ['[data-testid="totals"]', '.top-bar'],
        where: () => ({ view: 'diagram', part: '', pick: '', ...live }),
    },
    {
        id: 'pick',
        title: { en: 'The diagram, and anything in it', zh: '单线图与图中任一元件' },
        say: {
            en: 'The single-line diagram follows the field. Whatever you pick is picked in every view: its values with unit, age, source and quality stand in the inspector.',
            zh: '单线图跟随现场变化。您选中的元件在所有视图中都被选中：检视面板显示其数值、单位、时龄、来源与质量。',
        },
        at: ['[data-testid="inspector"]', '[data-testid="diagram"]'],
        where: () => ({ view: 'diagram', part: '', ...live }),
        todo: { en: 'Pick a line of the diagram.', zh: '在图中选中一条线路。' },
        done: () => link.get().pick.startsWith('branch/') && sees('[data-testid="inspector"]'),
        async show() {
            go(pickLine())
        },
    },
    {
        id: 'estimate',
        title: { en: 'Estimated, not only measured', zh: '不只测量，还有估计' },
        say: {
            en: 'Each second the state of the grid is estimated from all measurements at once. Here stand its age, its residual against the chi-square limit, and what was thrown out as false.',
            zh: '每秒由全部测量一起估计电网状态。这里显示其时龄、残差与卡方限值之比，以及被剔除的坏数据。',
        },
        at: ['.status-view .tiles', '[data-testid="fidelity"]'],
        where: () => ({ ...live }),
        todo: { en: 'Press the twin’s fidelity in the top bar.', zh: '点击顶栏的“孪生保真度”。' },
        done: () => link.get().view === 'status' && totals.get().fidelity?.status === 'estimated',
        show: () => press('[data-testid="fidelity"]'),
    },
    {
        id: 'false',
        title: { en: 'A meter that lies', zh: '一只说谎的表计' },
        say: {
            en: 'Put a false value in place of what a line’s meter says, far from the truth. It contradicts everything around it: the estimator finds it by its normalised residual and leaves it out.',
            zh: '用一个远离真值的数替代线路表计的读数。它与周围的一切矛盾：估计器凭归一化残差找出并剔除它。',
        },
        at: ['[data-testid="tag-value"]', '[data-testid^="substitute-branch"]', '[data-testid="fidelity"]'],
        where: pickLine,
        role: 'operator',
        todo: {
            en: 'In the inspector substitute the line’s active power by a value 80 MW off.',
            zh: '在检视面板中把该线路的有功替代为相差 80 MW 的值。',
        },
        done: () => totals.get().fidelity?.badData.some(({ point }) => point === measured()) === true,
        async show() {
            const wrong = Math.round(pointValue(measured())) + 80
            tagAsked.set({ point: measured(), act: 'substitute' })
            await fill('input[data-testid="tag-value"], [data-testid="tag-value"] input', String(wrong))
            await press('[data-testid="tag-submit"]')
            await met('bad data', () => totals.get().fidelity?.badData.some(({ point }) => point === measured()))
        },
    },
    {
        id: 'true',
        title: { en: 'Take it back', zh: '撤销替代' },
        say: {
            en: 'The false value carries its mark wherever it is shown, and who put it there is in the log. Take it away and the meter speaks again.',
            zh: '替代值在各处都带有标记，是谁设置的记在日志里。撤销后表计重新生效。',
        },
        at: ['[data-testid="tag-remove"]', '[data-testid^="substitute-branch"]', '[data-testid="fidelity"]'],
        where: pickLine,
        role: 'operator',
        todo: { en: 'Remove the substitution.', zh: '撤销替代值。' },
        done: () => !isSubstituted(),
        async show() {
            if (!isSubstituted()) return
            tagAsked.set({ point: measured(), act: 'substitute' })
            await press('[data-testid="tag-remove"]')
            await met('meter', () => !isSubstituted(), 60_000)
        },
    },
    {
        id: 'security',
        title: { en: 'What if a line is lost?', zh: '如果失去一条线路？' },
        say: {
            en: 'Every single outage is tried on what you see, worst first: what would be overloaded, whose supply would be lost, and what would relieve it.',
            zh: '在当前状态上逐一试验每个 N-1 事故，最严重的在前：哪些会过载、谁会失电、如何缓解。',
        },
        at: ['.outage-bars', '[data-testid="security"]'],
        where: () => ({ view: 'security', part: '', pick: '', ...live }),
        todo: { en: 'Press an outage of the list to lay it over the views.', zh: '点击列表中的一个事故，把它叠加到各视图。' },
        done: () => link.get().outage !== '' && sees('[data-testid="outage-placed"]'),
        async show() {
            await met('outages', () => security.get().analysis)
            await press('.outage-name')
        },
    },
    {
        id: 'outage',
        title: { en: 'Seen before it happens', zh: '先于发生而见' },
        say: {
            en: 'The lost branch and what it would overload are marked in the world, the diagram and the tables. Nothing has been switched.',
            zh: '失去的支路及其导致的过载在三维世界、单线图与表格中标出。没有任何开关动作。',
        },
        at: ['[data-testid="outage-placed"]'],
    },
    {
        id: 'select',
        title: { en: 'A switching command', zh: '一条开关指令' },
        say: {
            en: 'Now open a breaker: of the line that carries least. First select: the gate checks role, interlocks, holds, limits and quality, and a solved what-if says what would change.',
            zh: '现在断开一台断路器：潮流最小的那条线路。先选择：关口检查角色、联锁、挂牌、限值与质量，并以推演求解告知会改变什么。',
        },
        at: [
            '[data-testid="command-operate"]',
            '[data-testid="command-select"]',
            '[data-testid^="command-switch"]',
            '[data-testid="inspector"]',
        ],
        where: pickLine,
        role: 'operator',
        todo: {
            en: 'In the inspector choose “operate” at the line’s breaker, then select.',
            zh: '在检视面板中对该线路的断路器选择“操作”，再“选择”。',
        },
        done: () => latest()?.state === 'selected' || pointValue(breaker()) === 0,
        show: () => select(0),
    },
    {
        id: 'operate',
        title: { en: 'Operate, and read back', zh: '操作与返校' },
        say: {
            en: 'Hold to operate. It is sent, the plant moves the breaker, and the breaker’s own measurement confirms it; without that an alarm would say so.',
            zh: '按住以执行。指令下发，电厂侧断路器动作，由断路器自身的测量确认；若无确认则告警。',
        },
        at: [
            '[data-testid="command-operate"]',
            '[data-testid="command-state"]',
            '[data-testid^="command-switch"]',
            '[data-testid="inspector"]',
        ],
        role: 'operator',
        acts: true,
        todo: { en: 'Hold “open” for a second; a selection lapses after half a minute.', zh: '按住“分闸”一秒；选择半分钟后失效。' },
        done: () => pointValue(breaker()) === 0,
        show: () => operate(0),
    },
    {
        id: 'close',
        title: { en: 'And closed again', zh: '再合上' },
        say: {
            en: 'The diagram shows the blade open, and the flow has found other ways. Bring the line back the same way.',
            zh: '单线图显示刀闸断开，潮流已改走他路。请以同样方式恢复该线路。',
        },
        at: [
            '[data-testid="command-operate"]',
            '[data-testid="command-state"]',
            '[data-testid^="command-switch"]',
            '[data-testid="inspector"]',
        ],
        where: pickLine,
        role: 'operator',
        acts: true,
        todo: { en: 'Close the breaker.', zh: '合上断路器。' },
        done: () => pointValue(breaker()) === 1 && !sees('[data-testid="command-sheet"]'),
        show: () => operate(1),
    },
    {
        id: 'trends',
        title: { en: 'It left a trace', zh: '曲线留痕' },
        say: {
            en: 'The flow of the line over the last minutes: you see where it was opened and closed. Zoom by wheel, drag to move, take it away as CSV or picture.',
            zh: '该线路最近几分钟的潮流：可见断开与合上的时刻。滚轮缩放，拖动平移，可导出 CSV 或图片。',
        },
        at: ['.charts', '.trends-view'],
        where: () => ({ view: 'trends', part: '', ...live, pens: [measured(), breaker()] }),
    },
    {
        id: 'replay',
        title: { en: 'Back in time', zh: '回到过去' },
        say: {
            en: 'Every view shows any instant of the history. While you are not in the live world the whole window is framed and names the instant.',
            zh: '每个视图都能显示历史上的任一时刻。不在实时世界时，整个窗口带有边框并标明时刻。',
        },
        at: ['[data-testid="scrub-track"]'],
        where: () => ({ view: 'diagram', part: '', outage: '' }),
        todo: { en: 'Press the track at the bottom, a minute or two ago.', zh: '在底部时间轴上点击一两分钟之前。' },
        done: () => worldKind(link.get().world).kind === 'replay',
        async show() {
            replayAt(Date.now() - 60_000)
        },
    },
    {
        id: 'live',
        title: { en: 'Back to live', zh: '返回实时' },
        say: {
            en: 'From any instant you may also branch a what-if: change what you like in it, compare it with live, and promote it to commands at the same gate.',
            zh: '从任一时刻还可以分出推演：随意改动，与实时比较，并把改动升级为同一关口的指令。',
        },
        at: ['[data-testid="back-to-live"]'],
        todo: { en: 'Go back to live.', zh: '返回实时。' },
        done: () => worldKind(link.get().world).kind === 'live',
        async show() {
            showWorld('live')
        },
    },
]

export const smartGridTour: Tour = {
    id: 'smart-grid',
    steps,
    async lacks() {
        await met('region', () => region.get(), 30_000).catch(() => undefined)
        await met('values', () => Number.isFinite(totals.get().summary?.loadMw ?? Number.NaN), 10_000).catch(() => undefined)
        return line()
            ? undefined
            : {
                  en: 'Nothing is measured yet, or no line has a breaker that can be operated.',
                  zh: '尚无测量，或没有线路带有可操作的断路器。',
              }
    },
}
