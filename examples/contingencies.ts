/** Every branch out in turn, and how much of a flow goes where. */
import { analyseContingencies, computeFactors, loadShippedRegion } from '@gridverse/grid'

const { network } = loadShippedRegion()
const { outages } = analyseContingencies(network)
const count = (status: string) => outages.filter((outage) => outage.status === status).length
console.log(`${outages.length} outages: ${count('converged')} converged, ${count('islanding')} islanding, ${count('diverged')} diverged`)

const [worst] = outages.filter(({ status }) => status === 'converged').sort((a, b) => b.worstLoadingPercent! - a.worstLoadingPercent!)
console.log(`worst: branch ${worst!.branch} out, branch ${worst!.worstBranch} at ${worst!.worstLoadingPercent!.toFixed(1)} %`)

// MW per MW: rows are branches, columns buses (PTDF) or branches out (LODF)
const { ptdf, lodf } = computeFactors(network)
console.log('PTDF', ptdf.length, '×', ptdf[0]!.length, 'LODF of a branch on itself', lodf[0]![0])
