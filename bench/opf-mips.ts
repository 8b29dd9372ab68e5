/**
 * AC optimal power flow against MIPS, MATPOWER's interior-point solver, in GNU Octave.
 *
 *   MATPOWER_PATH=/folder/of/matpower node --conditions=source --import tsx bench/opf-mips.ts [case …]
 *
 * Needs `octave` and a MATPOWER of one's own (its folder in MATPOWER_PATH); without them it says so and measures nothing.
 * CPU milliseconds from the loaded case to the optimum, medians of rounds one after the other; objectives must agree to
 * 1e-6. A table goes to stderr, one JSON value to stdout.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { type Network, parseMatpower, solveOpf } from '@gridverse/grid'
import { cpuMs, median, shared } from './peers/newton-klu.ts'

const rounds = 11

/** Objective and median CPU milliseconds of `runopf` by MIPS. */
function solveByMips(matpower: string, file: string): { objective: number; ms: number } {
    const script = `
        addpath(genpath(getenv('MATPOWER_PATH')));
        options = mpoption('opf.ac.solver', 'MIPS', 'verbose', 0, 'out.all', 0);
        mpc = loadcase(getenv('CASE_FILE'));
        result = runopf(mpc, options);
        times = zeros(1, ${rounds});
        for k = 1:${rounds}
            before = cputime;
            result = runopf(mpc, options);
            times(k) = cputime - before;
        end
        if ~result.success; error('MIPS found no optimum'); end
        printf('%.17g %.6f\\n', result.f, 1000 * median(times));`
    const env = { ...process.env, MATPOWER_PATH: matpower, CASE_FILE: file, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
    const words = ['--quiet', '--no-init-file', '--no-window-system', '--eval', script]
    const answer = execFileSync('octave', words, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] })
    const [objective, ms] = answer.trim().split('\n').at(-1)!.split(' ').map(Number)
    return { objective, ms }
}

function solveHere(network: Network): { objective: number; ms: number } {
    const times: number[] = []
    let objective = Number.NaN
    for (let round = -4; round < rounds; round++) {
        const before = cpuMs()
        objective = solveOpf(network).objective
        if (round >= 0) times.push(cpuMs() - before)
    }
    return { objective, ms: median(times) }
}

const matpower = process.env.MATPOWER_PATH
const rows: { name: string; value: number; unit: string; peer: number; ratio: number }[] = []
const reason =
    spawnSync('octave', ['--version']).status !== 0
        ? 'no octave on this machine'
        : matpower && existsSync(matpower)
          ? undefined
          : 'MATPOWER_PATH names no folder with MATPOWER'
if (reason) process.stderr.write(`no race against MIPS: ${reason}\n`)
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
for (const name of reason ? [] : wanted.length > 0 ? wanted : ['case118', 'case_ACTIVSg200']) {
    const file = join(shared, 'cases', `${name}.m`)
    if (!existsSync(file)) continue
    const mine = solveHere(parseMatpower(readFileSync(file, 'utf8')).network)
    const theirs = solveByMips(matpower!, file)
    if (!(Math.abs(mine.objective / theirs.objective - 1) <= 1e-6))
        throw new Error(`${name}: objective ${mine.objective}, MIPS ${theirs.objective}`)
    rows.push({ name: `opf-mips/${name}`, value: mine.ms, unit: 'ms', peer: theirs.ms, ratio: mine.ms / theirs.ms })
    process.stderr.write(
        `${name.padEnd(24)} ${mine.ms.toFixed(1)} ms, MIPS ${theirs.ms.toFixed(1)} ms: ${(theirs.ms / mine.ms).toFixed(1)} times its speed\n`,
    )
}
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`
process.stdout.write(`${JSON.stringify({ machine, date: new Date().toISOString(), load: loadavg()[0], rows })}\n`)
