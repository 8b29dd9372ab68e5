/** Tags on a point: a hold that keeps hands off, its release, a value that stands for the measured one. */
import type { Hold } from '@gridverse/twin'
import { Button, Modal, NumberInput, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { post } from '../model/api.ts'
import { digitsFor } from '../model/format.ts'
import { componentOf } from '../model/region.ts'
import { cardOfPoint, holds, rememberHolds, tagAsked } from '../model/state.ts'
import { quantityName, useComponentName } from '../parts/component-link.tsx'
import { FailureLine } from '../parts/pages.tsx'
import { useAction, useCell, useLang } from '../parts/use.ts'
import { readPoint, Value } from '../parts/value.tsx'
import { t } from '../text/index.ts'

export function TagSheet() {
    useLang()
    const asked = useCell(tagAsked)
    return asked && cardOfPoint(asked.point) ? <Sheet key={`${asked.act} ${asked.point}`} point={asked.point} act={asked.act} /> : null
}

function Sheet({ point, act }: { point: string; act: 'hold' | 'release' | 'substitute' }) {
    const card = cardOfPoint(point)!
    const name = useComponentName(componentOf(point))
    const held = useCell(holds).get(point)
    const now = readPoint(card.index)
    const [reason, setReason] = useState('')
    const [value, setValue] = useState(Number.isNaN(now.value) ? 0 : Number(now.value.toFixed(digitsFor(card.unit))))
    const close = () => tagAsked.set(undefined)
    const run = useAction(async (removed: boolean) => {
        const why = reason.trim()
        if (act === 'hold') rememberHolds(await post<Hold[]>('/holds', { point, reason: why }))
        else if (act === 'release') rememberHolds(await post<Hold[]>('/holds/release', { point }))
        else await post('/substitutions', { point, value: removed ? null : value, reason: why })
        close()
    })
    return (
        <Modal
            opened
            onClose={close}
            size="sm"
            title={`${t(`tag.${act}`)} · ${name} · ${quantityName(card.quantity)}`}
            data-testid="tag-sheet"
        >
            <form
                className="command-form"
                onSubmit={(event) => {
                    event.preventDefault()
                    void run.run(false)
                }}
            >
                <p className="dim small">{t(`tag.${act}About`)}</p>
                <p className="command-now">
                    {t('command.now')} <Value card={card} />
                </p>
                {held && <p>{t('tag.heldBy', { person: held.by, reason: held.reason })}</p>}
                {act === 'substitute' &&
                    (card.kind === 'status' ? (
                        <SegmentedControl
                            fullWidth
                            data={[
                                { value: '0', label: t('state.open') },
                                { value: '1', label: t('state.closed') },
                            ]}
                            value={String(value)}
                            onChange={(v) => setValue(Number(v))}
                            data-testid="tag-value"
                        />
                    ) : (
                        <NumberInput
                            label={`${t('tag.value')}${card.unit ? `, ${card.unit}` : ''}`}
                            value={value}
                            onChange={(v) => setValue(Number(v))}
                            data-testid="tag-value"
                        />
                    ))}
                {act !== 'release' && (
                    <TextInput
                        label={t('command.reason')}
                        value={reason}
                        maxLength={300}
                        required={act === 'hold'}
                        onChange={(e) => setReason(e.currentTarget.value)}
                        placeholder={t('command.reasonHint')}
                        data-testid="tag-reason"
                        data-autofocus
                    />
                )}
                <FailureLine failure={run.failure} />
                <Button type="submit" loading={run.busy} disabled={act === 'hold' && !reason.trim()} data-testid="tag-submit">
                    {t(`tag.${act}`)}
                </Button>
                {act === 'substitute' && now.quality === 'substituted' && (
                    <Button variant="default" disabled={run.busy} onClick={() => void run.run(true)} data-testid="tag-remove">
                        {t('tag.removeSubstitution')}
                    </Button>
                )}
            </form>
        </Modal>
    )
}
