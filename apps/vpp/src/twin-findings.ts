/** What a twin can be told, by what it is about. Words are the desk's English; other languages have the same keys. */
export const findingTexts = {
    'vpp.finding.no-resources': 'No resource is in it yet.',
    'vpp.finding.zone-differs': 'Its clock is {zone}, that of the grid {grid}: departures and prices would be hours apart.',
    'vpp.finding.unknown-feeder': '{feeder} is no branch of this grid.',
    'vpp.finding.import-small':
        'Everything that cannot be put off draws {kw} kW at most; the connection gives {limit} kW. The rest has to come from its own sources.',
    'vpp.finding.export-small':
        'Sun and wind can give {kw} kW; the connection takes {limit} kW beside {load} kW of least demand. The rest is stored, used or curtailed.',
    'vpp.finding.no-meter': 'Behind no meter of the grid: {count} of {all} ({ids}). Their sum cannot be held against anything.',
    'vpp.finding.no-address': 'Without an address: {count} ({ids}). Nothing is heard from there before there is one.',
    'vpp.finding.no-place': 'Sun and wind at 0° 0°: {count} ({ids}); without a place nothing can be forecast of them.',
    'vpp.finding.far': 'More than {km} km away: {count} ({ids}); are latitude and longitude exchanged?',
    'vpp.finding.never-ready': '{count} cannot be charged in their stay ({ids}): the worst gets {percent} % of what it needs.',
    'vpp.finding.cannot-hold': '{count} cannot hold comfort at {air} °C outside ({ids}): the worst misses it by {kelvin} K at full power.',
    'vpp.finding.cold-water': '{count} cannot heat what is drawn in a day ({ids}).',
    'vpp.finding.short-heat': '{count} cannot give the heat or cold wanted of them ({ids}).',
    'vpp.finding.fast-battery': 'Emptied in less than a quarter of an hour: {count} ({ids}); are kW and kWh exchanged?',
    'vpp.finding.unknown-profile': 'A profile nobody knows: {count} ({ids}); known: {known}.',
    'vpp.finding.never-runs': 'Dearer than any hour sells for: {count} ({ids}); used only where power is short.',
    'vpp.finding.flat-prices': 'Prices are the same all day: stores earn nothing by them.',
    'vpp.finding.outside-feeder': 'Connected outside {feeder}: {count} ({ids}).',
    'vpp.finding.unknown-connection': 'At a load this grid does not have: {count} ({ids}); loads are written load/ID.',
    'vpp.finding.dead': 'Where no power comes to as switches stand: {count} ({ids}).',
    'vpp.finding.forecast': '{sun} of sun, {wind} of wind and {load} of load can be forecast by place and profile from the first day.',
    'vpp.finding.days': '{days} days are measured; forecasts of their own are learnt from {needed} on.',
    'vpp.finding.as-is': 'As the grid is now: voltages {low} … {high} p.u., heaviest {branch} at {loading} %.',
    'vpp.finding.all-draw': 'Everything draws {kw} kW at once: voltages {low} … {high} p.u., heaviest {branch} at {loading} %.',
    'vpp.finding.all-give': 'Everything gives {kw} kW at once: voltages {low} … {high} p.u., heaviest {branch} at {loading} %.',
    'vpp.finding.no-solution': 'With {kw} kW there is no power flow: the grid does not carry it (worst at bus {bus}).',
} as const
export type FindingCode = keyof typeof findingTexts extends `vpp.finding.${infer Code}` ? Code : never

export const findingSections = ['place', 'resources', 'market', 'reach', 'forecast', 'extremes'] as const
export type FindingSection = (typeof findingSections)[number]

/** error: it cannot be built so; warning: it can, and somebody should look; note: good to know */
export interface Finding {
    readonly level: 'error' | 'warning' | 'note'
    readonly section: FindingSection
    readonly code: FindingCode
    readonly args: Readonly<Record<string, string | number>>
    /** in English */
    readonly message: string
}

export function finding(level: Finding['level'], section: FindingSection, code: FindingCode, args: Finding['args'] = {}): Finding {
    const message = findingTexts[`vpp.finding.${code}`].replace(/\{(\w+)\}/g, (_, name: string) => String(args[name] ?? ''))
    return { level, section, code, args, message }
}
