/** The ways into a headset, where the browser has one; what it takes is fetched when somebody enters. */
import type { World } from '@gridverse/scene'
import { useEffect, useState } from 'react'
import { type Failure, failureOf } from '../model/api.ts'
import { t } from '../text/index.ts'
import type { XrMode } from '../xr/session.ts'

const modes: readonly XrMode[] = ['immersive-vr', 'immersive-ar']

export function EnterXr({ world }: { world: () => World | undefined }) {
    const [offered, setOffered] = useState<readonly XrMode[]>([])
    const [running, setRunning] = useState<XRSession>()
    const [failure, setFailure] = useState<Failure>()
    useEffect(() => {
        let open = true
        const ask = async () => {
            const found = await Promise.all(modes.map((mode) => navigator.xr?.isSessionSupported(mode).catch(() => false)))
            if (open) setOffered(modes.filter((_, k) => found[k]))
        }
        void ask()
        navigator.xr?.addEventListener?.('devicechange', ask)
        return () => {
            open = false
            navigator.xr?.removeEventListener?.('devicechange', ask)
        }
    }, [])
    // leaving the view ends the session with it
    useEffect(() => () => void running?.end().catch(() => undefined), [running])
    if (offered.length === 0) return null
    const enter = async (mode: XrMode) => {
        setFailure(undefined)
        try {
            const { enterXr } = await import('../xr/session.ts')
            const now = world()
            if (now) setRunning(await enterXr(now, mode, () => setRunning(undefined)))
        } catch (cause) {
            setFailure(failureOf(cause))
        }
    }
    return (
        <div className="enter-xr" data-testid="enter-xr">
            {offered.map((mode) => (
                <button
                    key={mode}
                    type="button"
                    className="quiet"
                    disabled={running !== undefined}
                    onClick={() => void enter(mode)}
                    data-testid={mode}
                    title={t(mode === 'immersive-vr' ? 'xr.enterVrAbout' : 'xr.enterArAbout')}
                >
                    {t(mode === 'immersive-vr' ? 'xr.enterVr' : 'xr.enterAr')}
                </button>
            ))}
            {running && (
                <button type="button" className="quiet" onClick={() => void running.end()} data-testid="leave-xr">
                    {t('xr.exit')}
                </button>
            )}
            {failure && <p role="alert">{t('xr.failed', { why: failure.message })}</p>}
        </div>
    )
}
