/** The inspector of a device of the virtual power plant: what its desk shows of it. */
import { VppResource } from '@gridverse/vpp/view'
import { pick } from '../model/state.ts'
import { useDeskHouse } from './desk-house.tsx'

export function ResourceInspector({ id }: { id: string }) {
    return (
        <div className="inspector" data-testid="inspector" data-component={`resource/${id}`}>
            <VppResource house={useDeskHouse('vpp')} id={id} close={() => pick('')} />
        </div>
    )
}
