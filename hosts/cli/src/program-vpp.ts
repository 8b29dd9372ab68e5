/** `gridverse vpp …`: a virtual power plant planned, run, learnt from and dispatched. */
import { Argument, type Command, Option } from 'commander'
import { calendarDate, countable, finite, latitude, names, positive, seed, share, shares, threads, uncertain } from './arguments.ts'
import { exits, json, tell } from './help.ts'
import { addLiveVppCommands } from './program-vpp-live.ts'
import type { Terminal } from './terminal.ts'

/** figures the resources of a fleet are sorted by */
const sorts = ['register', 'ageS', 'syncErrorKw', 'syncErrorPercent', 'pKw', 'socPercent', 'coverage']

/** Adds the commands below `vpp`; `done` receives the exit code of the one that ran. */
export function addVppCommands(program: Command, terminal: Terminal, done: (code: number) => void): Command {
    const vpp = program
        .command('vpp')
        .summary('plan the day of a virtual power plant under risk')
        .description('The cheapest safe day of a virtual power plant whose sun, wind and load are known by scenarios only')
        .addHelpText(
            'after',
            `\nExamples:\n  gridverse vpp schedule day.json --beta 0.5\n  gridverse vpp frontier day.json --betas 0,0.25,0.5\n${exits}`,
        )
    const planned = (name: string, about: string, examples: string) =>
        tell(vpp.command(name), about, examples)
            .argument('<instance>', 'plant, prices and scenarios (vpp-instance/1, JSON); "-" for the standard input')
            .addOption(
                new Option(
                    '--gap <share>',
                    'relative gap at which the plan is good enough (default: 1e-9; 1e-4 by decomposition)',
                ).argParser(share),
            )
            .addOption(new Option('--time-limit <s>', 'stop each plan after so many seconds, with the best found').argParser(positive))
            .addOption(json())
    planned(
        'schedule',
        'find the cheapest schedule at a weight of risk',
        `gridverse vpp schedule day.json
        gridverse vpp schedule day.json --beta 0.5 --solution plan.json
        gridverse vpp schedule day.json --unit battery --balance
        gridverse vpp schedule day.json --json | jq .costs`,
    )
        .addOption(new Option('--beta <share>', "weight of risk, 0 to 1 (default: the instance's own)").argParser(share))
        .addOption(
            new Option('--risk-budget <cost>', 'largest CVaR allowed; without a schedule that keeps it, the least is told').argParser(
                finite,
            ),
        )
        .addOption(
            new Option('--method <name>', 'all scenarios in one program, or each beside the first stage; by size where absent').choices([
                'extensive',
                'decomposition',
            ]),
        )
        .option('--solution <file>', 'keep the whole schedule, every scenario, as JSON')
        .option('--unit <name>', 'setpoints of this unit step by step, by rules and by the plan; "all" for every unit')
        .option('--balance', 'residual of every balance step by step')
        .option('--check-feeder', 'also solve every period of the feeder by AC power flow')
        .option('--baselines', 'also price a rule-based plan and a plan for the forecast on the same scenarios')
        .action(async (file, options) => {
            const { runVppSchedule } = await import('./commands/vpp.ts')
            done(await runVppSchedule(file, options, terminal))
        })
    planned(
        'frontier',
        'expected cost and risk over several weights of risk',
        `gridverse vpp frontier day.json
        gridverse vpp frontier day.json --betas 0,0.1,0.5,0.9 --json`,
    )
        .addOption(new Option('--betas <list>', 'weights of risk, 0 to 1').argParser(shares).default([0, 0.25, 0.5, 0.75, 0.95]))
        .action(async (file, options) => {
            const { runVppFrontier } = await import('./commands/vpp.ts')
            done(await runVppFrontier(file, options, terminal))
        })
    planned(
        'front',
        'schedules between least cost, risk, carbon dioxide and curtailed energy',
        `gridverse vpp front day.json --points 12
        gridverse vpp front day.json --pick 3 --solution plan.json
        gridverse vpp front day.json --json | jq '.points[] | [.expectedCost, .co2Kg]'`,
    )
        .addOption(new Option('--points <n>', 'schedules to look for').argParser(countable).default(12))
        .addOption(new Option('--pick <n>', 'point whose schedule is kept').argParser(countable))
        .option('--solution <file>', 'keep the schedule of the point picked (the cheapest where none is), as JSON')
        .action(async (file, options) => {
            const { runVppFront } = await import('./commands/vpp.ts')
            done(await runVppFront(file, options, terminal))
        })
    planned(
        'evaluate',
        'what ignoring uncertainty costs, and what knowing more would be worth',
        `gridverse vpp evaluate day.json
        gridverse vpp evaluate day.json --json | jq .vss`,
    ).action(async (file, options) => {
        const { runVppEvaluate } = await import('./commands/vpp.ts')
        done(await runVppEvaluate(file, options, terminal))
    })

    planned(
        'claims',
        'what is claimed of virtual power plants, tried on this one',
        `gridverse vpp claims day.json
        gridverse vpp claims day.json --reach --csv reach.csv
        gridverse vpp claims day.json --only c,2k --set spread=2 --sweep flexibility=0.5,1,2 --json`,
    )
        .addOption(new Option('--betas <list>', 'weights of risk, ascending').argParser(shares).default([0, 0.5, 0.95]))
        .addOption(new Option('--only <list>', 'claims tried: a-buyer, a-seller, b1, … 3d (default: all)').argParser(names))
        .option(
            '--set <name=value...>',
            'the plant changed first: sun, spread, flexibility, load, storage, missing (multiples), curtailCost (per kWh), risk (weight)',
        )
        .option('--reach', 'also how far each holds: every parameter over its own range, borders found by halving')
        .option('--sweep <name=list...>', 'in place of the own ranges: a parameter over these values')
        .option('--csv <file>', 'every figure of every experiment as a row')
        .action(async (file, options) => {
            const { runVppClaims } = await import('./commands/vpp-claims.ts')
            done(await runVppClaims(file, options, terminal))
        })
    vpp.command('scenarios')
        .summary('draw days that could be, and keep those that stand for all')
        .description('Draw days that could be, and keep those that stand for all')
        .argument('<instance>', 'plant and prices (vpp-instance/1, JSON); "-" for the standard input')
        .addOption(new Option('--samples <n>', 'how many days to draw').argParser(countable).default(200))
        .addOption(new Option('--count <n>', 'the same').argParser(countable))
        .addOption(new Option('--keep <n>', 'how many to keep').argParser(countable).default(10))
        .addOption(new Option('--seed <n>', 'seed of the days').argParser(seed).default(0))
        .addOption(new Option('--lat <deg>', 'latitude, north positive (default: 31.2)').argParser(latitude))
        .addOption(new Option('--day <n>', 'day of the year (default: 250)').argParser(countable))
        .addOption(new Option('--air <°C>', "mean of the day's air (default: 25)").argParser(finite))
        .addOption(new Option('--noon <h>', "the clock's hour when the sun is highest (default: 12)").argParser(positive))
        .option('--no-weather', 'wind and air as forecast')
        .addOption(new Option('--certain <list>', 'as forecast: pv, wind, load, price, air, ev').argParser(uncertain))
        .option('--history <days>', 'measured days (as vpp learn reads them): the process is calibrated to them')
        .addOption(
            new Option('--method <name>', 'with --history: the calibrated process, or days put together of those measured').choices([
                'copula',
                'analog',
            ]),
        )
        .addOption(new Option('--block <h>', 'with --method analog: length of the pieces, hours (default: 24)').argParser(positive))
        .option('--evaluate', 'try every day under one plan: what it costs')
        .addOption(new Option('--beta <share>', "weight of risk of that plan, 0 to 1 (default: the instance's own)").argParser(share))
        .addOption(new Option('--workers <n>', 'threads (default: one a processor where worth while)').argParser(threads))
        .option('--out <file>', 'FILE.parquet: every day, kept on Ctrl-C and continued; other: the instance with the days kept')
        .option('--table <file>', 'every day as a Parquet file, beside an instance in --out')
        .addOption(json())
        .addHelpText(
            'after',
            `
Examples:
  gridverse vpp scenarios plant.json --samples 500 --keep 20 --seed 7 --out day.json
  gridverse vpp scenarios plant.json --lat 48 --day 172 --count 10000 --workers 8 --out days.parquet
  gridverse vpp scenarios plant.json --history measured.csv --evaluate --out tried.parquet
${exits}`,
        )
        .action(async (file, options) => {
            const { runVppScenarios } = await import('./commands/vpp-scenarios.ts')
            done(await runVppScenarios(file, options, terminal))
        })

    const drawn = (name: string, about: string, examples: string) =>
        tell(vpp.command(name), about, examples)
            .argument(
                '[instance]',
                'plant and prices (vpp-instance/1, JSON); "-" for the standard input, the shipped district where absent',
            )
            .addOption(new Option('--seed <n>', 'seed of the days').argParser(seed).default(0))
            .addOption(new Option('--lat <deg>', "latitude, north positive (default: 31.2, the district's 42.5)").argParser(latitude))
            .addOption(new Option('--own-day <n>', "day of the year the plant's figures are of (default: 250)").argParser(countable))
            .addOption(new Option('--samples <n>', 'days drawn for each decision (default: 60)').argParser(countable))
            .addOption(new Option('--keep <n>', 'of these kept (default: 5)').argParser(countable))
            .addOption(new Option('--beta <share>', "weight of risk, 0 to 1 (default: the instance's own)").argParser(share))
            .addOption(new Option('--gap <share>', 'relative gap of the decisions of the day before (default: 0.005)').argParser(share))
            .addOption(
                new Option('--commitments <how>', 'turbines on the day: as decided the day before, or started and stopped anew')
                    .choices(['fixed', 'free'])
                    .default('fixed'),
            )
            .addOption(
                new Option('--outlook <how>', 'what the rest of a day is decided on: what is expected of it, or scenarios about that')
                    .choices(['expected', 'fan'])
                    .default('expected'),
            )
            .addOption(json())
    const day = drawn(
        'day',
        'decide, run and settle one day of a plant, with faults where wished',
        `gridverse vpp day                                the shipped district
        gridverse vpp day plant.json --date 2026-06-21 --seed 3 --json | jq .settlement
        gridverse vpp day --fault "gas engine@14-20" --fault "battery@8-24=0.5" --silence 10-12`,
    )
        .addOption(new Option('--date <date>', 'YYYY-MM-DD').argParser(calendarDate).default('2026-09-07'))
        .option('--fault <device@from-to...>', 'a device without power in these periods; =SHARE leaves it some')
        .option('--silence <from-to...>', 'periods without communication: devices keep themselves safe')
        .action(async (file, options) => {
            const { runVppDay } = await import('./commands/vpp-day.ts')
            done(await runVppDay(file, options, terminal))
        })
    drawn(
        'year',
        'run a plant day after day, against rules and a plan nobody changes',
        `gridverse vpp year                               a year of the shipped district
        gridverse vpp year plant.json --lat 48 --from 2026-04-01 --days 90 --seed 7
        gridverse vpp year plant.json --out year.parquet  Ctrl-C keeps what is done; the same command continues`,
    )
        .addOption(new Option('--days <n>', 'how many').argParser(countable).default(365))
        .addOption(new Option('--from <date>', 'first day, YYYY-MM-DD').argParser(calendarDate).default('2026-01-01'))
        .addOption(new Option('--workers <n>', 'threads (default: one a processor)').argParser(threads))
        .option('--out <file>', 'every day as a Parquet file')
        .action(async (file, options) => {
            const { runVppYear } = await import('./commands/vpp-year.ts')
            done(await runVppYear(file, options, terminal))
        })

    vpp.command('learn')
        .summary('learn from measured days, and say what would be put to use')
        .description(
            'Learn forecasts, the process of days and a policy from measured days; hold each against what it would replace on days not seen',
        )
        .argument(
            '<days>',
            'CSV, Parquet or Arrow: day and period, or time; pv/NAME, wind/NAME, load kW, price per kWh, air °C; "-" for CSV',
        )
        .option('--plant <instance>', 'the plant (vpp-instance/1): capacities, and what policies are tried on')
        .addOption(new Option('--lat <deg>', 'latitude, north positive (default: 31.2)').argParser(latitude))
        .addOption(new Option('--noon <h>', "the clock's hour when the sun is highest (default: 12)").argParser(positive))
        .addOption(new Option('--held-out <n>', 'days held out (default: a quarter, 7 to 28)').argParser(countable))
        .addOption(new Option('--tune <list>', 'weights of risk to try on past days').argParser(shares))
        .addOption(new Option('--tune-days <n>', 'on so many of the last days').argParser(countable).default(14))
        .addOption(new Option('--keep <n>', 'days that stand for all in each plan tried').argParser(countable).default(10))
        .addOption(new Option('--seed <n>', 'seed of the days drawn for policies').argParser(seed).default(0))
        .addOption(json())
        .addHelpText(
            'after',
            `
Examples:
  gridverse vpp learn days.csv --lat 48
  gridverse vpp learn days.parquet --plant plant.json --tune 0,0.2,0.5 --tune-days 10
  gridverse vpp learn days.csv --json | jq .verdicts
${exits}`,
        )
        .action(async (file, options) => {
            const { runVppLearn } = await import('./commands/vpp-learn.ts')
            done(await runVppLearn(file, options, terminal))
        })

    const live = (name: string, about: string, examples: string) =>
        tell(vpp.command(name), about, examples)
            .addOption(
                new Option('--platform <url>', 'running platform; GRIDVERSE_TOKEN holds your token').default('http://127.0.0.1:7400'),
            )
            .addOption(json())
    live(
        'enrol',
        'enrol distributed resources from a file',
        `gridverse vpp enrol homes.csv --check
        GRIDVERSE_TOKEN=… gridverse vpp enrol homes.csv --partial
        gridverse vpp enrol homes.json --replace --platform http://twin:7400 --json`,
    )
        .argument('<file>', 'CSV with a header, or a JSON array of resources; "-" for the standard input')
        .option('--check', 'only look at the file; no platform is needed')
        .option('--partial', 'take what is right and refuse the rest; without it any error takes nothing')
        .option('--replace', 'give resources already enrolled their new description')
        .action(async (file, options) => {
            const { runVppEnrol } = await import('./commands/vpp-fleet.ts')
            done(await runVppEnrol(file, options, terminal))
        })
    live(
        'fleet',
        'what the fleet does and could do, now or at any past moment, by group and by resource',
        `gridverse vpp fleet
        gridverse vpp fleet --json | jq .tiles
        gridverse vpp fleet --at 2026-11-22T12:34:56Z
        gridverse vpp fleet --resources --sort syncErrorKw --limit 20`,
    )
        .option('--at <time>', 'as it was then, from what was kept: ISO 8601, or Unix milliseconds')
        .option('--resources', 'each resource too: age of its last measurement, error of its twin, what it gives')
        .addOption(new Option('--sort <figure>', 'of the resources, the greatest first').choices(sorts).default('register'))
        .addOption(new Option('--group <id>', 'resources of this group only'))
        .addOption(new Option('--limit <n>', 'resources at most').argParser(countable).default(50))
        .action(async (options) => {
            const { runVppFleet } = await import('./commands/vpp-fleet.ts')
            done(await runVppFleet(options, terminal))
        })
    live(
        'field',
        'who the day is planned without, before and after, and what was sent to the field and acknowledged',
        `gridverse vpp field
        gridverse vpp field --json | jq '.lost, .changes[-1]'`,
    )
        .addOption(new Option('--limit <n>', 'messages at most').argParser(countable).default(20))
        .action(async (options) => {
            const { runVppField } = await import('./commands/vpp-field.ts')
            done(await runVppField(options, terminal))
        })
    live(
        'dispatch',
        'order a power of groups or resources, and watch it confirmed',
        `gridverse vpp dispatch --groups works,market --total 300 --reason "evening peak"
        gridverse vpp dispatch --resources hall-battery --total -20 --for 3600 --reason test
        gridverse vpp dispatch --groups works --release --reason "peak is over"`,
    )
        .addOption(new Option('--groups <list>', 'groups, by comma; the whole fleet without groups and resources').argParser(names))
        .addOption(new Option('--resources <list>', 'resources, by comma').argParser(names))
        .addOption(new Option('--total <kW>', 'power of all of them together, into the network positive').argParser(finite))
        .option('--release', 'let them decide by themselves again')
        .addOption(new Option('--for <s>', 'how long it stands (default: 900)').argParser(positive))
        .requiredOption('--reason <text>', 'why, for the log')
        .action(async (options) => {
            const { runVppDispatch } = await import('./commands/vpp-fleet.ts')
            done(await runVppDispatch(options, terminal))
        })
    live(
        'post',
        'have a charging post start or end a session, let go of the cable, or restart',
        `gridverse vpp post street-1 start --token guest --reason "a guest"
        gridverse vpp post street-1 unlock --reason "cable stuck"
        gridverse vpp post street-1 reset --hard --reason "does not answer" --json`,
    )
        .argument('<resource>', 'a resource that speaks OCPP')
        .addArgument(new Argument('<act>', 'what it shall do').choices(['start', 'stop', 'unlock', 'reset']))
        .addOption(new Option('--token <id>', 'start: in whose name it charges (default: operator)'))
        .option('--hard', 'reset: without waiting for sessions')
        .requiredOption('--reason <text>', 'why, for the log')
        .action(async (resource, act, options) => {
            const { runVppPost } = await import('./commands/vpp-post.ts')
            done(await runVppPost(resource, act, options, terminal))
        })
    addLiveVppCommands(vpp, day, terminal, done)
    return vpp
}
