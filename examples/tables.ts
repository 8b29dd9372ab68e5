import { loadShippedRegion, parseCgmes, solvePowerFlow, writeCgmes } from '@gridverse/grid'
import { networkOfTables, networkToTables, powerFlowToTables, readTables, writeParquet, writeTables, zipTables } from '@gridverse/tables'

const { network } = loadShippedRegion()
const flow = solvePowerFlow(network)

// a file for every table, as one archive; and back
const archive = zipTables(writeTables(networkToTables(network), 'parquet'))
const { tables } = await readTables(archive)
console.log(tables.map(({ name, rowCount }) => `${name} ${rowCount}`).join(', '))
console.log(JSON.stringify(networkOfTables(tables).network) === JSON.stringify(network))

// results, a column with its unit
const [bus] = powerFlowToTables(flow, { case: network.name })
console.log(bus?.columns.map(({ name, unit }) => `${name} ${unit}`).join(', '))
console.log(writeParquet(bus!).length > 0)

// the same network as CGMES, its power flow in the state variables
const { files, issues } = writeCgmes(network, { flow })
console.log(files.map(({ name }) => name).join(', '))
console.log(issues.map(({ message }) => message).join('\n'))
console.log(parseCgmes(files).network.bus.length)
