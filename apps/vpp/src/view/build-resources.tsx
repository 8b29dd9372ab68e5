/** Resources of a twin being built: from a file, pasted, from the fleet that ships, or one by a form; what is right is kept at once. */
import { type Resource, type ResourceKind, shippedFleet } from '@gridverse/assets'
import type { Issue } from '@gridverse/units'
import { Button, FileButton, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { TwinLook } from '../twin-answers.ts'
import { kindName, ratingKw, resourceName } from './fleet.ts'
import { IssueList } from './issue-list.tsx'
import { ResourceForm } from './resource-form.tsx'
import { useShell } from './shell.ts'
import { changeDraft, useDraft } from './twin-draft.ts'

const shown = 200

export function ResourcesStep() {
    const shell = useShell()
    const { t, number, post, useAction, FailureLine } = shell
    const draft = useDraft()
    const [issues, setIssues] = useState<readonly Issue[]>([])
    const [added, setAdded] = useState<number>()
    /** later ones replace those of the same id; nothing else is lost */
    const put = (rows: readonly Resource[]) => {
        const byId = new Map(draft.resources.map((r) => [r.id, r]))
        for (const r of rows) byId.set(r.id, r)
        changeDraft({ resources: [...byId.values()] })
        setAdded(rows.length)
    }
    const read = useAction(async (text: string) => {
        const { twin, issues: wrong } = await post<TwinLook>('/vpp/twin/check', { text })
        put(twin.resources)
        setIssues(wrong)
        // what is wrong stays to be mended
        changeDraft({ pasted: wrong.length > 0 ? text : '' })
    })
    const counts = new Map<ResourceKind, number>()
    for (const { kind } of draft.resources) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return (
        <div className="vpp-enrol" data-testid="build-resources">
            <section>
                <h3>{t('vpp.build.many')}</h3>
                <Textarea
                    aria-label={t('vpp.build.paste')}
                    placeholder={'id,kind,group,connection,ratedKw\nroof-1,pv,lane,load/F5,8'}
                    value={draft.pasted}
                    onChange={(e) => changeDraft({ pasted: e.currentTarget.value })}
                    minRows={5}
                    autosize
                    maxRows={14}
                    className="mono"
                    data-testid="twin-paste"
                />
                <div className="vpp-begin">
                    <Button
                        onClick={() => void read.run(draft.pasted)}
                        disabled={!draft.pasted.trim()}
                        loading={read.busy}
                        data-testid="twin-add"
                    >
                        {t('vpp.build.add')}
                    </Button>
                    <FileButton onChange={(file) => void file?.text().then(read.run)} accept=".csv,.json,text/csv,application/json">
                        {(props) => (
                            <Button {...props} variant="default">
                                {t('vpp.enrol.choose')}
                            </Button>
                        )}
                    </FileButton>
                    <Button variant="default" onClick={() => put(shippedFleet())} data-testid="twin-template">
                        {t('vpp.build.template')}
                    </Button>
                </div>
                <FailureLine failure={read.failure} />
                {added !== undefined && (
                    <p role="status" data-testid="twin-added">
                        {t('vpp.build.added', { count: number(added, 0), all: number(draft.resources.length, 0) })}
                    </p>
                )}
                {issues.length > 0 && <IssueList issues={issues} />}
                <OneByForm put={put} />
            </section>
            <section>
                <h3>{t('vpp.build.holds', { count: number(draft.resources.length, 0) })}</h3>
                <p className="dim">{[...counts].map(([kind, n]) => `${kindName(shell, kind)} ${n}`).join(' · ')}</p>
                <div className="vpp-scroll vpp-twin-rows">
                    <table className="plain" data-testid="twin-resources">
                        <thead>
                            <tr>
                                <th>{t('vpp.col.id')}</th>
                                <th>{t('vpp.col.name')}</th>
                                <th>{t('vpp.col.kind')}</th>
                                <th>{t('vpp.col.group')}</th>
                                <th>{t('vpp.col.connection')}</th>
                                <th className="is-number">{t('vpp.col.rating')}</th>
                                <th />
                            </tr>
                        </thead>
                        <tbody>
                            {draft.resources.slice(0, shown).map((r) => (
                                <tr key={r.id}>
                                    <td className="id">{r.id}</td>
                                    <td>{resourceName(shell, r)}</td>
                                    <td>{kindName(shell, r.kind)}</td>
                                    <td>{r.group}</td>
                                    <td className="dim">{r.connection || '–'}</td>
                                    <td className="is-number">{number(ratingKw(r), 1)} kW</td>
                                    <td>
                                        <Button
                                            variant="subtle"
                                            size="compact-xs"
                                            aria-label={t('vpp.build.takeOut', { id: r.id })}
                                            onClick={() => changeDraft({ resources: draft.resources.filter(({ id }) => id !== r.id) })}
                                        >
                                            ×
                                        </Button>
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
                {draft.resources.length > shown && (
                    <p className="dim">{t('vpp.build.more', { count: number(draft.resources.length - shown, 0) })}</p>
                )}
            </section>
        </div>
    )
}

function OneByForm({ put }: { put: (rows: readonly Resource[]) => void }) {
    const { t, post } = useShell()
    return (
        <details className="vpp-one">
            <summary>{t('vpp.enrol.form')}</summary>
            <ResourceForm
                begin="pv"
                submit={t('vpp.build.addOne')}
                take={async (resource) => {
                    const { twin, issues } = await post<TwinLook>('/vpp/twin/check', { text: JSON.stringify([resource]) })
                    if (issues.length === 0) put(twin.resources)
                    return issues
                }}
            />
        </details>
    )
}
