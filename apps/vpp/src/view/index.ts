export { VppDesk } from './desk.tsx'
export type { House } from './shell.ts'
