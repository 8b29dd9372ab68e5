/**
 * SunSpec information models: which points a model has, in the order of its registers. Source: SunSpec Alliance, model
 * definitions (sunspec/models, release of IEEE 1547-2018 models 701–714) and SunSpec Information Model Reference (1xx, 8xx).
 *
 * One word a point: name, `!` where it may be written, `:` type, `*` the point that holds its scale factor. A type left out is
 * uint16. Every model starts with its id and length; they are the same everywhere and not written here.
 */

export const pointTypes = [
    'int16',
    'uint16',
    'int32',
    'uint32',
    'uint64',
    'acc32',
    'acc64',
    'enum16',
    'bitfield16',
    'bitfield32',
    'sunssf',
    'string',
    'pad',
] as const
export type PointType = (typeof pointTypes)[number]

export interface ModelPoint {
    readonly name: string
    readonly type: PointType
    /** first register, counted from the model's id */
    readonly offset: number
    /** registers */
    readonly size: number
    /** may be written */
    readonly writable: boolean
    /** point that holds the power of ten its value is multiplied with */
    readonly scale: string | undefined
}

export interface Model {
    readonly id: number
    /** registers after id and length */
    readonly length: number
    readonly points: ReadonlyMap<string, ModelPoint>
}

const sizeOf: Readonly<Record<PointType, number>> = {
    int16: 1,
    uint16: 1,
    int32: 2,
    uint32: 2,
    uint64: 4,
    acc32: 2,
    acc64: 4,
    enum16: 1,
    bitfield16: 1,
    bitfield32: 2,
    sunssf: 1,
    string: 0,
    pad: 1,
}

function model(id: number, words: string): Model {
    const points = new Map<string, ModelPoint>()
    let offset = 2
    for (const word of words.trim().split(/\s+/)) {
        const [, name, writable, typeName = 'uint16', scale] = /^(\w+)(!?)(?::(\w+))?(?:\*(\w+))?$/.exec(word)!
        const ofText = /^string(\d+)$/.exec(typeName)
        const type = (ofText ? 'string' : name!.endsWith('_SF') ? 'sunssf' : typeName) as PointType
        const size = ofText ? Number(ofText[1]) : sizeOf[type]
        points.set(name!, { name: name!, type, offset, size, writable: writable === '!', scale })
        offset += size
    }
    return { id, length: offset - 2, points }
}

/** The same points for each phase, named by it. */
const phases = (word: (phase: string, line: string) => string): string =>
    [word('L1', 'L1L2'), word('L2', 'L2L3'), word('L3', 'L3L1')].join(' ')

const inverter = (id: number) =>
    model(
        id,
        `A*A_SF AphA*A_SF AphB*A_SF AphC*A_SF A_SF PPVphAB*V_SF PPVphBC*V_SF PPVphCA*V_SF PhVphA*V_SF PhVphB*V_SF PhVphC*V_SF V_SF
        W:int16*W_SF W_SF Hz*Hz_SF Hz_SF VA:int16*VA_SF VA_SF VAr:int16*VAr_SF VAr_SF PF:int16*PF_SF PF_SF WH:acc32*WH_SF WH_SF
        DCA*DCA_SF DCA_SF DCV*DCV_SF DCV_SF DCW:int16*DCW_SF DCW_SF
        TmpCab:int16*Tmp_SF TmpSnk:int16*Tmp_SF TmpTrns:int16*Tmp_SF TmpOt:int16*Tmp_SF Tmp_SF St:enum16 StVnd:enum16
        Evt1:bitfield32 Evt2:bitfield32 EvtVnd1:bitfield32 EvtVnd2:bitfield32 EvtVnd3:bitfield32 EvtVnd4:bitfield32`,
    )

