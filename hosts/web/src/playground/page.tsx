/** The playground's page: drop a case, see it solved; scenarios and outages on demand. The work is the worker's. */
import type { Issue } from '@gridverse/units'
import { type DragEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { type Key, lang, setLang, t } from '../text/index.ts'
import type { Ask, BatchView, CaseView, ContingencyView, DroppedFile, Told } from './contract.ts'
import type { Picked } from './drawing.ts'
import { Drawing } from './drawing-view.tsx'
import { BranchTable, BusTable, OutageTable } from './tables.tsx'

const samples = 1000
const tabs = ['buses', 'branches', 'issues', 'scenarios', 'outages'] as const
type Tab = (typeof tabs)[number]
const tabKeys: Record<Tab, Key> = {
    buses: 'playground.buses',
    branches: 'playground.branches',
    issues: 'playground.issues',
    scenarios: 'playground.scenarios',
    outages: 'playground.outages',
}

interface Work {
    readonly what: 'open' | 'batch' | 'contingency'
    readonly done?: number
    readonly total?: number
    readonly seconds?: number
}

export function Playground() {
    useSyncExternalStore(lang.subscribe, lang.get)
    const worker = useRef<Worker>(undefined)
    const [view, setView] = useState<CaseView>()
    const [work, setWork] = useState<Work>()
    const [batch, setBatch] = useState<BatchView>()
    const [outages, setOutages] = useState<ContingencyView>()
    const [failure, setFailure] = useState<string>()
    const [tab, setTab] = useState<Tab>('buses')
    const [picked, setPicked] = useState<Picked>()
    const [over, setOver] = useState(false)

    useEffect(() => {
        const made = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
        made.onmessage = ({ data: told }: MessageEvent<Told>) => {
            if (told.kind === 'progress') return setWork(told)
            setWork(undefined)
            if (told.kind === 'case') {
                setView(told.view)
                setBatch(undefined)
                setOutages(undefined)
                setPicked(undefined)
                setTab(told.view.flow?.status === 'converged' ? 'buses' : 'issues')
            } else if (told.kind === 'batch') setBatch(told.view)
            else if (told.kind === 'contingency') setOutages(told.view)
            else setFailure(told.message)
        }
        made.onerror = (event) => {
            setWork(undefined)
            setFailure(event.message || t('playground.workerFailed'))
        }
        worker.current = made
        return () => made.terminate()
    }, [])

    const ask = (message: Ask, what: Work['what']) => {
        setFailure(undefined)
        setWork({ what })
        worker.current?.postMessage(message)
    }
    const open = async (list: ArrayLike<File>) => {
        const files: DroppedFile[] = await Promise.all(
            Array.from(list, async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
        )
        if (files.length > 0) ask({ kind: 'open', files }, 'open')
    }
    const drop = (event: DragEvent) => {
        event.preventDefault()
        setOver(false)
        void open(event.dataTransfer.files)
    }
    const begin = (what: 'batch' | 'contingency') => {
        setTab(what === 'batch' ? 'scenarios' : 'outages')
        ask(what === 'batch' ? { kind: 'batch', samples } : { kind: 'contingency' }, what)
    }
    const stop = () => {
        setWork(undefined)
        worker.current?.postMessage({ kind: 'stop' } satisfies Ask)
    }
    const solved = view?.flow?.status === 'converged'

    return (
        <main
            className={over ? 'play play-over' : 'play'}
            onDragOver={(event) => {
                event.preventDefault()
                setOver(true)
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
        >
            <header className="play-bar">
                <h1>
                    <img src="./icon.svg" alt="" width="22" height="22" /> {t('playground.title')}
                </h1>
                <label className="play-button">
                    {t('playground.open')}
                    <input type="file" multiple data-testid="play-file" onChange={(event) => void open(event.currentTarget.files ?? [])} />
                </label>
                <button type="button" className="play-button" data-testid="play-example" onClick={() => ask({ kind: 'example' }, 'open')}>
                    {t('playground.example')}
                </button>
                <button type="button" className="play-button" data-testid="play-batch" disabled={!solved} onClick={() => begin('batch')}>
                    {t('playground.runScenarios', { n: samples })}
                </button>
                <button
                    type="button"
                    className="play-button"
                    data-testid="play-outages"
                    disabled={!solved}
                    onClick={() => begin('contingency')}
                >
                    {t('playground.runOutages')}
                </button>
                <span className="play-space" />
                <button
                    type="button"
                    className="play-button"
                    onClick={() => {
                        const root = document.documentElement
                        root.dataset.mantineColorScheme = root.dataset.mantineColorScheme === 'light' ? 'dark' : 'light'
                        // the drawing takes its colours anew
                        setPicked((now) => now && { ...now })
                    }}
                >
                    {t('playground.theme')}
                </button>
                <button
                    type="button"
                    className="play-button"
                    data-testid="play-lang"
                    onClick={() => setLang(lang.get() === 'zh' ? 'en' : 'zh')}
                >
                    {lang.get() === 'zh' ? 'English' : '中文'}
                </button>
            </header>
            <Status view={view} work={work} failure={failure} stop={stop} />
            {view ? (
                <div className="play-body">
                    <Drawing view={view} picked={picked} onPick={setPicked} />
                    <section className="play-side">
                        <nav className="play-tabs">
                            {tabs.map((name) => (
                                <button
                                    key={name}
                                    type="button"
                                    aria-pressed={tab === name}
                                    data-testid={`play-tab-${name}`}
                                    onClick={() => setTab(name)}
                                >
                                    {t(tabKeys[name])}
                                    {name === 'issues' && view.issues.length > 0 ? ` ${view.issues.length}` : ''}
                                </button>
                            ))}
                        </nav>
                        <div className="play-table">
                            {tab === 'buses' && <BusTable view={view} picked={picked} onPick={setPicked} />}
                            {tab === 'branches' && <BranchTable view={view} picked={picked} onPick={setPicked} />}
                            {tab === 'issues' && <Issues issues={view.issues} />}
                            {tab === 'scenarios' && <Scenarios batch={batch} />}
                            {tab === 'outages' && <OutageTable view={view} outages={outages} onPick={setPicked} />}
                        </div>
                    </section>
                </div>
            ) : (
                <Empty />
            )}
        </main>
    )
}

function Status({ view, work, failure, stop }: { view?: CaseView; work?: Work; failure?: string; stop: () => void }) {
    return (
        <p className="play-status" role="status" data-testid="play-status">
            {failure ? <span className="play-bad">{t('playground.failed', { message: failure })}</span> : view && <Summary view={view} />}
            {work && (
                <span className="play-work" data-testid="play-work">
                    {work.total === undefined ? t('playground.working') : describeProgress(work)}
                    <progress max={work.total ?? undefined} value={work.done} />
                    {work.what !== 'open' && (
                        <button type="button" className="play-button" onClick={stop}>
                            {t('playground.stop')}
                        </button>
                    )}
                </span>
            )}
        </p>
    )
}

function describeProgress({ done = 0, total = 0, seconds = 0 }: Work): string {
    const rate = done / Math.max(seconds, 1e-3)
    return t('playground.progress', { done, total, rate: rate.toFixed(0), left: Math.ceil((total - done) / Math.max(rate, 1e-9)) })
}

function Summary({ view }: { view: CaseView }) {
    const { flow } = view
    const head = t('playground.size', { name: view.name, buses: view.bus.length, branches: view.branch.length, format: view.format })
    const errors = view.issues.filter(({ severity }) => severity !== 'warning').length
    if (!flow) return <span className="play-bad">{t('playground.notRead', { head, errors })}</span>
    const times = t('playground.times', { read: view.readMs.toFixed(0), solve: view.solveMs.toFixed(0), layout: view.layoutMs.toFixed(0) })
    if (flow.status !== 'converged')
        return (
            <span className="play-bad">
                {head} · {t(flow.status === 'diverged' ? 'playground.diverged' : 'playground.singular', { bus: flow.worstBus ?? '–' })} ·{' '}
                {times}
            </span>
        )
    return (
        <span>
            {head} · {t('playground.converged', { n: flow.iterations, losses: flow.lossesMw.toFixed(2) })} · {times}
        </span>
    )
}

function Issues({ issues }: { issues: readonly Issue[] }) {
    if (issues.length === 0) return <p className="dim">{t('playground.noIssues')}</p>
    return (
        <ul className="play-issues" data-testid="play-issues">
            {issues.map((issue, k) => (
                <li key={k} className={issue.severity === 'warning' ? '' : 'play-bad'}>
                    <b>{issue.line === undefined ? issue.code : t('playground.line', { code: issue.code, line: issue.line })}</b>{' '}
                    {issue.message}
                </li>
            ))}
        </ul>
    )
}

const figureKeys: Record<BatchView['rows'][number]['key'], Key> = {
    vmMinPu: 'playground.vmMin',
    vmMaxPu: 'playground.vmMax',
    worstLoadingPercent: 'playground.worstLoading',
    lossesMw: 'playground.losses',
}

function Scenarios({ batch }: { batch?: BatchView }): ReactNode {
    if (!batch) return <p className="dim">{t('playground.scenariosAbout')}</p>
    const { samples: n, converged, seconds } = batch
    return (
        <>
            <p data-testid="play-batch-result">
                {t('playground.scenariosDone', {
                    n,
                    converged,
                    seconds: seconds.toFixed(2),
                    rate: (n / Math.max(seconds, 1e-3)).toFixed(0),
                })}
            </p>
            <table>
                <thead>
                    <tr>
                        <th />
                        <th>{t('playground.least')}</th>
                        <th>{t('playground.mean')}</th>
                        <th>{t('playground.most')}</th>
                    </tr>
                </thead>
                <tbody>
                    {batch.rows.map(({ key, least, mean, most }) => (
                        <tr key={key}>
                            <td>{t(figureKeys[key])}</td>
                            {[least, mean, most].map((value, k) => (
                                <td key={k}>{Number.isFinite(value) ? value.toFixed(key.startsWith('vm') ? 4 : 2) : '–'}</td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </>
    )
}

function Empty() {
    return (
        <section className="play-empty">
            <h2>{t('playground.drop')}</h2>
            <p>{t('playground.dropAbout')}</p>
            <p className="dim">{t('playground.private')}</p>
        </section>
    )
}
