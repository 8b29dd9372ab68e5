/** RAW files of our own, for tests. */

/** The nine-bus system of P. M. Anderson and A. A. Fouad (1977), as in `nineBus`: title lines, blanks and commas mixed. */
export const nineBus33 = `0, 100.0, 33, 0, 1, 60.0 / Anderson and Fouad
nine_bus

1,'GEN 1', 16.5, 3, 1,1,1, 1.0, 0.0
2,'GEN 2', 18.0, 2
3,'GEN 3', 13.8, 2
4 'A/B, C' 230.0 1
5,,230.0
6,'',230.0,1 / the rest stands at its defaults
7,'BUS 7       ',230.0,1,1,1,1,1.0,0.0,1.1,0.9,1.1,0.9
8,,230.0

9,,230.0
0 / END OF BUS DATA, BEGIN LOAD DATA
5,'1 ',1,1,1,125.0,50.0
6,'1 ',1,1,1,90.0,30.0
8,'1 ',1,1,1,100.0,35.0
0 / END OF LOAD DATA, BEGIN FIXED SHUNT DATA
0 / END OF FIXED SHUNT DATA, BEGIN GENERATOR DATA
1,'1 ',0.0,0.0,300.0,-300.0,1.04,0,100,0,1,0,0,1,1,100,250,10
2,'1 ',163.0,0.0,300.0,-300.0,1.025,0,100,0,1,0,0,1,1,100,300,10
3,'1 ',85.0,0.0,3D2,-3.0D+02,1.025,0,100,0,1,0,0,1,1,100,270,10
0 / END OF GENERATOR DATA, BEGIN BRANCH DATA
4,5,'1 ',0.010,0.085,0.176,250,250,250
4,-6,'1 ',0.017,0.092,0.158,250,250,250
5,7,'1 ',0.032,0.161,0.306,250,250,250
6,9,'1 ',0.039,0.170,0.358,150,150,150
7,8,'1 ',0.0085,0.072,0.149,250,250,250
8,9,'1 ',0.0119,0.1008,0.209,150,150,150
0 / END OF BRANCH DATA, BEGIN TRANSFORMER DATA
1,4,0,'1 ',1,1,1
0,0.0576
1.0,0,0,250,250,250
1.0
2,7,0,'1 ',1,1,1
0,0.0625,100
1.0,0,0,250,250,250
1.0
3,9,0,'1 ',1,1,1
0,0.0586,100
1.0,0,0,300,300,300
1.0
0 / END OF TRANSFORMER DATA
Q
`

const withSections = (revision: 33 | 35, parts: Readonly<Record<string, string>>) => {
    const order33 =
        'bus load fixedShunt generator branch transformer area twoTerminalDc vscDc impedanceCorrection multiTerminalDc multiSection zone transfer owner facts switchedShunt gne inductionMachine'
    const order = (
        revision === 33 ? order33 : `systemWide ${order33.replace('transformer', 'switchingDevice transformer')} substation`
    ).split(' ')
    const body = order.map((name) => `${parts[name]?.trim() ? `${parts[name].trim()}\n` : ''}0 / END OF ${name}`)
    return `0,100.0,${revision},0,1,50.0\neverything\n\n${body.join('\n')}\nQ\n`
}

/** A file with the given sections, all others empty. */
export const rawFile = withSections

/** Every kind of record a network keeps, on eight buses; revision 33. */
export const everything33 = withSections(33, {
    bus: `
1,'SLACK',220.0,3,1,1,1,1.02,0.0
2,'PV',220.0,2,1,1,1,1.01,-2.0
3,'LOAD',110.0,1,2,1,1,0.99,-4.0
4,'TERTIARY',20.0,1,2,2,1,1.0,-5.0
5,'TWIN A',220.0,1
6,'TWIN B',220.0,1
7,'FAR',220.0,2,1,1,1,1.0,0.0
8,'OFF',220.0,4`,
    load: `
3,'1',1,2,1,80.0,20.0,0.0,0.0,1.5,-0.5
3,'2',0,2,1,10.0,2.0
5,'A',1,1,1,40.0,10.0,10.0,2.0
7,'1',1,1,1,30.0,5.0`,
    fixedShunt: "3,'1',1,0.0,12.0",
    generator: `
1,'1',90.0,0.0,9999,-9999,1.02,0,200,0,1,0,0,1,1,100,200,0
2,'1',60.0,0.0,50.0,-40.0,1.01,5,100,0,1,0,0,1,1,100,80,10
7,'1',0.0,0.0,30.0,-30.0,1.0`,
    branch: `
1,2,'1',0.002,0.02,0.1,200,220,240,0.001,0.02,0,-0.03,1
1,5,'1',0.003,0.03,0.12,200
2,6,'1',0.003,0.03,0.12,200
5,6,'@1',0,0.0001,0
2,6,'2',0.003,0.03,0.12,0,0,0,0,0,0,0,0`,
    transformer: `
1,3,0,'1',1,1,1,0.0005,-0.004,2,'T1',1
0.004,0.1,100.0
0.98,0,0,120,130,140,1,3,1.1,0.9,1.02,0.98,33
1.0,0
2,3,0,'1',1,1,1,0,0,2,'T2',1
0.004,0.1,100.0
1.0,0,-3.5,120,0,0,-3,0,30,-30,25,15
1.0,0
2,3,4,'1',1,1,1,0.0002,-0.001,2,'T3',1
0.003,0.12,100,0.004,0.2,100,0.005,0.15,100
1.01,0,0,100,0,0,1,3,1.1,0.9,1.01,0.99,17
1.0,0,0,100
1.0,0,30,40`,
    vscDc: `
'LINK',1,0.0
1,2,1,-50.0,1.02,800.0,2.0,0,100,0,1,60,-60
7,1,1,100.0,1.0,0,0,0,100,0,1,10,10`,
    switchedShunt: `
4,1,0,1,1.02,0.98,0,100,'',20.0,4,10.0
3,2,0,1,1.0,1.0,0,100,'',5.0,1,-30.0,1,40.0
5,0,0,1,1.0,1.0,0,100,'',-10.0`,
})
