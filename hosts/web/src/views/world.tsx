/** The 3D world: a thin binding between the scene and the state. Nothing here runs through React per frame. */
import { createStage, type Stage, voltagePaletteNames, type World } from '@gridverse/scene'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { link, region } from '../model/state.ts'
import { Icon } from '../parts/icon.tsx'
import { Failed, Loading } from '../parts/pages.tsx'
import { useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'
import { DeviceCard, HoverCard } from '../world/cards.tsx'
import { EnterXr } from '../world/enter-xr.tsx'
import { WorldLegend } from '../world/legend.tsx'
import { PlanHours } from '../world/plan-hours.tsx'
import { startWorld } from '../world/start.ts'

/** `?quality=full` or `plain` in the address overrules what the scene makes of the renderer: pictures, slow machines. */
const qualityAsked = (): { quality?: 'full' | 'plain' } => {
    const asked = new URLSearchParams(location.search).get('quality')
    return asked === 'full' || asked === 'plain' ? { quality: asked } : {}
}
const storedPalette = () => {
    const kept = localStorage.getItem('gridverse.palette')
    return kept && voltagePaletteNames.includes(kept) ? kept : 'quiet'
}

export function WorldView() {
    const lang = useLang()
    // known at once: a world built in one theme and turned to the other is painted twice
    const theme = useComputedColorScheme('dark', { getInitialValueInEffect: false })
    const canvas = useRef<HTMLCanvasElement>(null)
    const world = useRef<World>(undefined)
    const [failure, setFailure] = useState<string>()
    const [hover, setHover] = useState<{ component: string; x: number; y: number }>()
    const [palette, setPalette] = useState(storedPalette)
    const stage = useRef<Stage>(undefined)
    const index = useCell(region)
    const picked = useSlice(link, (l) => l.pick)
    // the canvas is made ready while the region is fetched
    useEffect(() => {
        try {
            const made = createStage({ canvas: canvas.current!, ...qualityAsked() })
            stage.current = made
            return () => {
                stage.current = undefined
                made.dispose()
            }
        } catch (cause) {
            setFailure(cause instanceof Error ? cause.message : String(cause))
        }
    }, [])
    // built once per region; theme, language and palette are changed in place
    // biome-ignore lint/correctness/useExhaustiveDependencies: see above
    useEffect(() => {
        if (!stage.current || !index) return
        try {
            const started = startWorld(stage.current, theme, lang, palette, setHover)
            world.current = started.world
            return () => {
                world.current = undefined
                started.stop()
            }
        } catch (cause) {
            setFailure(cause instanceof Error ? cause.message : String(cause))
        }
    }, [index])
    useEffect(() => world.current?.setTheme(theme), [theme])
    useEffect(() => world.current?.setLanguage(lang), [lang])
    useEffect(() => {
        world.current?.setPalette(palette)
        localStorage.setItem('gridverse.palette', palette)
    }, [palette])
    if (failure) return <Failed failure={{ code: 'no-webgl', message: failure }} />
    return (
        <div className="world-view">
            <canvas ref={canvas} data-testid="world-canvas" tabIndex={0} aria-label={t('world.canvas')} />
            {!index && <Loading what={t('shell.loadingRegion')} />}
            {index &&
                hover &&
                (/^(resource|group)\//.test(hover.component) ? (
                    <DeviceCard key={hover.component} {...hover} />
                ) : (
                    <HoverCard key={hover.component} {...hover} />
                ))}
            <div className="diagram-zoom">
                <button
                    type="button"
                    onClick={() => world.current?.flyTo('overview')}
                    aria-label={t('world.overview')}
                    title={t('world.overview')}
                    data-testid="world-overview"
                >
                    <Icon name="fit" />
                </button>
                <button
                    type="button"
                    disabled={!picked}
                    onClick={() => picked && world.current?.flyTo(picked)}
                    aria-label={t('world.flyTo')}
                    title={t('world.flyTo')}
                    data-testid="world-fly"
                >
                    <Icon name="target" />
                </button>
            </div>
            {index && <WorldLegend palette={palette} setPalette={setPalette} theme={theme} />}
            {index && <PlanHours />}
            {index && <EnterXr world={() => world.current} />}
        </div>
    )
}
