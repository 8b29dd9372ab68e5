import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from './main.fixture.ts'

const bin = fileURLToPath(new URL('../bin/gridverse.mjs', import.meta.url))
const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url))
let folder: string
let small: string

beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-cli-'))
    small = file('small.m', smallCase)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
}
/** The command as its own process, from its sources. */
function gridverse(...words: string[]) {
    const env = { ...process.env, GRIDVERSE_SOURCE: '1', NO_COLOR: '1' }
    const done = spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', env, cwd: folder })
    return { code: done.status, out: done.stdout, err: done.stderr }
}
const measurements = (list: unknown) => file('measurements.json', JSON.stringify({ measurements: list }, undefined, 1))

/** vm everywhere and both flows of every branch, exact, from the power flow itself. */
async function exactMeasurements(): Promise<Record<string, unknown>[]> {
    const flow = JSON.parse((await run(['powerflow', small, '--json', '--tolerance', '1e-12'])).out)
    return [
        ...flow.buses.map((bus: { id: number; vmPu: number }) => ({ kind: 'vm', bus: bus.id, value: bus.vmPu, sigma: 0.004 })),
        ...flow.branches.flatMap((branch: { index: number; pFromMw: number; qFromMvar: number }) => [
            { kind: 'pFrom', branch: branch.index, value: branch.pFromMw, sigma: 0.5 },
            { kind: 'qFrom', branch: branch.index, value: branch.qFromMvar, sigma: 0.5 },
        ]),
    ]
}

test('as a process: one JSON value on the standard output, nothing else, exit 0', () => {
    const { code, out, err } = gridverse('powerflow', 'small.m', '--json')
    expect(err).toBe('')
    expect(code).toBe(0)
    const flow = JSON.parse(out)
    expect(Object.keys(flow).sort()).toEqual(['branches', 'buses', 'generators', 'iterations', 'lossesMw', 'mismatchPu', 'status'].sort())
    expect(Object.keys(flow.buses[0])).toEqual(['id', 'vmPu', 'vaDeg'])
    expect(Object.keys(flow.branches[0])).toEqual('index fromBus toBus inService pFromMw qFromMvar pToMw qToMvar loadingPercent'.split(' '))
    expect(flow.generators[1]).toEqual({ index: 1, bus: 2, pMw: 40, qMvar: flow.generators[1].qMvar })
    // what comes in leaves as load and losses
    const generated = flow.generators.reduce((sum: number, row: { pMw: number }) => sum + row.pMw, 0)
    expect(generated).toBeCloseTo(80 + flow.lossesMw, 5)
})

