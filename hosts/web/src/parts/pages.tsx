/** Loading, empty, failed and refused, each saying what to do next. */
import { Button, Loader } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Failure } from '../model/api.ts'
import { t } from '../text/index.ts'
import { failureText } from './said-text.ts'

export function Loading({ what }: { what?: string }) {
    return (
        <div className="state-page" role="status">
            <Loader size="sm" type="dots" color="gray" />
            <p>{what ?? t('page.loading')}</p>
        </div>
    )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
    return (
        <div className="state-page">
            <h2>{title}</h2>
            {children && <p>{children}</p>}
        </div>
    )
}

export function Failed({ failure, retry }: { failure: Failure; retry?: () => void }) {
    return (
        <div className="state-page" role="alert">
            <h2>{t('page.failed')}</h2>
            <p>{failureText(failure)}</p>
            {retry && (
                <Button variant="default" onClick={retry}>
                    {t('action.retry')}
                </Button>
            )}
        </div>
    )
}

export function FailureLine({ failure }: { failure: Failure | undefined }) {
    return failure ? (
        <p className="failure-line" role="alert">
            {failureText(failure)}
        </p>
    ) : null
}

export function PageHead({ title, about, children }: { title: string; about?: ReactNode; children?: ReactNode }) {
    return (
        <header className="page-head">
            <div>
                <h1>{title}</h1>
                {about && <p>{about}</p>}
            </div>
            {children && <div className="page-tools">{children}</div>}
        </header>
    )
}
