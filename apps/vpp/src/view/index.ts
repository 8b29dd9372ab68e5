export { VppDesk, VppResource } from './desk.tsx'
export type { House } from './shell.ts'
