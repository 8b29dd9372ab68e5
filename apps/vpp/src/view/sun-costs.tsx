/** What if the sun's risk cost otherwise: the same day planned again with other prices of sun not taken and of energy missing. */
import { Button, NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { SunCosts } from '../run.ts'
import { useShell } from './shell.ts'

interface SunCostsFormProps {
    readonly currency: string
    readonly given: SunCosts | undefined
    readonly busy: boolean
    readonly onPlan: (costs: SunCosts) => void
}

export function SunCostsForm({ currency, given, busy, onPlan }: SunCostsFormProps) {
    const { t } = useShell()
    const [curtailed, setCurtailed] = useState<number | string>(given?.curtailed ?? '')
    const [missing, setMissing] = useState<number | string>(given?.missing ?? '')
    const costs = {
        ...(curtailed === '' ? {} : { curtailed: Number(curtailed) }),
        ...(missing === '' ? {} : { missing: Number(missing) }),
    }
    return (
        <form
            className="study-form"
            data-testid="sun-costs"
            onSubmit={(event) => {
                event.preventDefault()
                onPlan(costs)
            }}
        >
            <NumberInput
                label={t('vpp.sunCosts.curtailed', { currency })}
                value={curtailed}
                onChange={setCurtailed}
                min={0}
                step={0.05}
                decimalScale={4}
                data-testid="sun-curtailed"
            />
            <NumberInput
                label={t('vpp.sunCosts.missing', { currency })}
                value={missing}
                onChange={setMissing}
                min={0}
                step={0.1}
                decimalScale={4}
                data-testid="sun-missing"
            />
            <Button type="submit" variant="default" loading={busy} disabled={Object.keys(costs).length === 0} data-testid="sun-plan">
                {t('vpp.sunCosts.plan')}
            </Button>
        </form>
    )
}