/** By id. */
export const models: ReadonlyMap<number, Model> = new Map(
    [
        // who it is
        model(1, 'Mn:string16 Md:string16 Opt:string8 Vr:string8 SN:string16 DA! Pad:pad'),
        // single-phase, split-phase and three-phase inverter
        inverter(101),
        inverter(102),
        inverter(103),
        // nameplate
        model(
            120,
            `DERTyp:enum16 WRtg*WRtg_SF WRtg_SF VARtg*VARtg_SF VARtg_SF
            VArRtgQ1:int16*VArRtg_SF VArRtgQ2:int16*VArRtg_SF VArRtgQ3:int16*VArRtg_SF VArRtgQ4:int16*VArRtg_SF VArRtg_SF ARtg*ARtg_SF ARtg_SF
            PFRtgQ1:int16*PFRtg_SF PFRtgQ2:int16*PFRtg_SF PFRtgQ3:int16*PFRtg_SF PFRtgQ4:int16*PFRtg_SF PFRtg_SF
            WHRtg*WHRtg_SF WHRtg_SF AhrRtg*AhrRtg_SF AhrRtg_SF MaxChaRte*MaxChaRte_SF MaxChaRte_SF MaxDisChaRte*MaxDisChaRte_SF
            MaxDisChaRte_SF Pad:pad`,
        ),
        // basic settings
        model(
            121,
            `WMax!*WMax_SF VRef!*VRef_SF VRefOfs!:int16*VRefOfs_SF VMax!*VMinMax_SF VMin!*VMinMax_SF VAMax!*VAMax_SF
            VArMaxQ1!:int16*VArMax_SF VArMaxQ2!:int16*VArMax_SF VArMaxQ3!:int16*VArMax_SF VArMaxQ4!:int16*VArMax_SF WGra!*WGra_SF
            PFMinQ1!:int16*PFMin_SF PFMinQ2!:int16*PFMin_SF PFMinQ3!:int16*PFMin_SF PFMinQ4!:int16*PFMin_SF
            VArAct!:enum16 ClcTotVA!:enum16 MaxRmpRte!*MaxRmpRte_SF ECPNomHz!*ECPNomHz_SF ConnPh!:enum16
            WMax_SF VRef_SF VRefOfs_SF VMinMax_SF VAMax_SF VArMax_SF WGra_SF PFMin_SF MaxRmpRte_SF ECPNomHz_SF`,
        ),
        // extended measurements and status
        model(
            122,
            `PVConn:bitfield16 StorConn:bitfield16 ECPConn:bitfield16 ActWh:acc64 ActVAh:acc64 ActVArhQ1:acc64 ActVArhQ2:acc64
            ActVArhQ3:acc64 ActVArhQ4:acc64 VArAval:int16*VArAval_SF VArAval_SF WAval*WAval_SF WAval_SF StSetLimMsk:bitfield32
            StActCtl:bitfield32 TmSrc:string4 Tms:uint32 RtSt:bitfield16 Ris*Ris_SF Ris_SF`,
        ),
        // immediate controls
        model(
            123,
            `Conn_WinTms! Conn_RvrtTms! Conn!:enum16 WMaxLimPct!*WMaxLimPct_SF WMaxLimPct_WinTms! WMaxLimPct_RvrtTms! WMaxLimPct_RmpTms!
            WMaxLim_Ena!:enum16 OutPFSet!:int16*OutPFSet_SF OutPFSet_WinTms! OutPFSet_RvrtTms! OutPFSet_RmpTms! OutPFSet_Ena!:enum16
            VArWMaxPct!:int16*VArPct_SF VArMaxPct!:int16*VArPct_SF VArAvalPct!:int16*VArPct_SF VArPct_WinTms! VArPct_RvrtTms!
            VArPct_RmpTms! VArPct_Mod!:enum16 VArPct_Ena!:enum16 WMaxLimPct_SF OutPFSet_SF VArPct_SF`,
        ),
        // storage controls
        model(
            124,
            `WChaMax!*WChaMax_SF WChaGra!*WChaDisChaGra_SF WDisChaGra!*WChaDisChaGra_SF StorCtl_Mod!:bitfield16 VAChaMax!*VAChaMax_SF
            MinRsvPct!*MinRsvPct_SF ChaState*ChaState_SF StorAval*StorAval_SF InBatV*InBatV_SF ChaSt:enum16
            OutWRte!:int16*InOutWRte_SF InWRte!:int16*InOutWRte_SF InOutWRte_WinTms! InOutWRte_RvrtTms! InOutWRte_RmpTms! ChaGriSet!:enum16
            WChaMax_SF WChaDisChaGra_SF VAChaMax_SF MinRsvPct_SF ChaState_SF StorAval_SF InBatV_SF InOutWRte_SF`,
        ),
        // DER AC measurement
        model(
            701,
            `ACType:enum16 St:enum16 InvSt:enum16 ConnSt:enum16 Alrm:bitfield32 DERMode:bitfield32
            W:int16*W_SF VA:int16*VA_SF Var:int16*Var_SF PF*PF_SF A:int16*A_SF LLV*V_SF LNV*V_SF Hz:uint32*Hz_SF
            TotWhInj:uint64*TotWh_SF TotWhAbs:uint64*TotWh_SF TotVarhInj:uint64*TotVarh_SF TotVarhAbs:uint64*TotVarh_SF
            TmpAmb:int16*Tmp_SF TmpCab:int16*Tmp_SF TmpSnk:int16*Tmp_SF TmpTrns:int16*Tmp_SF TmpSw:int16*Tmp_SF TmpOt:int16*Tmp_SF
            ${phases(
                (p, line) =>
                    `W${p}:int16*W_SF VA${p}:int16*VA_SF Var${p}:int16*Var_SF PF${p}*PF_SF A${p}:int16*A_SF V${line}*V_SF V${p}*V_SF
                    TotWhInj${p}:uint64*TotWh_SF TotWhAbs${p}:uint64*TotWh_SF TotVarhInj${p}:uint64*TotVarh_SF TotVarhAbs${p}:uint64*TotVarh_SF`,
            )}
            ThrotPct ThrotSrc:bitfield32 A_SF V_SF Hz_SF W_SF PF_SF VA_SF Var_SF TotWh_SF TotVarh_SF Tmp_SF MnAlrmInfo:string32`,
        ),
        // DER capacity: ratings, then settings
        model(
            702,
            `WMaxRtg*W_SF WOvrExtRtg*W_SF WOvrExtRtgPF*PF_SF WUndExtRtg*W_SF WUndExtRtgPF*PF_SF VAMaxRtg*VA_SF VarMaxInjRtg*Var_SF
            VarMaxAbsRtg*Var_SF WChaRteMaxRtg*W_SF WDisChaRteMaxRtg*W_SF VAChaRteMaxRtg*VA_SF VADisChaRteMaxRtg*VA_SF VNomRtg*V_SF
            VMaxRtg*V_SF VMinRtg*V_SF AMaxRtg*A_SF PFOvrExtRtg*PF_SF PFUndExtRtg*PF_SF ReactSusceptRtg*S_SF NorOpCatRtg:enum16
            AbnOpCatRtg:enum16 CtrlModes:bitfield32 IntIslandCatRtg:bitfield16
            WMax!*W_SF WMaxOvrExt!*W_SF WOvrExtPF!*PF_SF WMaxUndExt!*W_SF WUndExtPF!*PF_SF VAMax!*VA_SF VarMaxInj!*Var_SF
            VarMaxAbs!*Var_SF WChaRteMax!*W_SF WDisChaRteMax!*W_SF VAChaRteMax!*VA_SF VADisChaRteMax!*VA_SF VNom!*V_SF VMax!*V_SF
            VMin!*V_SF AMax!*A_SF PFOvrExt!*PF_SF PFUndExt!*PF_SF IntIslandCat!:bitfield16 W_SF PF_SF VA_SF Var_SF V_SF A_SF S_SF`,
        ),
        // DER AC controls
        model(
            704,
            `PFWInjEna!:enum16 PFWInjEnaRvrt!:enum16 PFWInjRvrtTms!:uint32 PFWInjRvrtRem:uint32
            PFWAbsEna!:enum16 PFWAbsEnaRvrt!:enum16 PFWAbsRvrtTms!:uint32 PFWAbsRvrtRem:uint32
            WMaxLimPctEna!:enum16 WMaxLimPct!*WMaxLimPct_SF WMaxLimPctRvrt!*WMaxLimPct_SF WMaxLimPctEnaRvrt!:enum16
            WMaxLimPctRvrtTms!:uint32 WMaxLimPctRvrtRem:uint32
            WSetEna!:enum16 WSetMod!:enum16 WSet!:int32*WSet_SF WSetRvrt!:int32*WSet_SF WSetPct!:int16*WSetPct_SF
            WSetPctRvrt!:int16*WSetPct_SF WSetEnaRvrt!:enum16 WSetRvrtTms!:uint32 WSetRvrtRem:uint32
            VarSetEna!:enum16 VarSetMod!:enum16 VarSetPri!:enum16 VarSet!:int32*VarSet_SF VarSetRvrt!:int32*VarSet_SF
            VarSetPct!:int16*VarSetPct_SF VarSetPctRvrt!:int16*VarSetPct_SF VarSetEnaRvrt!:enum16 VarSetRvrtTms!:uint32 VarSetRvrtRem:uint32
            WRmp! WRmpRef!:enum16 VarRmp! AntiIslEna!:enum16 PF_SF WMaxLimPct_SF WSet_SF WSetPct_SF VarSet_SF VarSetPct_SF
            PFWInj_PF!*PF_SF PFWInj_Ext!:enum16 PFWInjRvrt_PF!*PF_SF PFWInjRvrt_Ext!:enum16
            PFWAbs_PF!*PF_SF PFWAbs_Ext!:enum16 PFWAbsRvrt_PF!*PF_SF PFWAbsRvrt_Ext!:enum16`,
        ),
        // DER storage capacity
        model(713, 'WHRtg*WH_SF WHAvail*WH_SF SoC*Pct_SF SoH*Pct_SF Sta:enum16 WH_SF Pct_SF'),
        // battery base model
        model(
            802,
            `AHRtg*AHRtg_SF WHRtg*WHRtg_SF WChaRteMax*WChaDisChaMax_SF WDisChaRteMax*WChaDisChaMax_SF DisChaRte*DisChaRte_SF SoCMax*SoC_SF
            SoCMin*SoC_SF SocRsvMax!*SoC_SF SoCRsvMin!*SoC_SF SoC*SoC_SF DoD*DoD_SF SoH*SoH_SF NCyc:uint32 ChaSt:enum16 LocRemCtl:enum16 Hb
            CtrlHb! AlmRst! Typ:enum16 State:enum16 StateVnd:enum16 WarrDt:uint32 Evt1:bitfield32 Evt2:bitfield32 EvtVnd1:bitfield32
            EvtVnd2:bitfield32 V*V_SF VMax*V_SF VMin*V_SF CellVMax*CellV_SF CellVMaxStr CellVMaxMod CellVMin*CellV_SF CellVMinStr
            CellVMinMod CellVAvg*CellV_SF A:int16*A_SF AChaMax*AMax_SF ADisChaMax*AMax_SF W:int16*W_SF ReqInvState:enum16 ReqW:int16*W_SF
            SetOp!:enum16 SetInvState!:enum16 AHRtg_SF WHRtg_SF WChaDisChaMax_SF DisChaRte_SF SoC_SF DoD_SF SoH_SF V_SF CellV_SF A_SF AMax_SF
            W_SF`,
        ),
        // notices, a model of ours among those left to makers (64001 and up): a text, and the CRC-32 of the one kept
        model(64_900, 'Crc:uint32 Txt!:string120'),
    ].map((m) => [m.id, m]),
)

/** the model of notices */
export const noticeModel = 64_900

/** Register contents that open a map, "SunS", and close it. */
export const marker = [0x5375, 0x6e53] as const
export const endModel = 0xffff
/** Where a map may begin (SunSpec Device Information Model Specification). */
export const baseAddresses = [40_000, 50_000, 0] as const
