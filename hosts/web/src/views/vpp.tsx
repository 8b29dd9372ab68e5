/** The virtual power plant's desk, mounted in the house. */
import { VppDesk } from '@gridverse/vpp/view'
import { useDeskHouse } from './desk-house.tsx'

export function VppView() {
    return <VppDesk house={useDeskHouse('vpp')} />
}
