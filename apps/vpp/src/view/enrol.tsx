/** Resources enrolled: many by a file, one by a form; every issue told before anything is taken. */
import { resourceTables } from '@gridverse/assets'
import { Button, FileButton } from '@mantine/core'
import { useState } from 'react'
import type { EnrolAnswer } from '../fleet-types.ts'
import { IssueList } from './issue-list.tsx'
import { ResourceForm } from './resource-form.tsx'
import { useShell } from './shell.ts'

export function EnrolTab() {
    return (
        <div className="vpp-enrol">
            <FromFile />
            <FromForm />
        </div>
    )
}

const typeOf = (text: string) => (/^\uFEFF?\s*[[{]/.test(text) ? 'application/json' : 'text/csv')
/** a JSON file goes as what it says, a table as its text */
const bodyOf = (text: string): [body: unknown, type: string] =>
    typeOf(text) === 'text/csv' ? [text, 'text/csv'] : [JSON.parse(text), 'application/json']

function FromFile() {
    const { t, number, post, go, useAction, FailureLine, save } = useShell()
    const [file, setFile] = useState<{ name: string; text: string }>()
    const [over, setOver] = useState(false)
    const [checked, setChecked] = useState<EnrolAnswer>()
    const [taken, setTaken] = useState<EnrolAnswer>()
    const send = (text: string, how: string) => {
        const [body, type] = bodyOf(text)
        return post<EnrolAnswer>(`/vpp/resources?${how}`, body, type)
    }
    const check = useAction(async (given: File) => {
        const text = await given.text()
        setTaken(undefined)
        setChecked(undefined)
        setFile({ name: given.name, text })
        setChecked(await send(text, 'check=true&partial=true&replace=true'))
    })
    const take = useAction(async () => setTaken(await send(file!.text, 'partial=true&replace=true')))
    const give = (given: File | null | undefined) => given && void check.run(given)
    return (
        <section>
            <h3>{t('vpp.enrol.file')}</h3>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: files are dropped here; the button within takes them by key */}
            <div
                className={over ? 'vpp-drop is-over' : 'vpp-drop'}
                data-testid="enrol-drop"
                onDragOver={(e) => {
                    e.preventDefault()
                    setOver(true)
                }}
                onDragLeave={() => setOver(false)}
                onDrop={(e) => {
                    e.preventDefault()
                    setOver(false)
                    give(e.dataTransfer.files[0])
                }}
            >
                <span>{file?.name ?? t('vpp.enrol.drop')}</span>
                <FileButton onChange={give} accept=".csv,.json,text/csv,application/json">
                    {(props) => (
                        <Button {...props} variant="default" loading={check.busy}>
                            {t('vpp.enrol.choose')}
                        </Button>
                    )}
                </FileButton>
                <Button
                    variant="default"
                    onClick={() =>
                        save(
                            'fleet.csv',
                            `${Object.keys(resourceTables.battery).join(',')}\nB1,School battery,学校电池,battery,SCHOOLS,,0,0,sparkplug,,50,50,100,10,95,0.95,0.95,0.0002,0.05\n`,
                            'text/csv',
                        )
                    }
                >
                    {t('vpp.enrol.sample')}
                </Button>
            </div>
            <FailureLine failure={check.failure ?? take.failure} />
            {checked && !taken && (
                <>
                    <p data-testid="enrol-checked">
                        {t('vpp.enrol.checked', { replaced: number(checked.replaced, 0), refused: number(checked.refused, 0) })}
                    </p>
                    {checked.groups.length > 0 && (
                        <Button onClick={() => void take.run()} loading={take.busy} data-testid="enrol-take">
                            {t('vpp.enrol.take')}
                        </Button>
                    )}
                    {checked.issues.length > 0 && <IssueList issues={checked.issues} name="enrol-issues" />}
                </>
            )}
            {taken && <EnrolTaken answer={taken} done={() => go('devices')} />}
        </section>
    )
}

export function EnrolTaken({ answer, done }: { answer: EnrolAnswer; done: () => void }) {
    const { t, number } = useShell()
    return (
        <div data-testid="enrol-taken">
            <p>
                {t('vpp.enrol.taken', {
                    count: number(answer.taken, 0),
                    ms: number(answer.tookMs, 0),
                    groups: answer.groups.length > 8 ? number(answer.groups.length, 0) : answer.groups.join(', '),
                })}
            </p>
            <p className="dim mono vpp-hash">SHA-256 {answer.hash}</p>
            {answer.enrolmentToken && (
                <p>
                    {t('vpp.enrol.token')} <code>{answer.enrolmentToken}</code>
                </p>
            )}
            {answer.secrets.length > 0 && (
                <>
                    <p>{t('vpp.enrol.secrets')}</p>
                    <ul className="mono">
                        {answer.secrets.map((s) => (
                            <li key={s.id}>
                                {s.identity}: {s.secret}
                            </li>
                        ))}
                    </ul>
                </>
            )}
            <Button variant="default" onClick={done}>
                {t('vpp.enrol.look')}
            </Button>
        </div>
    )
}

function FromForm() {
    const { t, post, go } = useShell()
    return (
        <section>
            <h3>{t('vpp.enrol.form')}</h3>
            <ResourceForm
                begin="battery"
                submit={t('vpp.enrol.one')}
                take={async (resource) => {
                    await post<EnrolAnswer>('/vpp/resources', [resource])
                    go(`devices/resource/${String(resource.id)}`)
                    return []
                }}
            />
        </section>
    )
}
