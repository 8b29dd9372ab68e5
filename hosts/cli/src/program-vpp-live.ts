/** Commands of `gridverse vpp` that speak with a running platform: its twin, its market, what is asked of it, its day. */
import { type Command, Option } from 'commander'
import { countable, seed } from './arguments.ts'
import { json, tell } from './help.ts'
import type { Terminal } from './terminal.ts'

const platform = () => new Option('--platform <url>', 'running platform; GRIDVERSE_TOKEN holds your token').default('http://127.0.0.1:7400')

/** `day` is the command of a day that is run here; below it stand those of the day in the field. */
export function addLiveVppCommands(vpp: Command, day: Command, terminal: Terminal, done: (code: number) => void): void {
    tell(
        vpp.command('build'),
        'check the twin of a virtual power plant, or build it on a running platform',
        `gridverse vpp build twin.json --check
        gridverse vpp build homes.csv --check --case grid.m --no-trial --json
        GRIDVERSE_TOKEN=… gridverse vpp build twin.json --exact`,
    )
        .argument('<file>', 'the twin (vpp-twin/1), or a fleet as JSON or CSV; "-" for the standard input')
        .option(
            '--check',
            'only look: every issue with its line, findings, power flow at the extremes, a first plan; no platform is needed',
        )
        .option('--case <file>', 'grid it stands in, for --check', 'region')
        .option('--no-trial', 'without a first plan')
        .option('--exact', 'take out resources the file does not have')
        .addOption(platform())
        .addOption(json())
        .action(async (file, options) => {
            const { runVppBuild } = await import('./commands/vpp-twin.ts')
            done(await runVppBuild(file, options, terminal))
        })
    tell(
        vpp.command('export'),
        'write the twin of a running platform as one file that builds again',
        `gridverse vpp export --out twin.json
        gridverse vpp export | jq '.resources | length'`,
    )
        .option('--out <file>', 'in place of the standard output')
        .addOption(platform())
        .action(async (options) => {
            const { runVppExport } = await import('./commands/vpp-twin.ts')
            done(await runVppExport(options, terminal))
        })
    tell(
        vpp.command('market'),
        'prices and limits the plant trades at: shown, changed, and who changed them',
        `gridverse vpp market
        echo '{"importMaxKw": 900}' | gridverse vpp market --set - --reason "transformer in repair"
        gridverse vpp market --history --json`,
    )
        .option('--set <file>', 'JSON with the fields to change; "-" for the standard input')
        .option('--reason <text>', 'why, for the history', '')
        .option('--history', 'every change, newest first')
        .addOption(platform())
        .addOption(json())
        .action(async (options) => {
            const { runVppMarket } = await import('./commands/vpp-market.ts')
            done(await runVppMarket(options, terminal))
        })

    tell(
        vpp.command('weather'),
        'the weather forecast plans of the live fleet are made with: shown, given, taken away',
        `gridverse vpp weather forecast.csv
        gridverse vpp weather --json
        gridverse vpp weather --remove`,
    )
        .argument('[file]', 'CSV (issued,valid,airC,ghiWm2,windMps) or JSON; "-" for the standard input')
        .option('--remove', 'plans go by the climate again')
        .addOption(platform())
        .addOption(json())
        .action(async (file, options) => {
            const { runVppWeather } = await import('./commands/vpp-weather.ts')
            done(await runVppWeather(file, options, terminal))
        })

    const asked = (command: Command, about: string, examples: string) =>
        tell(command, about, examples)
            .argument('<sentence...>', 'what is wanted, in English or Chinese')
            .option('--read', 'only show how it is understood')
            .option('--title <text>', 'of the plan; the sentence where absent')
            .addOption(new Option('--samples <n>', 'days drawn').argParser(countable))
            .addOption(new Option('--keep <n>', 'days kept').argParser(countable))
            .addOption(new Option('--seed <n>', 'seed of the days drawn').argParser(seed))
            .addOption(platform())
            .addOption(json())
            .action(async (words: string[], _, command: Command) => {
                const { runVppRequest } = await import('./commands/vpp-live-day.ts')
                done(await runVppRequest(words.join(' '), command.optsWithGlobals(), terminal))
            })
    asked(
        vpp.command('request'),
        'ask a running platform for a plan, in words, and follow it',
        `gridverse vpp request "plan tomorrow at least cost, keep batteries above 40 % until 18:00, risk budget 2000"
        gridverse vpp request 明天成本最低，18点前电池保持在40%以上 --read --json
        gridverse vpp request next 6 hours least CO2, import at most 500 kW --json | jq .outcome.limits`,
    )
    asked(
        day.command('plan'),
        'ask a running platform for a plan of its day (as vpp request)',
        'gridverse vpp day plan "today at least cost, import at most 900 kW"',
    )
    const step = (name: string, about: string, examples: string) =>
        tell(day.command(name), about, examples).addOption(platform()).addOption(json())
    step('approve', 'approve a finished plan for the field', 'gridverse vpp day approve 3f0c1c1e-…')
        .argument('<plan>', 'id of a finished plan of the live fleet')
        .action(async (plan: string, _, command: Command) => {
            const { runDayApprove } = await import('./commands/vpp-live-day.ts')
            done(await runDayApprove(plan, command.optsWithGlobals(), terminal))
        })
    step('apply', 'run the approved plan in the field', 'gridverse vpp day apply').action(async (_, command: Command) => {
        const { runDayApply } = await import('./commands/vpp-live-day.ts')
        done(await runDayApply(command.optsWithGlobals(), terminal))
    })
    step('status', 'the day in the field: predicted beside realised', 'gridverse vpp day status --json | jq .periods').action(
        async (_, command: Command) => {
            const { runDayStatus } = await import('./commands/vpp-live-day.ts')
            done(await runDayStatus(command.optsWithGlobals(), terminal))
        },
    )
    step('stop', 'stop the day: devices decide by themselves again', 'gridverse vpp day stop --reason "storm warning"')
        .option('--reason <text>', 'why, for the log', '')
        .action(async (_, command: Command) => {
            const { runDayStop } = await import('./commands/vpp-live-day.ts')
            done(await runDayStop(command.optsWithGlobals(), terminal))
        })
    for (const command of day.commands) command.helpOption('-h, --help', 'show help')
}
