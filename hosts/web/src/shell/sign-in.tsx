/** The door: sign in, or take up a one-time link, with a passkey or a password. */
import { Button, PasswordInput, TextInput, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser'
import { type FormEvent, type ReactNode, useState } from 'react'
import { post } from '../model/api.ts'
import { loadSession } from '../model/state.ts'
import { Icon } from '../parts/icon.tsx'
import { FailureLine } from '../parts/pages.tsx'
import { useAction, useGet, useLang } from '../parts/use.ts'
import { setLang, t } from '../text/index.ts'
import { offered } from '../tour/list.ts'

const minPasswordLength = 10

function Card({ title, about, children }: { title: string; about: string; children: ReactNode }) {
    const lang = useLang()
    const scheme = useComputedColorScheme('dark')
    const { setColorScheme } = useMantineColorScheme()
    return (
        <main className="door">
            <section className="door-card">
                <p className="door-brand">
                    <img src="./icon.svg" alt="" width="28" height="28" /> Gridverse
                </p>
                <h1>{title}</h1>
                <p className="dim">{about}</p>
                {children}
                <footer>
                    <a className="quiet" href="./playground.html">
                        {t('playground.title')}
                    </a>
                    <button type="button" className="quiet" onClick={() => setLang(lang === 'zh' ? 'en' : 'zh')}>
                        {lang === 'zh' ? 'English' : '中文'}
                    </button>
                    <button type="button" className="quiet" onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}>
                        <Icon name="theme" size={15} /> {t(scheme === 'dark' ? 'theme.light' : 'theme.dark')}
                    </button>
                </footer>
            </section>
        </main>
    )
}

/** Asks the browser's authenticator and hands its answer to the platform. */
async function withPasskey(purpose: 'register' | 'sign-in', extra: { token?: string; name?: string }): Promise<void> {
    const { ticket, options } = await post<{ ticket: string; options: unknown }>('/passkey/options', { purpose, ...extra })
    const optionsJSON = options as never
    const response = purpose === 'register' ? await startRegistration({ optionsJSON }) : await startAuthentication({ optionsJSON })
    await post('/passkey/finish', { ticket, response })
    await loadSession()
}

export function SignIn({ setupNeeded }: { setupNeeded: boolean }) {
    const [name, setName] = useState('')
    const [password, setPassword] = useState('')
    const signIn = useAction(async () => {
        await post('/sign-in', { name: name.trim(), password })
        await loadSession()
    })
    const passkey = useAction(() => withPasskey('sign-in', name.trim() ? { name: name.trim() } : {}))
    const submit = (event: FormEvent) => {
        event.preventDefault()
        void signIn.run()
    }
    return (
        <Card title={t('signIn.title')} about={setupNeeded ? t('signIn.setupNeeded') : t('signIn.about')}>
            <form onSubmit={submit}>
                <TextInput
                    size="md"
                    label={t('signIn.name')}
                    value={name}
                    onChange={(e) => setName(e.currentTarget.value)}
                    autoComplete="username webauthn"
                    autoFocus
                    required
                    data-testid="sign-in-name"
                />
                <PasswordInput
                    size="md"
                    label={t('signIn.password')}
                    value={password}
                    onChange={(e) => setPassword(e.currentTarget.value)}
                    autoComplete="current-password"
                    required
                    data-testid="sign-in-password"
                />
                <FailureLine failure={signIn.failure ?? passkey.failure} />
                <Button type="submit" size="md" fullWidth loading={signIn.busy} data-testid="sign-in-submit">
                    {t('signIn.enter')}
                </Button>
                {browserSupportsWebAuthn() && (
                    <Button
                        variant="default"
                        size="md"
                        fullWidth
                        loading={passkey.busy}
                        onClick={() => void passkey.run()}
                        data-testid="sign-in-passkey"
                    >
                        {t('signIn.passkey')}
                    </Button>
                )}
            </form>
        </Card>
    )
}

/** Taking up a one-time link: the first one makes the administrator, later ones set a person's way in. */
export function Welcome({ token, first }: { token: string; first: boolean }) {
    const [given, setName] = useState('')
    const [password, setPassword] = useState('')
    const invitation = useGet<{ purpose: string; name: string }>(`/link?token=${encodeURIComponent(token)}`)
    const invited = invitation.state === 'ready' ? invitation.data.name : ''
    const name = invited || given
    // who comes in for the first time is shown around
    const enter = async () => {
        offered.set(true)
        await loadSession()
    }
    const create = useAction(async () => {
        await post('/setup', { token, name: name.trim(), password })
        await enter()
    })
    const passkey = useAction(async () => {
        await withPasskey('register', { token, name: name.trim() })
        offered.set(true)
    })
    const short = password.length > 0 && password.length < minPasswordLength
    return (
        <Card title={t(first ? 'welcome.titleFirst' : 'welcome.title')} about={t(first ? 'welcome.aboutFirst' : 'welcome.about')}>
            <form
                onSubmit={(event) => {
                    event.preventDefault()
                    void create.run()
                }}
            >
                <TextInput
                    size="md"
                    label={t('signIn.name')}
                    value={name}
                    onChange={(e) => setName(e.currentTarget.value)}
                    autoComplete="username"
                    autoFocus={!invited}
                    readOnly={invited !== ''}
                    required
                    data-testid="welcome-name"
                />
                {browserSupportsWebAuthn() && (
                    <>
                        <Button
                            variant="default"
                            size="md"
                            fullWidth
                            disabled={!name.trim()}
                            loading={passkey.busy}
                            onClick={() => void passkey.run()}
                            data-testid="welcome-passkey"
                        >
                            {t('welcome.passkey')}
                        </Button>
                        <p className="door-or">{t('welcome.or')}</p>
                    </>
                )}
                <PasswordInput
                    size="md"
                    label={t('signIn.password')}
                    description={t('welcome.passwordRule', { n: minPasswordLength })}
                    value={password}
                    onChange={(e) => setPassword(e.currentTarget.value)}
                    autoComplete="new-password"
                    error={short ? t('welcome.tooShort', { n: minPasswordLength - password.length }) : undefined}
                    data-testid="welcome-password"
                />
                <FailureLine
                    failure={create.failure ?? passkey.failure ?? (invitation.state === 'failed' ? invitation.failure : undefined)}
                />
                <Button
                    type="submit"
                    size="md"
                    fullWidth
                    loading={create.busy}
                    disabled={!name.trim() || password.length < minPasswordLength}
                    data-testid="welcome-submit"
                >
                    {t('welcome.create')}
                </Button>
            </form>
        </Card>
    )
}
