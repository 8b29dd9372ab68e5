/**
 * AC optimal power flow against MIPS, the interior-point method of MATPOWER, in GNU Octave.
 *
 *   [MATPOWER_PATH=/folder/of/matpower] node --conditions=source --import tsx bench/opf-mips.ts [case …]
 *
 * Needs `octave`; without it says so and measures nothing. The peer is `peers/mips.m`, our own writing of the published
 * algorithm, or, where MATPOWER_PATH names a MATPOWER, its `runopf`. CPU milliseconds from the loaded case to the optimum
 * inside a running Octave, in turns with ours once compilers have settled, medians; objectives must agree to 1e-6. A
 * table goes to stderr, one JSON value to stdout.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseMatpower, solveOpf, writeMatpower } from '@gridverse/grid'
import { cpuMs, median, type Row, report, shared } from './peers/report.ts'

const rounds = 21
const warmUp = 20

/** One line per solve: objective, CPU milliseconds, iterations, 1 for an optimum. */
const ownPeer = (folder: string) => `addpath('${join(import.meta.dirname, 'peers')}'); mips('${folder}', 'race');`
const matpowerPeer = (folder: string) => `
    addpath(genpath(getenv('MATPOWER_PATH'))); addpath('${folder}');
    options = mpoption('opf.ac.solver', 'MIPS', 'verbose', 0, 'out.all', 0);
    mpc = loadcase('race');
    while ~isempty(fread(stdin, 1))
        before = cputime;
        result = runopf(mpc, options);
        printf('%.17g %.6f %d %d\\n', result.f, 1000 * (cputime - before), result.raw.output.iterations, result.success);
        fflush(stdout);
    end`

/** An Octave on one thread with the case loaded. */
function openOctave(script: string) {
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
    const words = ['--quiet', '--no-init-file', '--no-window-system', '--eval', script]
    const child = spawn('octave', words, { env, stdio: ['pipe', 'pipe', 'ignore'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return {
        solve: async () => {
            child.stdin.write('\n')
            const { value } = await lines.next()
            if (value === undefined) throw new Error('octave ended without an answer')
            const [objective, ms, iterations, found] = (value as string).split(' ').map(Number)
            if (found !== 1) throw new Error('MIPS found no optimum')
            return { objective, ms, iterations }
        },
        close: () => child.stdin.end(),
    }
}

/** Ours to the peer's tolerance of 1e-6, and to the 1e-9 that is usual here. */
async function race(name: string): Promise<Row[]> {
    const { network } = parseMatpower(readFileSync(join(shared, 'cases', `${name}.m`), 'utf8'))
    const folder = mkdtempSync(join(tmpdir(), 'gridverse-mips-'))
    writeFileSync(join(folder, 'race.m'), writeMatpower({ ...network, name: 'race' }))
    const octave = openOctave(matpower ? matpowerPeer(folder) : ownPeer(folder))
    const theirs: number[] = []
    const ours = [1e-6, 1e-9].map((tolerance) => ({ tolerance, times: [] as number[] }))
    for (let round = -warmUp; round < rounds; round++) {
        const peer = await octave.solve()
        if (round >= 0) theirs.push(peer.ms)
        for (const { tolerance, times } of ours) {
            const before = cpuMs()
            const { objective, iterations } = solveOpf(network, { tolerance })
            if (round >= 0) times.push(cpuMs() - before)
            if (!(Math.abs(objective / peer.objective - 1) <= 1e-6)) throw new Error(`${name}: ${objective}, MIPS ${peer.objective}`)
            if (round === 0)
                process.stderr.write(
                    `${name} to ${tolerance.toExponential()}: ${objective}, ${iterations} iterations; MIPS ${peer.iterations}\n`,
                )
        }
    }
    octave.close()
    rmSync(folder, { recursive: true })
    const peer = median(theirs)
    return ours.map(({ tolerance, times }) => {
        const value = median(times)
        return { name: `opf-mips/${name} to ${tolerance.toExponential()}`, value, unit: 'ms', peer, ratio: value / peer }
    })
}

const matpower = process.env.MATPOWER_PATH
const rows: Row[] = []
if (matpower && !existsSync(matpower)) throw new Error(`MATPOWER_PATH: no folder ${matpower}`)
if (spawnSync('octave', ['--version']).status !== 0) process.stderr.write('no race against MIPS: no octave on this machine\n')
else {
    const peer = matpower
        ? `the MATPOWER of ${matpower}`
        : 'bench/peers/mips.m, our writing of the published algorithm, not MATPOWER’s file'
    process.stderr.write(`the peer is ${peer}\n`)
    const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
    for (const name of wanted.length > 0 ? wanted : ['case118', 'case_ACTIVSg200'])
        if (existsSync(join(shared, 'cases', `${name}.m`))) rows.push(...(await race(name)))
        else process.stderr.write(`no ${name} at hand: left out\n`)
}
report('CPU ms of one optimum', rows)
