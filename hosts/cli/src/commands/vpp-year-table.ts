/** Days of `gridverse vpp year` as a Parquet file: a row a day, with what is needed to go on from it. */
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { type DataColumn, readParquet, writeParquet } from '@gridverse/tables'
import { dayPolicies, type YearDay } from '@gridverse/vpp'

const keyName = 'gridverse.key'

/** The file is the old or the new one at every moment. */
export async function writeYearTable(
    file: string,
    days: readonly YearDay[],
    currency: string,
    metadata: Readonly<Record<string, string>>,
    key: string,
) {
    const column = (
        name: string,
        type: DataColumn['type'],
        unit: string,
        about: string,
        of: (day: YearDay) => number | string,
    ): DataColumn => ({
        name,
        type,
        unit,
        about,
        values: days.map((day) => {
            const value = of(day)
            return Number.isNaN(value) ? null : value
        }),
    })
    const cents = `${currency}/100`
    const table = {
        name: 'vpp-year',
        rowCount: days.length,
        metadata: { ...metadata, [keyName]: key },
        columns: [
            column('date', 'text', '', 'day run', (d) => d.date),
            column('expectedCost', 'num', currency, 'expected by the decision of the day before', (d) => d.expectedCost),
            column('cvar', 'num', currency, 'conditional value at risk of that decision', (d) => d.cvar),
            column('renewableKwh', 'num', 'kWh', 'sun and wind available', (d) => d.renewableKwh),
            column('tradedKwh', 'num', 'kWh', 'bought and sold the day before', (d) => d.tradedKwh),
            column('relaxed', 'int', '', 'periods in which limits gave way or nothing could be decided', (d) => d.relaxed),
            ...dayPolicies.flatMap((p) => [
                column(`${p}.cost`, 'int', cents, 'settled cost of the day, cost positive', (d) => d.policies[p].cost),
                ...Object.keys(days[0]?.policies[p].components ?? {}).map((c) =>
                    column(`${p}.${c}`, 'int', cents, 'part of the cost', (d) => d.policies[p].components[c as 'fuel']),
                ),
                column(`${p}.curtailedKwh`, 'num', 'kWh', 'sun and wind not taken', (d) => d.policies[p].curtailedKwh),
                column(`${p}.co2Kg`, 'num', 'kg', 'of turbines and boilers', (d) => d.policies[p].co2Kg),
                column(`${p}.imbalanceKwh`, 'num', 'kWh', 'missing and excess energy', (d) => d.policies[p].imbalanceKwh),
                column(`${p}.violations`, 'int', '', 'promises not kept', (d) => d.policies[p].violations),
                column(`${p}.comfortKh`, 'num', 'K·h', 'rooms outside comfort', (d) => d.policies[p].service.comfortKh),
                column(`${p}.evShortKwh`, 'num', 'kWh', 'vehicles left short', (d) => d.policies[p].service.evShortKwh),
                column(`${p}.waterShortKwh`, 'num', 'kWh', 'hot water short', (d) => d.policies[p].service.waterShortKwh),
                column(`${p}.taskShortKwh`, 'num', 'kWh', 'production not done', (d) => d.policies[p].service.taskShortKwh),
            ]),
            column('day', 'text', '', 'everything of the day as JSON, to go on from', (d) => JSON.stringify(d)),
        ],
    }
    await writeFile(`${file}.part`, writeParquet(table))
    await rename(`${file}.part`, file)
}

/** Days of an earlier file of the same year; `other` where the file is of something else. */
export async function readYearTable(file: string, key: string): Promise<YearDay[] | 'other'> {
    if (!existsSync(file)) return []
    try {
        const table = await readParquet(await readFile(file))
        if (table.metadata[keyName] !== key) return 'other'
        return Array.from(table.columns.find((c) => c.name === 'day')!.values as readonly string[], (text) => JSON.parse(text) as YearDay)
    } catch {
        return 'other'
    }
}
