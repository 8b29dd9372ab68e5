/**
 * The records of PSS/E RAW files, revisions 33 and 35: sections in their order, and fields with the values that stand
 * where a field is empty. After the data formats of the PSS/E manual (Program Operation Manual, power flow data file contents).
 */

export type Revision = 33 | 35

const owners = 'O1=1 F1=1 O2=0 F2=1 O3=0 F3=1 O4=0 F4=1'
const rates = (prefix: string) => Array.from({ length: 12 }, (_, k) => `${prefix}${k + 1}=0`).join(' ')
const blocks = (fields: string) => Array.from({ length: 8 }, (_, k) => fields.replaceAll('#', String(k + 1))).join(' ')

/** last line of a winding: its ratio, ratings and control */
const winding33 = 'WINDV= NOMV=0 ANG=0 RATE1=0 RATE2=0 RATE3=0 COD=0 CONT=0 RMA= RMI= VMA=1.1 VMI=0.9 NTP=33 TAB=0 CR=0 CX=0 CNXA=0'
const winding35 = `WINDV= NOMV=0 ANG=0 ${rates('RATE')} COD=0 CONT=0 NODE=0 RMA= RMI= VMA=1.1 VMI=0.9 NTP=33 TAB=0 CR=0 CX=0 CNXA=0`
const converter33 = 'IBUS TYPE= MODE=1 DCSET= ACSET=1 ALOSS=0 BLOSS=0 MINLOSS=0 SMAX=0 IMAX=0 PWF=1 MAXQ=9999 MINQ=-9999 REMOT=0 RMPCT=100'
const end33 = 'IP NB= ANMX= ANMN= RC= XC= EBAS= TR=1 TAP=1 TMX=1.5 TMN=0.51 STP=0.00625 IC=0 IF=0 IT=0 ID= XCAP=0'

/** Fields of each kind of record: `NAME=default`, `NAME=` where nothing stands for an empty field, `NAME` where it must be given. */
const layout33 = {
    bus: "I NAME='' BASKV=0 IDE=1 AREA=1 ZONE=1 OWNER=1 VM=1 VA=0 NVHI=1.1 NVLO=0.9 EVHI=1.1 EVLO=0.9",
    load: 'I ID=1 STATUS=1 AREA=1 ZONE=1 PL=0 QL=0 IP=0 IQ=0 YP=0 YQ=0 OWNER=1 SCALE=1 INTRPT=0',
    fixedShunt: 'I ID=1 STATUS=1 GL=0 BL=0',
    generator: `I ID=1 PG=0 QG=0 QT=9999 QB=-9999 VS=1 IREG=0 MBASE= ZR=0 ZX=1 RT=0 XT=0 GTAP=1 STAT=1 RMPCT=100 PT=9999 PB=-9999 ${owners} WMOD=0 WPF=1`,
    branch: `I J CKT=1 R=0 X= B=0 RATE1=0 RATE2=0 RATE3=0 GI=0 BI=0 GJ=0 BJ=0 ST=1 MET=1 LEN=0 ${owners}`,
    switchingDevice: '',
    transformer: `I J K=0 CKT=1 CW=1 CZ=1 CM=1 MAG1=0 MAG2=0 NMETR=2 NAME='' STAT=1 ${owners} VECGRP=''`,
    impedance2: 'R12=0 X12= SBASE12=',
    impedance3: 'R12=0 X12= SBASE12= R23=0 X23= SBASE23= R31=0 X31= SBASE31= VMSTAR=1 ANSTAR=0',
    winding: winding33,
    winding2: 'WINDV= NOMV=0',
    area: "I ISW=0 PDES=0 PTOL=10 ARNAME=''",
    twoTerminalDc: 'NAME MDC=0 RDC= SETVL= VSCHD= VCMOD=0 RCOMP=0 DELTI=0 METER=I DCVMIN=0 CCCITMX=20 CCCACC=1',
    dcEnd: end33,
    vscDc: `NAME MDC=1 RDC= ${owners}`,
    converter: converter33,
    multiTerminalDc: 'NAME NCONV= NDCBS= NDCLN= MDC=0 VCONV=0 VCMOD=0 VCONVN=0',
    multiSection: 'I J ID=&1 MET=1',
    zone: "I ZONAME=''",
    transfer: 'ARFROM ARTO TRID=1 PTRAN=0',
    owner: "I OWNAME=''",
    facts: 'NAME I= J=0 MODE=1 PDES=0 QDES=0 VSET=1 SHMX=9999 TRMX=9999 VTMN=0.9 VTMX=1.1 VSMX=1 IMX=0 LINX=0.05',
    switchedShunt: `I MODSW=1 ADJM=0 STAT=1 VSWHI=1 VSWLO=1 SWREM=0 RMPCT=100 RMIDNT='' BINIT=0 ${blocks('N#=0 B#=0')}`,
    gne: 'NAME MODEL= NTERM=1',
    inductionMachine: 'I ID=1 STAT=1 SCODE=1 DCODE=2 AREA=1 ZONE=1 OWNER=1 TCODE=1 BCODE=1 MBASE= RATEKV=0 PCODE=1 PSET=0',
} as const

