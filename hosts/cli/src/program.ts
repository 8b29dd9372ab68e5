/** The commands, their options and help. What a command does is loaded when it is called, so that the others cost nothing. */
import { Argument, Command, Option } from 'commander'
import { countable, finite, port, positive, seed, share, threads, wholeNumber } from './arguments.ts'
import { shells, writeCompletion } from './completion.ts'
import { exit } from './failure.ts'
import { exits, json, summary, tell } from './help.ts'
import { addVppCommands } from './program-vpp.ts'
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
    const add = (name: string, about: string, examples: string) => tell(program.command(name), about, examples)

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

    add(
        'fault',
        'make something go wrong in the simulated plant',
        `gridverse fault
        gridverse fault unit-trip resource/hall-engine --for 600
        gridverse fault loss resource/lane-ev-7 --value 0.5 --data ./twin
        gridverse fault --mend F1`,
    )
        .argument('[kind]', 'what happens; without it faults and kinds are listed')
        .argument('[target]', 'branch/ID, a point, edge node/device, an edge node, or resource/ID whatever it speaks')
        .option('--data <dir>', 'folder of the plant, or of the platform that runs it')
        .addOption(new Option('--value <x>', 'how much, as the kind means it').argParser(finite))
        .addOption(new Option('--for <s>', 'how long; until it is mended where absent').argParser(positive))
        .option('--mend <id>', 'ends a fault')
        .addOption(json())
        .action(async (kind, target, options) => {
            const { runFault } = await import('./commands/fault.ts')
            done(await runFault(kind, target, options, terminal))
        })

    const vpp = addVppCommands(program, terminal, done)

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
