/** The commands, their options and help. What a command does is loaded when it is called, so that the others cost nothing. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { shells, writeCompletion } from './completion.ts'
import { exit } from './failure.ts'
import type { Terminal } from './terminal.ts'

const caseHelp = `
CASE is a case of any format Gridverse reads (MATPOWER, Gridverse, pandapower, PSS/E RAW 33 and 35, IEEE CDF, RTS-GMLC
folder, CGMES, Parquet and Arrow tables), told by its content, "-" for the standard input, or the word "region" for the region that ships.`

/** ids of the formats that can be written; the kernel's own list would be loaded with it */
export const writtenFormats = [
    'matpower',
    'network',
    'region',
    'pandapower',
    'psse33',
    'psse35',
    'cdf',
    'rts-gmlc',
    'cgmes',
    'cgmes-xml',
    'parquet',
    'arrow',
]

const exits = `
Exit codes: 0 done, 1 bad input (--json: {"issues":[…]}), 2 no solution, 64 wrong use of the command line.`

/** The program; `done` receives the exit code of the command that ran. */
export function createProgram(version: string, terminal: Terminal, done: (code: number) => void): Command {
    const program = new Command('gridverse')
        .description('A living twin of a power system, and the tools of its grid kernel')
        .version(version, '-V, --version', 'print the version')
        .helpOption('-h, --help', 'show help')
        .helpCommand('help [command]', 'show help of a command')
        .configureOutput({
            writeOut: (text) => terminal.out(text),
            writeErr: (text) => terminal.err(text),
            getOutHasColors: () => terminal.colour,
        })
        .exitOverride()
        .addHelpText(
            'after',
            `
Examples:
  gridverse start                                  the twin of the shipped region, with its simulated plant
  gridverse powerflow case118.m                    solve a case
  gridverse estimate case14.m --measurements m.json
  gridverse check mycase.m                         everything wrong with a file, line by line
${exits}`,
        )
    program.showHelpAfterError('(gridverse --help shows the commands, gridverse help COMMAND its options)')
    const json = () => new Option('--json', 'print one JSON value and nothing else on the standard output')
    const summary = () => new Option('--summary', 'print the first lines only, without tables')

    const add = (name: string, about: string, examples: string) =>
        program
            .command(name)
            .summary(about)
            .description(about)
            .addHelpText('after', `\nExamples:\n${examples.trim().replace(/^ */gm, '  ')}\n${exits}`)

    add(
        'powerflow',
        'solve the power flow of a case',
        `gridverse powerflow case14.m
        gridverse powerflow case118.m --start auto --q-limits --slack distributed
        gridverse powerflow case9.m --participation G1=1,G2=2
        gridverse powerflow overloaded.m --explain       why it has no solution, and what has
        gridverse powerflow case9241pegase.m --method dc --summary
        gridverse powerflow region --json`,
    )
        .argument('<case>', 'case to solve')
        .addOption(new Option('--method <name>', 'how to solve').choices(['newton', 'fast-decoupled', 'dc']).default('newton'))
        .addOption(new Option('--start <voltages>', 'voltages to start from').choices(['case', 'flat', 'auto']).default('case'))
        .addOption(
            new Option('--slack <who>', 'gives what is lacking: the slack buses, or all generators by their room')
                .choices(['single', 'distributed'])
                .default('single'),
        )
        .option('--participation <weights>', 'who shares a distributed slack, by weight: G1=2,G3=1, or a file, JSON {"G1": 2} or CSV')
        .option('--q-limits', 'generators at PV buses keep within their reactive limits; the slack is exempt')
        .option('--controls', 'taps, phase shifters, shunts and remote voltages move to hold what they control')
        .option('--explain', 'without a solution say everything found about why; some of it is said anyhow')
        .option('--no-explain', 'without a solution look for no causes')
        .addOption(new Option('--tolerance <p.u.>', 'largest mismatch left at a bus').argParser(positive).default(1e-8))
        .addOption(new Option('--max-iterations <n>', 'give up after this many').argParser(wholeNumber))
        .addOption(summary())
        .addOption(json())
        .addHelpText('after', caseHelp)
        .action(async (file, options) => {
            const { runPowerflow } = await import('./commands/powerflow.ts')
            done(await runPowerflow(file, options, terminal))
        })

    add(
        'timeseries',
        'solve the power flow of a case step after step',
        `gridverse timeseries case14.m --profiles day.csv
        gridverse timeseries case14.m --profiles year.csv --out result.csv --watch bus/9/vmPu,branch/L2/loadingPercent`,
    )
        .argument('<case>', 'case to vary')
        .requiredOption('--profiles <file>', 'CSV: a line of names (load/L1/pMw, …), then a line for each step')
        .option('--watch <names>', 'further columns of the answer, apart by commas', (names: string) => names.split(','))
        .option('--q-limits', 'generators at PV buses keep within their reactive limits; the slack is exempt')
        .option('--out <file>', 'write a row for every step, CSV; after Ctrl-C the same command continues there')
        .addOption(json())
        .addHelpText(
            'after',
            `
A first column named time, timestamp, step or date labels the steps. Columns: load pMw qMvar inService, generator pMw qMvar
vSetPu inService, storage pMw qMvar inService, shunt bMvar inService, branch inService ratio shiftDeg. An empty cell is
what the case says. Each step starts from the one before.
${caseHelp}`,
        )
        .action(async (file, options) => {
            const { runTimeseries } = await import('./commands/timeseries.ts')
            done(await runTimeseries(file, options, terminal))
        })

    add(
        'opf',
        'find the cheapest operation within all limits, and its prices',
        `gridverse opf case118.m
        gridverse opf case118.m --dc --summary
        gridverse opf case118.m --dc --secure
        gridverse opf case118.m --dc --secure --list outages.json --json
        gridverse opf case30.m --json`,
    )
        .argument('<case>', 'case with costs of its generators')
        .option('--dc', 'angles and active power only: linear, without losses')
        .addOption(
            new Option('--flow-limit <what>', 'what ratings limit: MVA, MW, or the current at 1 p.u.').choices([
                'apparent',
                'active',
                'current',
            ]),
        )
        .option('--secure', 'within the ratings after every outage too (with --dc)')
        .option('--list <file>', 'outages to be secure against, JSON; every branch in service alone where nothing is said')
        .option('--branches', 'every branch in service, one at a time')
        .option('--generators', 'every generator in service, one at a time')
        .option('--buses', 'every bus with all that is at it, one at a time')
        .addOption(new Option('--pairs <n>', 'the heaviest pairs of branches by DC factors').argParser(wholeNumber))
        .addOption(
            new Option('--rating <which>', 'rating after an outage; where a branch has none, the next: emergency, short, normal').choices([
                'emergency',
                'short',
                'normal',
            ]),
        )
        .addOption(
            new Option('--start <point>', 'where to start: the middle of all ranges, or the case')
                .choices(['flat', 'case'])
                .default('flat'),
        )
        .addOption(new Option('--max-iterations <n>', 'give up after this many').argParser(wholeNumber))
        .addOption(summary())
        .addOption(json())
        .addHelpText(
            'after',
            `
Costs are those of the case (gencost), in its currency. Where limits conflict, the answer says which, and the least
that must give way. LIST is that of gridverse contingency. After an outage of generators or loads the other generators
share what is missing by their greatest powers.
${caseHelp}`,
        )
        .action(async (file, options) => {
            const { runOpf } = await import('./commands/opf.ts')
            done(await runOpf(file, options, terminal))
        })

    add(
        'shortcircuit',
        'compute short-circuit currents at a bus, after IEC 60909',
        `gridverse shortcircuit case39.m --bus 4
        gridverse shortcircuit plant.m --bus 7 --fault 1ph --data plant-sc.json
        gridverse shortcircuit plant.m --bus 7 --current min --json`,
    )
        .argument('<case>', 'case with base voltages')
        .addOption(new Option('--bus <id>', 'bus at fault').argParser(wholeNumber).makeOptionMandatory())
        .addOption(new Option('--fault <kind>', 'three-phase, line-line or line-earth').choices(['3ph', '2ph', '1ph']).default('3ph'))
        .addOption(new Option('--current <which>', 'greatest currents, or least').choices(['max', 'min']).default('max'))
        .option('--data <file>', 'short-circuit data: {"feeder":[…],"machine":[…],"motor":[…],"transformer":[…],"line":[…]}')
        .addOption(summary())
        .addOption(json())
        .addHelpText(
            'after',
            `
Without data, generators have a subtransient reactance of 0.2 p.u. of their base, and nothing is known of the zero
sequence; the answer notes what was assumed. Currents in kA: initial, peak, breaking after 0.1 s, thermal for 1 s.
${caseHelp}`,
        )
        .action(async (file, options) => {
            const { runShortCircuit } = await import('./commands/shortcircuit.ts')
            done(await runShortCircuit(file, options, terminal))
        })

    add(
        'estimate',
        'estimate the state of a case from measurements',
        `gridverse estimate case14.m --measurements scan.json
        gridverse estimate case14.m --measurements scan.json --json
        gridverse estimate feeder.m --measurements scan.json --zero-injections --advise
        gridverse estimate case118.m --measurements scan.json --topology --summary`,
    )
        .argument('<case>', 'case the measurements are of')
        .requiredOption('--measurements <file>', 'measurements: {"measurements":[{kind, bus or branch, value, sigma}, …]}')
        .option('--zero-injections', 'nothing flows in or out at buses without load, generator and storage, exactly')
        .option('--no-bad-data', 'keep every measurement, whatever the tests say')
        .option('--topology', 'look for branches whose open or closed state the measurements contradict')
        .option('--advise', 'name the meters that would make every bus observable and every measurement checkable')
        .addOption(summary())
        .addOption(json())
        .addHelpText(
            'after',
            `
Kinds: vm va p q at a bus (its id), pFrom qFrom pTo qTo iFrom iTo at a branch (its row, from 0).
Units: MW, Mvar, degrees, p.u.; p and q are net injections (generation less load); currents are p.u. of
the system base and the bus's nominal voltage. sigma is the standard deviation in the same unit.
${caseHelp}`,
        )
        .action(async (file, options) => {
            const { runEstimate } = await import('./commands/estimate.ts')
            done(await runEstimate(file, options, terminal))
        })

    add(
        'contingency',
        'solve the power flow after every outage of a case (N-1)',
        `gridverse contingency case118.m
        gridverse contingency case118.m --json --out security.json
        gridverse contingency case118.m --list outages.json --q-limits
        gridverse contingency case118.m --branches --generators --remedies 3
        gridverse contingency case118.m --pairs 50 --summary`,
    )
        .argument('<case>', 'case to analyse')
        .option('--list <file>', 'outages to solve, JSON; every branch in service alone where nothing is said')
        .option('--branches', 'every branch in service, one at a time')
        .option('--generators', 'every generator in service, one at a time')
        .option('--buses', 'every bus with all that is at it, one at a time')
        .addOption(new Option('--pairs <n>', 'the heaviest pairs of branches by DC factors').argParser(wholeNumber))
        .addOption(new Option('--remedies <n>', 'what can be done about the n worst overloads, tried by power flow').argParser(wholeNumber))
        .option('--q-limits', 'generators at PV buses keep within their reactive limits; the slack is exempt')
        .addOption(
            new Option('--screen <percent>', 'leave out, and mark, outages whose worst loading by DC factors is below this').argParser(
                positive,
            ),
        )
        .addOption(new Option('--workers <n>', 'threads (default: one for small work, else one a processor)').argParser(threads))
        .option('--out <file>', 'keep the JSON in a file; after Ctrl-C the same command continues there')
        .addOption(summary())
        .addOption(json())
        .addHelpText(
            'after',
            `
LIST: {"outages":[{"name","branches":[rows from 0],"generators":[rows from 0],"buses":[ids]}, …]}; what is in
one entry goes out together. [3, [4, 6]] is short for branch 3 alone, then branches 4 and 6 at once.
An outage that parts an island is "islanding": it says what is lost, and what remains is solved.
${caseHelp}`,
        )
        .action(async (file, options) => {
            const { runContingency } = await import('./commands/contingency.ts')
            done(await runContingency(file, options, terminal))
        })

    add(
        'factors',
        'distribution factors of a case: PTDF and LODF',
        `gridverse factors case118.m
        gridverse factors case118.m --json > factors.json`,
    )
        .argument('<case>', 'case to look at')
        .addOption(summary())
        .addOption(json())
        .addHelpText(
            'after',
            `
JSON: ptdf by branch and bus, MW per MW put in and taken out at the reference bus; lodf by branch and branch
out, MW per MW that flowed there, null in columns of bridges. Rows are in the case's order.
${caseHelp}`,
        )
        .action(async (file, options) => {
            const { runFactors } = await import('./commands/factors.ts')
            done(await runFactors(file, options, terminal))
        })

    add(
        'batch',
        'solve load scenarios of a case by the thousand',
        `gridverse batch case118.m --samples 10000 --seed 1
        gridverse batch case1354pegase.m --samples 1000 --seed 7 --spread 0.3 --workers 4 --out samples.parquet`,
    )
        .argument('<case>', 'case to vary')
        .addOption(new Option('--samples <n>', 'how many scenarios').argParser(countable).makeOptionMandatory())
        .addOption(new Option('--seed <n>', 'seed of the load factors').argParser(seed).default(0))
        .addOption(new Option('--spread <share>', 'every load lies within 1 ± this of its own').argParser(share).default(0.2))
        .addOption(new Option('--workers <n>', 'threads (default: one for small work, else one a processor)').argParser(threads))
        .option('--q-limits', 'generators at PV buses keep within their reactive limits; the slack is exempt')
        .option('--out <file>', 'keep a row for every scenario in a Parquet file; after Ctrl-C the same command continues there')
        .addOption(json())
        .addHelpText('after', caseHelp)
        .action(async (file, options) => {
            const { runBatchCommand } = await import('./commands/batch.ts')
            done(await runBatchCommand(file, { ...options, version }, terminal))
        })

    add(
        'convert',
        'convert a case between formats',
        `gridverse convert case14.m case14.json
        gridverse convert case118.m case118.raw --psse 35
        gridverse convert net.json case.m
        gridverse convert RTS_Data/SourceData rts.json --to pandapower
        gridverse convert case14.m case14/ --to rts-gmlc
        gridverse convert case14.m case14.zip
        gridverse convert region region.parquet
        gridverse convert region - --to region`,
    )
        .argument('<in>', 'case to read, told by its content')
        .argument('<out>', 'file to write: .m .json .raw .cdf .zip .parquet .arrow, or a folder; "-" for the standard output')
        .addOption(new Option('--to <format>', 'format, where the name does not tell it').choices(writtenFormats))
        .addOption(new Option('--psse <revision>', 'revision of a .raw file (default: 33)').choices(['33', '35']))
        .addOption(json())
        .addHelpText(
            'after',
            `
Formats: matpower (.m), network and region (.json, Gridverse), pandapower (.json), psse33 and psse35 (.raw), cdf (.cdf,
IEEE), rts-gmlc (folder of CSV), cgmes (.zip) and cgmes-xml (folder of XML), parquet and arrow (folder of tables, or
.parquet.zip, .arrow.zip). What the format written to has no place
for is told on the standard error, and in "issues" under --json.
${caseHelp}`,
        )
        .action(async (from, to, options) => {
            const { runConvert } = await import('./commands/convert.ts')
            done(await runConvert(from, to, options, terminal))
        })

    add(
        'check',
        'list everything wrong or doubtful in a case',
        `gridverse check case14.m
        gridverse check planning.raw
        gridverse check RTS_Data/SourceData --json`,
    )
        .argument('<file>', 'case to check')
        .addOption(json())
        .addHelpText('after', caseHelp)
        .action(async (file, options) => {
            const { runCheck } = await import('./commands/check.ts')
            done(await runCheck(file, options, terminal))
        })

    add(
        'start',
        'run the platform, with a simulated plant',
        `gridverse start
        gridverse start --case case118.m --data ./twin --port 8080
        gridverse start --no-plant --database-url postgresql://twin@db/twin --broker-url mqtts://broker:8883`,
    )
        .option('--case <file>', 'case to mirror; the shipped region where absent')
        .option('--data <dir>', 'folder of everything kept')
        .addOption(new Option('--port <n>', 'port of pages and API (default: 7400)').argParser(port))
        .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
        .option('--no-plant', 'without the simulated plant')
        .option('--database-url <url>', 'a PostgreSQL of yours in place of the embedded one')
        .option(
            '--broker-url <url>',
            'an MQTT broker of yours in place of the embedded one; user and password from GRIDVERSE_BROKER_USERNAME, GRIDVERSE_BROKER_PASSWORD',
        )
        .addOption(json())
        .action(async (options) => {
            const { runStart } = await import('./commands/start.ts')
            done(await runStart(options, terminal))
        })

    add(
        'plant',
        'run the simulated plant by itself',
        `GRIDVERSE_ENROL_TOKEN=… gridverse plant --platform http://127.0.0.1:7400
        gridverse plant --platform http://twin:7400 --case case118.m --speed 60 --seed 7 --control-port 7411`,
    )
        .addOption(new Option('--platform <url>', 'platform to enrol with').default('http://127.0.0.1:7400'))
        .option('--data <dir>', 'folder of its credentials and state')
        .option('--case <file>', 'case to simulate; the shipped region where absent')
        .addOption(new Option('--control-port <n>', 'port where faults are injected; 0 takes a free one').argParser(port))
        .addOption(new Option('--speed <x>', 'simulated seconds per second').argParser(positive))
        .addOption(new Option('--seed <n>', 'seed of its randomness').argParser(wholeNumber))
        .addOption(json())
        .action(async (options) => {
            const { runPlantCommand } = await import('./commands/plant.ts')
            done(await runPlantCommand(options, terminal))
        })

    const vpp = program
        .command('vpp')
        .summary('plan the day of a virtual power plant under risk')
        .description('The cheapest safe day of a virtual power plant whose sun, wind and load are known by scenarios only')
        .addHelpText(
            'after',
            `\nExamples:\n  gridverse vpp schedule day.json --beta 0.5\n  gridverse vpp frontier day.json --betas 0,0.25,0.5\n${exits}`,
        )
    const planned = (name: string, about: string, examples: string) =>
        vpp
            .command(name)
            .summary(about)
            .description(about)
            .argument('<instance>', 'plant, prices and scenarios (vpp-instance/1, JSON); "-" for the standard input')
            .addOption(
                new Option(
                    '--gap <share>',
                    'relative gap at which the plan is good enough (default: 1e-9; 1e-4 by decomposition)',
                ).argParser(share),
            )
            .addOption(new Option('--time-limit <s>', 'stop each plan after so many seconds, with the best found').argParser(positive))
            .addOption(json())
            .addHelpText('after', `\nExamples:\n${examples.trim().replace(/^ */gm, '  ')}\n${exits}`)
    planned(
        'schedule',
        'find the cheapest schedule at a weight of risk',
        `gridverse vpp schedule day.json
        gridverse vpp schedule day.json --beta 0.5 --solution plan.json
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
        gridverse vpp claims day.json --betas 0,0.3,0.9 --json`,
    )
        .addOption(new Option('--betas <list>', 'weights of risk, ascending').argParser(shares).default([0, 0.5, 0.95]))
        .action(async (file, options) => {
            const { runVppClaims } = await import('./commands/vpp.ts')
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
        vpp
            .command(name)
            .summary(about)
            .description(about)
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
            .addHelpText('after', `\nExamples:\n${examples.trim().replace(/^ */gm, '  ')}\n${exits}`)
    drawn(
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
        vpp
            .command(name)
            .summary(about)
            .description(about)
            .addOption(
                new Option('--platform <url>', 'running platform; GRIDVERSE_TOKEN holds your token').default('http://127.0.0.1:7400'),
            )
            .addOption(json())
            .addHelpText('after', `\nExamples:\n${examples.trim().replace(/^ */gm, '  ')}\n${exits}`)
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
        'what the fleet does and could do now, by group',
        `gridverse vpp fleet
        gridverse vpp fleet --json | jq .tiles`,
    ).action(async (options) => {
        const { runVppFleet } = await import('./commands/vpp-fleet.ts')
        done(await runVppFleet(options, terminal))
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

    const evidence = program
        .command('evidence')
        .summary('check the log of who did what')
        .description('The log of who did what, as exported by GET /api/events/export')
        .addHelpText('after', `\nExamples:\n  gridverse evidence verify log.ndjson\n${exits}`)
    evidence
        .command('verify')
        .summary('check that an exported log is as it was written')
        .description('Check that an exported log is as it was written: every entry, its hash, and the chain of hashes')
        .argument('<file>', 'exported log, one JSON entry a line; "-" for the standard input')
        .option('--head <hash>', 'hash of the newest entry, kept elsewhere: shows that nothing is missing at the end')
        .addOption(json())
        .addHelpText(
            'after',
            `
Examples:
  gridverse evidence verify gridverse-log.ndjson
  curl -H "Authorization: Bearer $TOKEN" http://localhost:7400/api/events/export | gridverse evidence verify -

Exit codes: 0 the chain holds, 1 the file cannot be read, 2 it does not hold: the first entry that does not is named.`,
        )
        .action(async (file, options) => {
            const { runEvidenceVerify } = await import('./commands/evidence.ts')
            done(await runEvidenceVerify(file, options, terminal))
        })

    add(
        'bench',
        'run the benchmarks of a checkout',
        `gridverse bench memory
        gridverse bench power-flow batch --json`,
    )
        .argument('[names...]', 'benchmarks, files of the folder bench; all without a name, which takes long')
        .addOption(json())
        .action(async (names, options) => {
            const { runBench } = await import('./commands/bench.ts')
            done(await runBench(names, options, terminal))
        })

    add(
        'completion',
        'print the completion script of a shell',
        `eval "$(gridverse completion bash)"
        gridverse completion fish > ~/.config/fish/completions/gridverse.fish`,
    )
        .addArgument(new Argument('<shell>', 'your shell').choices(shells))
        .action((shell) => {
            terminal.out(writeCompletion(program, shell))
            done(exit.done)
        })

    for (const command of [...program.commands, ...vpp.commands, ...evidence.commands]) command.helpOption('-h, --help', 'show help')
    return program
}

function names(text: string): string[] {
    const found = text.split(',').map((word) => word.trim())
    if (found.some((word) => word === '')) throw new InvalidArgumentError('It must be names with commas between them.')
    return found
}

function positive(text: string): number {
    const value = Number(text)
    if (!(text.trim() !== '' && value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number > 0.')
    return value
}
function wholeNumber(text: string): number {
    if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number ≥ 0.')
    return Number(text)
}
function countable(text: string): number {
    if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 to 99999999.')
    return Number(text)
}
function threads(text: string): number {
    if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 to 999.')
    return Number(text)
}
function seed(text: string): number {
    if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32) throw new InvalidArgumentError('It must be a whole number, 0 to 4294967295.')
    return Number(text)
}
function share(text: string): number {
    const value = Number(text)
    if (!(text.trim() !== '' && value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be a number, 0 to 1.')
    return value
}
function shares(text: string): number[] {
    return text.split(',').map(share)
}
function uncertain(text: string): ('pv' | 'wind' | 'load' | 'price' | 'air' | 'ev')[] {
    const names = text.split(',')
    const wrong = names.find((name) => !['pv', 'wind', 'load', 'price', 'air', 'ev'].includes(name))
    if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of pv, wind, load, price, air, ev.`)
    return names as ReturnType<typeof uncertain>
}
function finite(text: string): number {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.')
    return value
}
function latitude(text: string): number {
    const value = finite(text)
    if (Math.abs(value) > 90) throw new InvalidArgumentError('It must be a number, -90 to 90.')
    return value
}
function calendarDate(text: string): string {
    const ms = Date.parse(`${text}T00:00:00Z`)
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text)
        throw new InvalidArgumentError('It must be a day of the calendar as YYYY-MM-DD.')
    return text
}
function port(text: string): number {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new InvalidArgumentError('It must be a port, 0 to 65535.')
    return Number(text)
}
