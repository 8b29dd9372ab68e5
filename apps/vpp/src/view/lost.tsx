/** Who the day is planned without: why, since when, what he does meanwhile, and what is left of his unit. */
import type { LostDevice, UnitLeft } from '../field-types.ts'
import type { VppDayCard } from '../fleet-types.ts'
import { useShell } from './shell.ts'

export function LostDevices({ card: { lost, left } }: { card: VppDayCard }) {
    const { t } = useShell()
    return (
        <section data-testid="day-lost">
            <h3>{t('vpp.lost', { count: lost.length })}</h3>
            {lost.length === 0 ? (
                <p className="dim">{t('vpp.lost.none')}</p>
            ) : (
                <div className="vpp-scroll">
                    <table className="plain vpp-stacked">
                        <thead>
                            <tr>
                                <th>{t('vpp.lost.device')}</th>
                                <th>{t('vpp.lost.why')}</th>
                                <th>{t('vpp.lost.since')}</th>
                                <th>{t('vpp.lost.setpoint')}</th>
                                <th>{t('vpp.lost.keeps')}</th>
                                <th>{t('vpp.lost.left')}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {lost.map((device) => (
                                <Row key={device.resource} device={device} left={left.find(({ unit }) => unit === device.unit)} />
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </section>
    )
}

function Row({ device, left }: { device: LostDevice; left: UnitLeft | undefined }) {
    const { t, lang, number, time, pick } = useShell()
    const { resource, name, nameZh, why, sinceMs, setpointEndsMs } = device
    const shown = (lang === 'zh' ? nameZh || name : name) || resource
    const setpoint =
        setpointEndsMs === null
            ? t('vpp.lost.noSetpoint')
            : t(setpointEndsMs <= Date.now() ? 'vpp.lost.ended' : 'vpp.lost.ends', { at: time(setpointEndsMs) })
    return (
        <tr data-resource={resource} data-why={why}>
            <td>
                <button type="button" className="link" onClick={() => pick(`resource/${resource}`)}>
                    {shown}
                </button>
            </td>
            <td className="beyond-1" data-label={t('vpp.lost.why')}>
                ▲ {t(`vpp.cause.${why}`)}
            </td>
            <td data-label={t('vpp.lost.since')}>{time(sinceMs)}</td>
            <td data-label={t('vpp.lost.setpoint')}>{setpoint}</td>
            <td data-label={t('vpp.lost.keeps')}>{useKeeping(device)}</td>
            <td data-label={t('vpp.lost.left')}>
                {left &&
                    t('vpp.lost.leftOf', {
                        left: left.left,
                        all: left.resources,
                        share: `${number(100 * left.share, 0)} %`,
                        up: number(left.upKw, 1),
                        down: number(left.downKw, 1),
                    })}
            </td>
        </tr>
    )
}

/** What a lost device does, as far as it is known. */
function useKeeping({ why, schedule, scheduledKw }: LostDevice): string {
    const { t, number, time } = useShell()
    if (why === 'tripped') return t('vpp.lost.off')
    const untilMs = schedule ? schedule.startMs + 1000 * schedule.periodS * schedule.kw.length : 0
    // a schedule that is over is none
    if (!schedule || untilMs <= Date.now()) return t('vpp.lost.alone')
    return t('vpp.lost.schedule', {
        at: time(schedule.acknowledgedMs),
        now: scheduledKw === null ? t('vpp.lost.itself') : `${number(scheduledKw, 1)} kW`,
        until: time(untilMs),
    })
}
