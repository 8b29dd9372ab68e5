import { errorCatalogue } from '@gridverse/platform'
import { expect, test } from 'vitest'
import { read, tableRows } from './sources.ts'

test('docs/errors.md lists exactly the errors the platform answers with', () => {
    const documented = tableRows(read('docs/errors.md')).map(([code, status, about]) => ({
        code: code!.replaceAll('`', ''),
        status: Number(status),
        about,
    }))
    const known = Object.entries(errorCatalogue).map(([code, { status, about }]) => ({ code, status, about }))
    const byCode = (a: { code: string }, b: { code: string }) => a.code.localeCompare(b.code)
    expect(documented.sort(byCode)).toEqual(known.sort(byCode))
})

test('the pages have words for every error, in both languages', () => {
    for (const language of ['en', 'zh'])
        for (const code of Object.keys(errorCatalogue))
            expect(read(`hosts/web/src/text/${language}.ts`), code).toContain(`'error.${code}':`)
})