test('as a process: a reader that has seen enough ends it quietly', async () => {
    const long = ['convert', 'region', '-', '--to', 'region']
    const env = { ...process.env, GRIDVERSE_SOURCE: '1' }
    const child = spawn(process.execPath, [bin, ...long], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => {
        err += chunk
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    if (!existsSync('/dev/full')) return
    const full = spawnSync('sh', ['-c', `exec "$0" "$@" > /dev/full`, process.execPath, bin, ...long], { encoding: 'utf8', env })
    expect(full.status).toBe(1)
    expect(full.stderr).toMatch(/^error: the output cannot be written: .*ENOSPC.*\n$/)
})

test('as a process: misuse ends with 64 and the nearest name, a missing file with 1, help with 0', () => {
    const misspelt = gridverse('powerflwo', 'small.m')
    expect(misspelt.code).toBe(64)
    expect(misspelt.err).toContain('Did you mean powerflow?')
    expect(misspelt.out).toBe('')
    const absent = gridverse('powerflow', 'absent.m', '--json')
    expect(absent.code).toBe(1)
    expect(JSON.parse(absent.out).issues[0]).toMatchObject({ code: 'unreadable-file', path: 'absent.m' })
    const help = gridverse('estimate', '--help')
    expect(help.code).toBe(0)
    expect(help.out).toContain('Examples:')
})

test('tables for people: a summary first, units in the headers, numbers to the right', async () => {
    const { out, code } = await run(['powerflow', small])
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines[0]).toMatch(
        /^small: converged in \d iterations · mismatch \S+ p\.u\. · losses \d+\.\d{3} MW · worst voltage \S+ p\.u\. at bus \d \((within|outside) \S+\) · worst loading \S+ % on branch \d/,
    )
    const head = lines.findIndex((line) => line.includes('V p.u.'))
    const column = lines[head]!.indexOf('V p.u.') + 'V p.u.'.length
    for (const line of lines.slice(head + 1, head + 4)) expect(line.slice(0, column)).toMatch(/\d\.\d{5}$/)
    expect(out).toContain('P from MW')
    expect((await run(['powerflow', small, '--summary'])).out.split('\n').length).toBe(2)
})

test('colours only where the terminal takes them', async () => {
    expect((await run(['powerflow', small])).out).not.toContain('\u001b')
    expect((await run(['powerflow', small], { colour: true })).out).toContain('\u001b[32mconverged')
})

test('methods, start and limits reach the solver', async () => {
    const solve = async (...words: string[]) => JSON.parse((await run(['powerflow', small, '--json', ...words])).out)
    const newton = await solve()
    const decoupled = await solve('--method', 'fast-decoupled', '--start', 'flat')
    const dc = await solve('--method', 'dc')
    newton.buses.forEach((bus: { vmPu: number; vaDeg: number }, i: number) => {
        expect(decoupled.buses[i].vmPu).toBeCloseTo(bus.vmPu, 6)
        expect(dc.buses[i].vmPu).toBe(1)
    })
    expect(dc.lossesMw).toBe(0)
    expect((await solve('--tolerance', '0.5')).iterations).toBeLessThan(newton.iterations)
    const tight = file('tight.m', smallCase.replace('2	40	0	30	-30', '2	40	0	1	-1'))
    const limited = JSON.parse((await run(['powerflow', tight, '--json', '--q-limits'])).out)
    expect(Math.abs(limited.generators[1].qMvar)).toBeLessThanOrEqual(1 + 1e-9)
})

test('a case nobody can supply has no solution: exit 2, and the JSON says so', async () => {
    const heavy = file('heavy.m', smallCase.replace('60	25', '6000	2500'))
    const { code, out } = await run(['powerflow', heavy, '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ status: 'diverged', buses: [] })
    expect((await run(['powerflow', heavy])).out).toContain('diverged after')
})

test('a bad case: all issues with their lines, exit 1', async () => {
    const bad = file(
        'bad.m',
        smallCase.replace('	1	2	0.01	0.06', '	1	9	0.01	0.06').replace('0.005	0.1', '0	0'),
    )
    const check = await run(['check', bad, '--json'])
    expect(check.code).toBe(1)
    const errors = JSON.parse(check.out).issues.filter((issue: { severity?: string }) => issue.severity !== 'warning')
    expect(errors.map((issue: { code: string; line: number }) => `${issue.code} ${issue.line}`)).toEqual(
        expect.arrayContaining(['missing-bus 15', 'zero-impedance 16']),
    )
    const solve = await run(['powerflow', bad, '--json'])
    expect(solve.code).toBe(1)
    expect(JSON.parse(solve.out).issues).toEqual(JSON.parse(check.out).issues)
    expect((await run(['powerflow', bad])).err).toContain('bad.m:15: error:')
    const sound = await run(['check', small])
    expect(sound.code).toBe(0)
    expect(sound.out).toContain('no errors')
})

test('a case there and back gives the same power flow', async () => {
    const json = join(folder, 'there.json')
    const back = join(folder, 'back.m')
    const converted = await run(['convert', small, json, '--json'])
    expect(JSON.parse(converted.out)).toMatchObject({ from: { format: 'matpower' }, to: { format: 'network' }, buses: 3, branches: 3 })
    expect((await run(['convert', json, back])).code).toBe(0)
    expect((await run(['check', json])).code).toBe(0)
    const solutions = await Promise.all([small, json, back].map(async (path) => JSON.parse((await run(['powerflow', path, '--json'])).out)))
    expect(solutions[1]).toEqual(solutions[0])
    expect(solutions[2]).toEqual(solutions[0])
    const piped = await run(['convert', json, '-', '--to', 'matpower'])
    expect((await run(['powerflow', '-', '--json'], { input: piped.out })).out).toBe(JSON.stringify(solutions[0]).concat('\n'))
})

test('the shipped region converts to a file of its own and is read back', async () => {
    const path = join(folder, 'region.json')
    const done = await run(['convert', 'region', path, '--to', 'region', '--json'])
    expect(done.code, done.out).toBe(0)
    const read = await run(['check', path, '--json'])
    expect(read.code, read.out).toBe(0)
    expect(readFileSync(path, 'utf8')).toContain('"gridverse":"region"')
    const flows = await Promise.all(['region', path].map((name) => run(['powerflow', name, '--json'])))
    expect(flows[1]!.out).toBe(flows[0]!.out)
    const again = join(folder, 'again.json')
    expect((await run(['convert', path, again, '--to', 'region'])).code).toBe(0)
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(path, 'utf8'))
})

test('a target nobody can guess is misuse', async () => {
    const { code, err } = await run(['convert', small, join(folder, 'x.txt')])
    expect(code).toBe(64)
    expect(err).toContain('--to')
    expect((await run(['convert', small, '-', '--to', 'network', '--json'])).code).toBe(64)
    expect((await run(['convert', small, join(folder, 'x.json'), '--to', 'region'])).code).toBe(64)
})

test('a network file: columns, versions and broken JSON are told with their lines', async () => {
    await run(['convert', small, join(folder, 'n.json')])
    const lines = readFileSync(join(folder, 'n.json'), 'utf8').split('\n')
    const line = lines.findIndex((text) => text.includes('"id":2')) + 1
    const broken = file(
        'broken.json',
        lines.map((text, i) => (i === line - 1 ? text.replace('"baseKv":110', '"baseKv":"high","volts":3') : text)).join('\n'),
    )
    const issues = JSON.parse((await run(['check', broken, '--json'])).out).issues
    expect(issues).toEqual(
        expect.arrayContaining([
            expect.objectContaining({ code: 'wrong-type', path: 'bus/2/baseKv', line }),
            expect.objectContaining({ code: 'unknown-column', path: 'bus/2/volts', line }),
        ]),
    )
    const first = async (text: string) => JSON.parse((await run(['check', file('x.json', text), '--json'])).out).issues[0]
    expect(await first('{"gridverse":"network",\n"version":7}')).toMatchObject({ code: 'unknown-version', line: 2 })
    expect(await first('{"gridverse":"network",\n"version":')).toMatchObject({ code: 'not-json', line: 2 })
    expect(await first('[1]')).toMatchObject({ code: 'wrong-shape' })
})

test('estimate: exact measurements give the power flow back', async () => {
    const list = await exactMeasurements()
    const { code, out } = await run(['estimate', small, '--measurements', measurements(list), '--json'])
    expect(code).toBe(0)
    const result = JSON.parse(out)
    expect(result).toMatchObject({ status: 'converged', degreesOfFreedom: list.length - 5, badData: [], unobservable: [] })
    const flow = JSON.parse((await run(['powerflow', small, '--json'])).out)
    result.buses.forEach((bus: { vmPu: number; vaDeg: number }, i: number) => {
        expect(bus.vmPu).toBeCloseTo(flow.buses[i].vmPu, 6)
        expect(bus.vaDeg).toBeCloseTo(flow.buses[i].vaDeg, 5)
    })
})

test('estimate: a bad datum is removed and named, unless told to keep it', async () => {
    const list = await exactMeasurements()
    list[3] = { ...list[3], value: -(list[3]!.value as number) - 30 }
    const path = measurements(list)
    const removed = JSON.parse((await run(['estimate', small, '--measurements', path, '--json'])).out)
    expect(removed.badData.map((bad: { measurement: number }) => bad.measurement)).toEqual([3])
    const kept = JSON.parse((await run(['estimate', small, '--measurements', path, '--json', '--no-bad-data'])).out)
    expect(kept.objective).toBeGreaterThan(kept.chiSquareLimit)
    expect((await run(['estimate', small, '--measurements', path])).out).toContain('Removed as bad data')
})

test('estimate: unobservable buses are named, exit 2', async () => {
    const list = (await exactMeasurements()).filter((row) => row.bus !== 5 && (row.branch === undefined || row.branch === 0))
    const { code, out } = await run(['estimate', small, '--measurements', measurements(list), '--json'])
    expect(code).toBe(2)
    const result = JSON.parse(out)
    expect(result).toMatchObject({ status: 'unobservable', unobservable: [5] })
    expect(result.buses[2]).toEqual({ id: 5, vmPu: null, vaDeg: null })
    expect((await run(['estimate', small, '--measurements', measurements(list)])).out).toContain('bus 5')
})

test('estimate: missing meters and branches in the wrong state are named', async () => {
    const list = await exactMeasurements()
    const thin = measurements(list.filter((row) => row.bus !== 5 && (row.branch === undefined || row.branch === 0)))
    const advised = await run(['estimate', small, '--measurements', thin, '--advise', '--json'])
    expect(advised.code).toBe(2)
    const { advice, critical } = JSON.parse(advised.out)
    expect(advice).toMatchObject({ unobservable: [5], missingRank: 2, leastObservability: 1, left: { unobservable: [], critical: [] } })
    expect(advice.observability).toMatchObject([{ kind: 'injection', bus: 1, name: 'P and Q injection at bus 1', restores: [5] }])
    expect(Array.isArray(critical)).toBe(true)
    expect((await run(['estimate', small, '--measurements', thin, '--advise'])).out).toContain('meter missing: P and Q injection at bus 1')

    // the same measurements, of a case that thinks the line between 1 and 2 is open
    const wrong = file(
        'wrong.m',
        smallCase.replace('0.06	0.04	120	0	0	0	0	1', '0.06	0.04	120	0	0	0	0	0'),
    )
    const { out } = await run(['estimate', wrong, '--measurements', measurements(list), '--topology', '--json'])
    expect(JSON.parse(out).topology).toMatchObject({ status: 'suspect', suspects: [{ branch: 0, modelled: 'open' }] })
    const told = await run(['estimate', wrong, '--measurements', measurements(list), '--topology', '--summary'])
    expect(told.out).toMatch(
        /branch 0 \(1–2\) is open in the case, the measurements say otherwise: J [\d,.]+ as modelled, 0\.0 when closed/,
    )
})

test('estimate: every wrong measurement is told with its line, exit 1', async () => {
    const path = measurements([
        { kind: 'vm', bus: 77, value: 1, sigma: 0.01 },
        { kind: 'pfrom', branch: 0, value: 1, sigma: 1 },
        { kind: 'pFrom', branch: 3, value: 1, sigma: 0 },
    ])
    const { code, out } = await run(['estimate', small, '--measurements', path, '--json'])
    expect(code).toBe(1)
    const issues: { code: string; line: number }[] = JSON.parse(out).issues
    expect(issues.map((issue) => issue.code)).toEqual(['missing-bus', 'unknown-kind', 'out-of-range', 'missing-branch'])
    const lines = readFileSync(path, 'utf8').split('\n')
    expect(lines[issues[0]!.line - 1]).toContain('77')
    expect(lines[issues[2]!.line - 1]).toContain('sigma')
})

test('completion scripts name every command and its options', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
        const { out, code } = await run(['completion', shell])
        expect(code).toBe(0)
        for (const word of [
            'powerflow',
            'estimate',
            'convert',
            'check',
            'start',
            'plant',
            'evidence',
            'verify',
            'q-limits',
            'fast-decoupled',
        ])
            expect(out, `${shell} ${word}`).toContain(word)
    }
    expect((await run(['completion', 'tcsh'])).code).toBe(64)
    const script = (await run(['completion', 'bash'])).out
    const asked = `${script}\nCOMP_WORDS=(gridverse powerflow --me); COMP_CWORD=2; _gridverse; printf '%s ' "\${COMPREPLY[@]}"`
    const bash = spawnSync('bash', ['-c', asked], { encoding: 'utf8' })
    if (!bash.error) expect(bash.stdout.trim()).toBe('--method')
})

test('misuse under --json is told there too', async () => {
    const { code, out } = await run(['powerflow', small, '--json', '--tolerance', '-1'])
    expect(code).toBe(64)
    expect(JSON.parse(out).issues[0]).toMatchObject({ code: 'misuse' })
    expect((await run([])).code).toBe(64)
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

const reference = `${shared}reference/acpf_case14.json`
test.runIf(existsSync(reference))('case14 agrees with its reference', async () => {
    const expected = JSON.parse(readFileSync(reference, 'utf8'))
    const flow = JSON.parse((await run(['powerflow', `${shared}cases/case14.m`, '--json'])).out)
    flow.buses.forEach((bus: { vmPu: number; vaDeg: number }, i: number) => {
        expect(bus.vmPu).toBeCloseTo(expected.vm[i], 8)
        expect(bus.vaDeg).toBeCloseTo(expected.va[i], 7)
    })
    flow.branches.forEach((branch: { pFromMw: number; qToMvar: number }, k: number) => {
        expect(branch.pFromMw).toBeCloseTo(expected.pf[k], 4)
        expect(branch.qToMvar).toBeCloseTo(expected.qt[k], 4)
    })
})
