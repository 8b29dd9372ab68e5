/** CGMES among the case formats: as one archive, or as a folder of XML files. */
import { type CaseContent, type CaseFormat, isFolder, notKept } from '../case-format.ts'
import type { Network } from '../network.ts'
import type { Region } from '../region.ts'
import { openCgmes, zipCgmes, zipEntries } from './files.ts'
import { parseCgmes } from './read.ts'
import { writeCgmes } from './write.ts'

const isRdf = (text: string) => /<\?xml|<rdf:RDF/.test(text.slice(0, 200)) && /<(\w+:)?RDF\b/.test(text.slice(0, 4000))

function holdsDocuments(content: CaseContent): boolean {
    if (typeof content === 'string') return isRdf(content)
    if (!isFolder(content)) return zipEntries(content).some((name) => /\.(xml|zip)$/i.test(name))
    return [...content].some(([name, part]) => (typeof part === 'string' ? /\.xml$/i.test(name) && isRdf(part) : holdsDocuments(part)))
}

function write(network: Network, region: Region | undefined) {
    const { files, issues } = writeCgmes(network, region ? { switches: region.switch, sites: region.site, units: region.unit } : {})
    const lost = region ? [notKept('region/unit', 'CGMES has no ramps, profiles and Chinese names of units: they are left out')] : []
    return { files, issues: [...lost, ...issues] }
}

export const cgmes: CaseFormat = {
    id: 'cgmes',
    about: 'CGMES 2.4.15',
    extensions: ['.zip'],
    detect: holdsDocuments,
    parse(content, name, progress) {
        const { files, issues } = openCgmes(content, name)
        const found = parseCgmes(files, { name, ...(progress ? { progress } : {}) })
        const { region } = found
        return { network: found.network, ...(region ? { region } : {}), issues: [...issues, ...found.issues], placeOf: found.placeOf }
    },
    write(network, region) {
        const { files, issues } = write(network, region)
        return { content: zipCgmes(files), issues }
    },
}

export const cgmesFiles: CaseFormat = {
    ...cgmes,
    id: 'cgmes-xml',
    about: 'CGMES 2.4.15 as a folder of XML files',
    extensions: ['.xml', '/'],
    write(network, region) {
        const { files, issues } = write(network, region)
        return { content: new Map(files.map(({ name, text }) => [name, text])), issues }
    },
}
