/** People and roles; a new person gets a one-time link to set a passkey or password of their own. */

import { type Role, roles } from '@gridverse/twin'
import { Button, CopyButton, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { part, patch, post, remove } from '../model/api.ts'
import { formatDateTime } from '../model/format.ts'
import { region, session } from '../model/state.ts'
import { Failed, FailureLine, Loading, PageHead } from '../parts/pages.tsx'
import { useAction, useGet, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

interface PersonRow {
    readonly name: string
    readonly role: Role
    readonly passkeys?: number
    readonly hasPassword?: boolean
    readonly createdMs?: number
}

const roleOptions = () => roles.map((r) => ({ value: r, label: t(`role.${r}`) }))

export function PeopleView() {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const me = useSlice(session, (s) => (s.state === 'signed-in' ? s.person : undefined))
    const people = useGet<PersonRow[]>(me?.role === 'administrator' ? '/users' : undefined)
    const [name, setName] = useState('')
    const [role, setRole] = useState<Role>('operator')
    const [url, setUrl] = useState<{ name: string; url: string }>()
    const invite = useAction(async () => {
        const made = await post<{ url: string }>('/users', { name: name.trim(), role })
        setUrl({ name: name.trim(), url: made.url })
        setName('')
        people.reload()
    })
    const act = useAction(async (work: () => Promise<unknown>) => {
        await work()
        people.reload()
    })
    if (me?.role !== 'administrator') return <Failed failure={{ code: 'not-allowed', message: t('people.administratorsOnly') }} />
    return (
        <div className="page people-view">
            <PageHead title={t('view.people')} about={t('people.about')} />
            <form
                className="invite"
                onSubmit={(e) => {
                    e.preventDefault()
                    void invite.run()
                }}
            >
                <TextInput
                    size="sm"
                    label={t('signIn.name')}
                    value={name}
                    onChange={(e) => setName(e.currentTarget.value)}
                    required
                    data-testid="invite-name"
                />
                <Select
                    size="sm"
                    label={t('people.role')}
                    data={roleOptions()}
                    value={role}
                    onChange={(r) => r && setRole(r as Role)}
                    allowDeselect={false}
                    data-testid="invite-role"
                />
                <Button size="sm" type="submit" loading={invite.busy} disabled={!name.trim()} data-testid="invite">
                    {t('people.invite')}
                </Button>
            </form>
            <p className="dim small">{t(`roleAbout.${role}`)}</p>
            <FailureLine failure={invite.failure ?? act.failure} />
            {url && (
                <div className="one-time" data-testid="invite-url">
                    <p>{t('people.linkFor', { name: url.name })}</p>
                    <code>{url.url}</code>
                    <CopyButton value={url.url}>
                        {({ copied, copy }) => (
                            <Button variant="default" onClick={copy}>
                                {copied ? t('action.copied') : t('action.copy')}
                            </Button>
                        )}
                    </CopyButton>
                </div>
            )}
            {people.state === 'loading' && <Loading />}
            {people.state === 'failed' && <Failed failure={people.failure} retry={people.reload} />}
            {people.state === 'ready' && (
                <ul className="people">
                    {people.data.map((p) => (
                        <li key={p.name} data-testid={`person-${p.name}`}>
                            <span className="person-letter">{p.name.slice(0, 1).toUpperCase()}</span>
                            <div>
                                <b>{p.name}</b>
                                <span className="dim">
                                    {[
                                        p.passkeys ? t('people.passkeys', { n: p.passkeys }) : '',
                                        p.hasPassword ? t('signIn.password') : '',
                                        p.createdMs ? formatDateTime(p.createdMs, zone, lang) : '',
                                    ]
                                        .filter(Boolean)
                                        .join(' · ')}
                                </span>
                            </div>
                            <Select
                                size="sm"
                                aria-label={t('people.role')}
                                data={roleOptions()}
                                value={p.role}
                                allowDeselect={false}
                                disabled={p.name === me.name}
                                onChange={(r) => r && void act.run(() => patch(`/users/${part(p.name)}`, { role: r }))}
                            />
                            <Button
                                variant="default"
                                onClick={() =>
                                    void act.run(async () => {
                                        const made = await post<{ url: string }>(`/users/${part(p.name)}/link`)
                                        setUrl({ name: p.name, url: made.url })
                                    })
                                }
                            >
                                {t('people.newLink')}
                            </Button>
                            {p.name !== me.name && <RemoveButton onConfirm={() => void act.run(() => remove(`/users/${part(p.name)}`))} />}
                        </li>
                    ))}
                </ul>
            )}
        </div>
    )
}

/** Asks once more in place before it removes. */
function RemoveButton({ onConfirm }: { onConfirm: () => void }) {
    const [sure, setSure] = useState(false)
    return (
        <Button
            variant={sure ? 'filled' : 'subtle'}
            color={sure ? 'red' : 'gray'}
            onClick={() => (sure ? onConfirm() : setSure(true))}
            onBlur={() => setSure(false)}
        >
            {t(sure ? 'people.removeSure' : 'people.remove')}
        </Button>
    )
}
