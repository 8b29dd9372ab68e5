/** Theme, language and session: decides between the door and the room. */
import { createTheme, MantineProvider } from '@mantine/core'
import { useEffect, useState } from 'react'
import { emptyLink, welcomeToken } from '../model/link.ts'
import { watchSecurity } from '../model/security.ts'
import { link, loadSession, session, startSession } from '../model/state.ts'
import { watchTrace } from '../model/tracing.ts'
import { Failed, Loading } from '../parts/pages.tsx'
import { useCell, useLang } from '../parts/use.ts'
import { takeTourFromAddress } from '../tour/list.ts'
import { Frame } from './frame.tsx'
import { SignIn, Welcome } from './sign-in.tsx'

const theme = createTheme({
    fontFamily: 'var(--font)',
    fontFamilyMonospace: 'var(--mono)',
    headings: { fontFamily: 'var(--font)', fontWeight: '600' },
    primaryColor: 'steel',
    primaryShade: { light: 7, dark: 5 },
    defaultRadius: 'sm',
    colors: {
        steel: ['#eef4f8', '#dbe6ee', '#b6cddd', '#8fb3cb', '#6f9dbc', '#5a8fb3', '#457a9e', '#1f5f8b', '#174c70', '#103a57'],
        dark: ['#dfe5e9', '#b9c3ca', '#98a4ad', '#6d7982', '#3a424a', '#2e353b', '#21262b', '#1a1e22', '#14171a', '#0f1214'],
    },
    components: {
        Button: { defaultProps: { size: 'compact-sm' } },
        TextInput: { defaultProps: { size: 'xs' } },
        Select: { defaultProps: { size: 'xs' } },
        NumberInput: { defaultProps: { size: 'xs' } },
        SegmentedControl: { defaultProps: { size: 'xs' } },
    },
})

export function Root() {
    useLang()
    return (
        <MantineProvider theme={theme} defaultColorScheme="auto">
            <Door />
        </MantineProvider>
    )
}

function Door() {
    const now = useCell(session)
    const lang = useLang()
    const [token, setToken] = useState(() => welcomeToken(location.hash))
    useEffect(() => {
        document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'
    }, [lang])
    // biome-ignore lint/correctness/useExhaustiveDependencies: signing in spends the link, so the address is read again
    useEffect(() => {
        const look = () => setToken(welcomeToken(location.hash))
        look()
        addEventListener('hashchange', look)
        return () => removeEventListener('hashchange', look)
    }, [now.state])
    if (now.state === 'loading') return <Loading />
    if (now.state === 'unreachable')
        return <Failed failure={{ code: 'no-connection', message: now.message }} retry={() => void loadSession()} />
    if (token && now.state === 'signed-out') return <Welcome token={token} first={now.setupNeeded} />
    if (now.state === 'signed-out') return <SignIn setupNeeded={now.setupNeeded} />
    return <Room key={now.person.name} />
}

function Room() {
    useEffect(() => {
        if (welcomeToken(location.hash)) {
            // the link is spent: neither the address nor the state keeps its token
            history.replaceState(null, '', '#/world')
            link.set(emptyLink)
        }
        takeTourFromAddress()
        const stops = [startSession(), watchTrace(), watchSecurity()]
        return () => {
            for (const stop of stops) stop()
        }
    }, [])
    return <Frame />
}
