export { errorCatalogue } from './api-error.ts'
export { CannotStart } from './cannot-start.ts'
export type { PlatformOptions } from './config.ts'
export { type RunningPlatform, runPlatform } from './run.ts'
