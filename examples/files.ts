/** A case file in, everything wrong with it told, and out again in another format. */
import { checkNetwork, parseCaseFile, parseMatpower, writeMatpower } from '@gridverse/grid'

const text = `function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
    1 3  0  0 0 0 1 1 0 110 1 1.1 0.9;
    2 1 20 10 0 0 1 1 0 110 1 1.1 0.9;
];
mpc.gen = [1 20 0 50 -50 1 100 1 100 0];
mpc.branch = [1 2 0.06 0.03 0 50 0 0 0 0 1 -360 360];
`
const { format, network, issues } = parseCaseFile(text, 'two.m')
console.log(format, network.bus.length, 'buses')
for (const { code, line, message } of issues) console.log(`${code}${line ? `, line ${line}` : ''}: ${message}`)

// written and read again it is the same network
console.log('same', JSON.stringify(parseMatpower(writeMatpower(network)).network.bus) === JSON.stringify(network.bus))
console.log(
    checkNetwork({ ...network, generator: [] })
        .map(({ code }) => code)
        .join(', '),
)
