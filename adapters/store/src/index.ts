export { DatabaseUnusable } from './database-unusable.ts'
export { exportLog, verifyExport } from './export-log.ts'
export { openStore, type Store, type StoreOptions } from './open-store.ts'
