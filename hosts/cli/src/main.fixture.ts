/** A small case of our own and a terminal that remembers, for the tests of the commands. */
import { main } from './main.ts'

/** Three buses, two generators, a transformer, a line with charging and a shunt. */
export const smallCase = `function mpc = small
mpc.version = '2';
mpc.baseMVA = 100;
%	bus_i	type	Pd	Qd	Gs	Bs	area	Vm	Va	baseKV	zone	Vmax	Vmin
mpc.bus = [
	1	3	0	0	0	0	1	1.02	0	110	1	1.1	0.9;
	2	2	20	5	0	0	1	1.01	0	110	1	1.1	0.9;
	5	1	60	25	0	10	1	1	0	20	1	1.05	0.95;
];
mpc.gen = [
	1	0	0	100	-100	1.02	100	1	200	0;
	2	40	0	30	-30	1.01	100	1	60	0;
];
mpc.branch = [
	1	2	0.01	0.06	0.04	120	0	0	0	0	1	-360	360;
	2	5	0.005	0.1	0	60	0	0	0.98	0	1	-360	360;
	1	5	0.004	0.12	0	60	0	0	0.98	0	1	-360	360;
];
`

export interface Ran {
    readonly code: number
    readonly out: string
    readonly err: string
}

/** Runs a command line in this process. */
export async function run(words: readonly string[], options: { colour?: boolean; input?: string } = {}): Promise<Ran> {
    let out = ''
    let err = ''
    const code = await main(words, {
        out: (text) => {
            out += text
        },
        err: (text) => {
            err += text
        },
        colour: options.colour ?? false,
        interactive: false,
        readInput: async () => options.input ?? '',
    })
    return { code, out, err }
}
