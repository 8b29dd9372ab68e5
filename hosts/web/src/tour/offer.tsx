/** The tours to choose from: for who has just come in, in the help, and for who asks. */
import './tour.css'
import { useCell, useLang } from '../parts/use.ts'
import { t } from '../text/index.ts'
import { beginTour, offered, tours } from './list.ts'

export function TourList({ begun }: { begun?: () => void }) {
    const lang = useLang()
    return (
        <ul className="tour-list">
            {tours.map(({ id, title, about, minutes }) => (
                <li key={id}>
                    <button
                        type="button"
                        onClick={() => {
                            begun?.()
                            beginTour(id)
                        }}
                        data-testid={`tour-begin-${id}`}
                    >
                        <b>{title[lang]}</b> <small>{t('tour.minutes', { n: minutes })}</small>
                        <span>{about[lang]}</span>
                    </button>
                </li>
            ))}
        </ul>
    )
}

export function TourOffer() {
    useLang()
    if (!useCell(offered)) return null
    return (
        <section className="tour-card is-bottom-right" aria-label={t('tour.offer')} data-testid="tour-offer">
            <h2>{t('tour.offer')}</h2>
            <p>{t('tour.offerAbout')}</p>
            <TourList />
            <footer>
                <button type="button" onClick={() => offered.set(false)} data-testid="tour-not-now">
                    {t('tour.notNow')}
                </button>
            </footer>
        </section>
    )
}
