/** `gridverse check FILE`: everything wrong or doubtful in a case, with its lines. */
import { errorsOf } from '@gridverse/units'
import { inspectCase } from '../case-file.ts'
import { describeIssue, exit } from '../failure.ts'
import { paint, type Terminal } from '../terminal.ts'

export async function runCheck(file: string, options: { readonly json?: boolean }, terminal: Terminal): Promise<number> {
    const { format, network, issues } = await inspectCase(file, terminal)
    const errors = errorsOf(issues).length
    const warnings = issues.length - errors
    if (options.json) terminal.out(`${JSON.stringify({ format, issues })}\n`)
    else {
        for (const issue of issues) terminal.out(describeIssue(terminal, file, issue))
        const counts = `${network.bus.length} buses, ${network.branch.length} branches, ${network.generator.length} generators`
        const verdict = errors ? paint(terminal, 'red', `${errors} error${errors === 1 ? '' : 's'}`) : paint(terminal, 'green', 'no errors')
        const doubts = warnings ? `, ${paint(terminal, 'yellow', `${warnings} warning${warnings === 1 ? '' : 's'}`)}` : ''
        terminal.out(`${file}: ${verdict}${doubts} (${format}, ${counts})\n`)
    }
    return errors ? exit.badInput : exit.done
}
