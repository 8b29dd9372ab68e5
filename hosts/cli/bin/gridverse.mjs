#!/usr/bin/env node
// The gridverse command: compiled where it has been built, else (or with GRIDVERSE_SOURCE=1) straight from its sources.
import { existsSync } from 'node:fs'
import { register } from 'node:module'

const built = new URL('../dist/main.js', import.meta.url)
const useSource = process.env.GRIDVERSE_SOURCE === '1' || !existsSync(built)
if (useSource) {
    const tsx = await import('tsx/esm/api')
    tsx.register()
    // packages offer their sources under the condition "source"; a running process takes a condition only by a hook
    const hook =
        'export const resolve = (specifier, context, next) => next(specifier, { ...context, conditions: ["source", ...context.conditions] })'
    register(`data:text/javascript,${encodeURIComponent(hook)}`)
    // processes and threads started from here read sources too
    process.execArgv.push('--conditions=source', '--import', import.meta.resolve('tsx'))
}
const { main } = await import(useSource ? new URL('../src/main.ts', import.meta.url) : built)
process.exitCode = await main(process.argv.slice(2))
