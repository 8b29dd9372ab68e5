/** The keys, on `?`. */
import { Modal } from '@mantine/core'
import { type Key, t } from '../text/index.ts'
import { TourList } from '../tour/offer.tsx'

const keys: readonly (readonly [string, Key])[] = [
    ['Ctrl K  /', 'keys.palette'],
    ['Alt 1 … 9', 'keys.views'],
    ['Esc', 'keys.unpick'],
    ['← ↑ → ↓  + −', 'keys.move'],
    ['Shift ← → ↑ ↓', 'keys.turn'],
    ['.  ,', 'keys.places'],
    ['0  Home', 'keys.fit'],
    ['Enter', 'keys.open'],
    ['A  ↑ ↓', 'keys.alarm'],
    ['↑ ↓ ← →', 'keys.rows'],
    ['Enter / Space', 'keys.hold'],
    ['← →', 'keys.scrub'],
    ['?', 'keys.help'],
]

export function KeysHelp({ close }: { close: () => void }) {
    return (
        <Modal opened onClose={close} title={t('keys.title')} size="sm">
            <h3>{t('tour.list')}</h3>
            <TourList begun={close} />
            <h3>{t('keys.list')}</h3>
            <dl className="keys">
                {keys.map(([key, about]) => (
                    <div key={about}>
                        <dt>
                            <kbd>{key}</kbd>
                        </dt>
                        <dd>{t(about)}</dd>
                    </div>
                ))}
            </dl>
        </Modal>
    )
}
