/** What the colours and motions of the world mean, and which voltage colours are used. */
import { flowColours, flowKinds, voltageColour, voltagePaletteNames } from '@gridverse/scene'
import { useMemo, useState } from 'react'
import { formatNumber } from '../model/format.ts'
import { region } from '../model/state.ts'
import { useCell, useLang } from '../parts/use.ts'
import { t } from '../text/index.ts'
import { devicesAsked } from './show-fleet.ts'

const css = (colour: number) => `#${colour.toString(16).padStart(6, '0')}`

/** by night, and in the dark theme, colours are the lighter ones */
const dayAndNight = ({ light, dark }: { light: number; dark: number }) => `linear-gradient(90deg, ${css(light)} 50%, ${css(dark)} 50%)`

export function WorldLegend({ palette, setPalette, theme }: { palette: string; setPalette: (p: string) => void; theme: 'light' | 'dark' }) {
    const lang = useLang()
    const index = useCell(region)!
    const [open, setOpen] = useState(false)
    const devices = useCell(devicesAsked)
    const levels = useMemo(() => [...new Set(index.json.network.bus.map((b) => b.baseKv))].sort((a, b) => b - a).slice(0, 8), [index])
    return (
        <div className={`legend${open ? ' is-open' : ''}`}>
            <button type="button" className="quiet" onClick={() => setOpen(!open)} aria-expanded={open}>
                {t('legend.title')}
            </button>
            {open && (
                <ul>
                    {levels.map((kv) => (
                        <li key={kv}>
                            <i className="swatch" style={{ background: css(voltageColour(kv, palette, theme)) }} />
                            {formatNumber(kv, Number.isInteger(kv) ? 0 : 2, lang)} kV
                        </li>
                    ))}
                    <li>
                        <i className="swatch loading" /> {t('legend.loading')}
                    </li>
                    <li>
                        <b>▸</b> {t('legend.movingLight')}
                    </li>
                    <li>{t('legend.signs')}</li>
                    <li>
                        <label>
                            <input
                                type="checkbox"
                                checked={devices}
                                onChange={(e) => {
                                    devicesAsked.set(e.target.checked)
                                    localStorage.setItem('gridverse.devices', e.target.checked ? 'on' : 'off')
                                }}
                                data-testid="world-devices"
                            />{' '}
                            {t('legend.devices')}
                        </label>
                    </li>
                    {devices && (
                        <>
                            <li className="legend-flows">
                                {flowKinds.map((kind) => (
                                    <span key={kind}>
                                        <i className="swatch" style={{ background: dayAndNight(flowColours[kind]) }} /> {t(`flow.${kind}`)}
                                    </span>
                                ))}
                            </li>
                            <li className="legend-flows" data-testid="legend-widths">
                                {[1, 10, 100, 1000].map((kw, k) => (
                                    <span key={kw}>
                                        <i className="swatch" style={{ height: 2 + 2 * k, background: 'var(--dim)' }} /> {kw} kW
                                    </span>
                                ))}
                            </li>
                            <li>{t('legend.flowWidth')}</li>
                            <li>
                                <i className="swatch soc" /> {t('legend.soc')}
                            </li>
                            <li>{t('legend.unheard')}</li>
                        </>
                    )}
                    <li>
                        <select
                            className="quiet"
                            value={palette}
                            onChange={(e) => setPalette(e.target.value)}
                            aria-label={t('legend.palette')}
                        >
                            {voltagePaletteNames.map((p) => (
                                <option key={p} value={p}>
                                    {t('legend.palette')}: {p}
                                </option>
                            ))}
                        </select>
                    </li>
                </ul>
            )}
        </div>
    )
}
