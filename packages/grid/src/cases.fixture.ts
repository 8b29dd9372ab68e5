/** Small case files whose answers are published or follow by hand; for tests. */

/**
 * The nine-bus system of P. M. Anderson and A. A. Fouad, Power System Control and Stability (1977), figures 2.18 and
 * 2.19: three machines, three loads, 100 MVA.
 */
export const nineBus = `function mpc = nine_bus
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
    1 3   0  0 0 0 1 1 0  16.5 1 1.1 0.9;
    2 2   0  0 0 0 1 1 0  18   1 1.1 0.9;
    3 2   0  0 0 0 1 1 0  13.8 1 1.1 0.9;
    4 1   0  0 0 0 1 1 0 230   1 1.1 0.9;
    5 1 125 50 0 0 1 1 0 230   1 1.1 0.9;
    6 1  90 30 0 0 1 1 0 230   1 1.1 0.9;
    7 1   0  0 0 0 1 1 0 230   1 1.1 0.9;
    8 1 100 35 0 0 1 1 0 230   1 1.1 0.9;
    9 1   0  0 0 0 1 1 0 230   1 1.1 0.9;
];
mpc.gen = [
    1   0 0 300 -300 1.04  100 1 250 10;
    2 163 0 300 -300 1.025 100 1 300 10;
    3  85 0 300 -300 1.025 100 1 270 10;
];
mpc.branch = [
    1 4 0      0.0576 0     250 250 250 1 0 1 -360 360;
    2 7 0      0.0625 0     250 250 250 1 0 1 -360 360;
    3 9 0      0.0586 0     300 300 300 1 0 1 -360 360;
    4 5 0.010  0.085  0.176 250 250 250 0 0 1 -360 360;
    4 6 0.017  0.092  0.158 250 250 250 0 0 1 -360 360;
    5 7 0.032  0.161  0.306 250 250 250 0 0 1 -360 360;
    6 9 0.039  0.170  0.358 150 150 150 0 0 1 -360 360;
    7 8 0.0085 0.072  0.149 250 250 250 0 0 1 -360 360;
    8 9 0.0119 0.1008 0.209 150 150 150 0 0 1 -360 360;
];
`

/** Published with it: magnitudes to 1e-4 p.u., angles to 0.1 degree, generator powers to 0.1 MW and Mvar. */
export const nineBusAnswer = {
    vmPu: [1.04, 1.025, 1.025, 1.0258, 0.9956, 1.0127, 1.0258, 1.0159, 1.0324],
    vaDeg: [0, 9.3, 4.7, -2.2, -4.0, -3.7, 3.7, 0.7, 2.0],
    pMw: [71.6, 163, 85],
    qMvar: [27, 6.7, -10.9],
} as const
