/** How well the twin of one resource keeps up: how old, what it says now, how far off it was. */
import type { ResourceState } from '../fleet-types.ts'
import { Fact } from './resource-panel.tsx'
import { useShell } from './shell.ts'

export function TwinFacts({ state: { twin, values } }: { state: ResourceState }) {
    const { t, number } = useShell()
    const told = (value: number | null, text: (value: number) => string) => (value === null ? '–' : text(value))
    const compared = twin.compared === null ? '' : t('vpp.twin.compared', { count: number(twin.compared, 0) })
    return (
        <>
            <h4 title={t('vpp.twin.about')}>{t('vpp.panel.twin')}</h4>
            <dl className="vpp-facts-list" data-testid="twin-facts">
                <Fact name={t('vpp.twin.age')} value={told(twin.ageS, (s) => t('vpp.twin.ago', { seconds: number(s, 1) }))} />
                <Fact name={t('vpp.twin.says')} value={told(twin.predictedKw, (kw) => `${number(kw, 2)} kW`)} />
                <Fact name={t('vpp.twin.off')} value={told(twin.syncErrorKw, (kw) => `${number(kw, 3)} kW`)} note={compared} />
                {values.socPercent && (
                    <>
                        <Fact name={t('vpp.twin.saysSoc')} value={told(twin.predictedSocPercent, (soc) => `${number(soc, 1)} %`)} />
                        <Fact
                            name={t('vpp.twin.offSoc')}
                            value={told(twin.syncErrorPercent, (points) => t('vpp.twin.points', { value: number(points, 3) }))}
                        />
                    </>
                )}
            </dl>
        </>
    )
}
