/** A table with units: its type, its defaults, its checks and its manual page follow from one description. */
import { checkRow, describeTable, fillRow, num, text } from '@gridverse/units'

const line = {
    id: text('unique among lines'),
    lengthKm: num('km', 'route length', { above: 0 }),
    rOhmPerKm: num('Ω/km', 'series resistance', { min: 0, default: 0.1 }),
}
console.log(fillRow(line, { id: 'L1', lengthKm: 12 }))
for (const { message } of checkRow(line, { id: 'L2', lengthKm: -3 }, 'line/0')) console.log(message)
console.log(describeTable('Line', line))