export type RecordKind = keyof typeof layout33

const layout35: Readonly<Record<RecordKind, string>> = {
    ...layout33,
    load: `${layout33.load} DGENP=0 DGENQ=0 DGENM=0 LOADTYPE=''`,
    generator: layout33.generator.replace('IREG=0', 'IREG=0 NREG=0').replace('PB=-9999', 'PB=-9999 BASLOD=0'),
    branch: layout33.branch.replace('RATE1=0 RATE2=0 RATE3=0', `NAME='' ${rates('RATE')}`),
    switchingDevice: `I J CKT=1 X=0.0001 ${rates('RATE')} STAT=1 NSTAT=1 MET=1 STYPE=1 NAME=''`,
    transformer: `${layout33.transformer} ZCOD=0`,
    winding: winding35,
    dcEnd: end33.replace('IC=0', 'IC=0 ND=0'),
    converter: converter33.replace('REMOT=0', 'REMOT=0 NREG=0'),
    switchedShunt: `I ID=1 MODSW=1 ADJM=0 STAT=1 VSWHI=1 VSWLO=1 SWREM=0 NREG=0 RMPCT=100 RMIDNT='' BINIT=0 ${blocks('S#=1 N#=0 B#=0')}`,
}

export interface Field {
    readonly name: string
    /** value of an empty field; undefined where nothing stands for it */
    readonly otherwise: string | undefined
    /** texts are written in quotes */
    readonly isText: boolean
}

export interface Layout {
    readonly fields: readonly Field[]
    readonly at: ReadonlyMap<string, number>
}

const textFields = new Set(['NAME', 'ID', 'CKT', 'VECGRP', 'ARNAME', 'ZONAME', 'OWNAME', 'RMIDNT', 'LOADTYPE', 'TRID', 'METER', 'MODEL'])

function layoutOf(words: string): Layout {
    const fields = words
        .split(' ')
        .filter(Boolean)
        .map((word): Field => {
            const [name = '', value] = word.split('=')
            // the number of a DC converter's tapped circuit is the one ID that is a text too
            return { name, otherwise: value === '' ? undefined : value?.replaceAll("'", ''), isText: textFields.has(name) }
        })
    return { fields, at: new Map(fields.map((field, k) => [field.name, k])) }
}

const all = (layouts: Readonly<Record<RecordKind, string>>) =>
    Object.fromEntries(Object.entries(layouts).map(([kind, words]) => [kind, layoutOf(words)])) as Record<RecordKind, Layout>

export const layouts: Readonly<Record<Revision, Readonly<Record<RecordKind, Layout>>>> = { 33: all(layout33), 35: all(layout35) }

/** Sections of a file in their order, by the words of the lines that end them. */
export const sections: Readonly<Record<Revision, readonly (readonly [string, string])[]>> = (() => {
    const of33 = [
        ['bus', 'BUS DATA'],
        ['load', 'LOAD DATA'],
        ['fixedShunt', 'FIXED SHUNT DATA'],
        ['generator', 'GENERATOR DATA'],
        ['branch', 'BRANCH DATA'],
        ['transformer', 'TRANSFORMER DATA'],
        ['area', 'AREA DATA'],
        ['twoTerminalDc', 'TWO-TERMINAL DC DATA'],
        ['vscDc', 'VOLTAGE SOURCE CONVERTER DATA'],
        ['impedanceCorrection', 'IMPEDANCE CORRECTION DATA'],
        ['multiTerminalDc', 'MULTI-TERMINAL DC DATA'],
        ['multiSection', 'MULTI-SECTION LINE DATA'],
        ['zone', 'ZONE DATA'],
        ['transfer', 'INTER-AREA TRANSFER DATA'],
        ['owner', 'OWNER DATA'],
        ['facts', 'FACTS CONTROL DEVICE DATA'],
        ['switchedShunt', 'SWITCHED SHUNT DATA'],
        ['gne', 'GNE DEVICE DATA'],
        ['inductionMachine', 'INDUCTION MACHINE DATA'],
    ] as const
    const of35 = [
        ['systemWide', 'SYSTEM-WIDE DATA'],
        ...of33.slice(0, 5),
        ['switchingDevice', 'SYSTEM SWITCHING DEVICE DATA'],
        ...of33.slice(5),
        ['substation', 'SUBSTATION DATA'],
    ] as const
    return { 33: of33, 35: of35 }
})()
