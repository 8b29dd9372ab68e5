/** Everything wrong with what was given, with the line it stands in. */
import type { Issue } from '@gridverse/units'
import { useShell } from './shell.ts'

export function IssueList({ issues, name = 'twin-issues' }: { issues: readonly Issue[]; name?: string }) {
    const { t, number } = useShell()
    return (
        <div className="vpp-issues" data-testid={name}>
            <p>{t('vpp.enrol.issues', { count: number(issues.length, 0) })}</p>
            <ul className="study-limits">
                {issues.slice(0, 1000).map((issue, n) => (
                    <li key={n}>
                        {issue.line ? <b>{t('vpp.enrol.line', { line: issue.line })} </b> : null}
                        {issue.message}
                    </li>
                ))}
            </ul>
        </div>
    )
}
