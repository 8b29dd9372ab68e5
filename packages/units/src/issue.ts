/** One thing wrong with given data, in words a person can act on. */
export interface Issue {
    /** stable name of the rule, kebab-case: `missing-bus`, `out-of-range` */
    readonly code: string
    /** where in the data: `branch/L12/xPu` */
    readonly path: string
    /** name of the file the line is of, where a case has several */
    readonly file?: string
    /** 1-based line of the file it was read from, when there is one */
    readonly line?: number
    /** names the thing, the value, the limit and the likely cause */
    readonly message: string
    /** a warning does not stop the work; absent means error */
    readonly severity?: 'error' | 'warning'
}

/** The issues that stop the work. */
export function errorsOf(issues: readonly Issue[]): Issue[] {
    return issues.filter((issue) => issue.severity !== 'warning')
}
