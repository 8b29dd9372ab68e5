/**
 * The gate speaks English sentences; in Chinese they are said by pattern, with the same names and numbers. A sentence
 * nobody wrote a pattern for is shown as it came.
 */
import type { Lang } from './index.ts'

const patterns: readonly (readonly [RegExp, string])[] = [
    [/^(.+) is (viewer|operator|supervisor|administrator)$/, '$1 的角色允许操作'],
    [/^a (\w+) does not operate$/, '观察员不能操作'],
    [/^there is no point (.+)$/, '没有测点 $1'],
    [/^(.+) cannot be commanded$/, '$1 不可控'],
    [/^no device has announced (.+)$/, '没有设备上报 $1'],
    [/^(.+), which moves (.+), is not online$/, '控制 $2 的设备 $1 不在线'],
    [/^(.+) is online$/, '$1 在线'],
    [/^(.+) is outside (.+)$/, '$1 超出范围 $2'],
    [/^within (.+)$/, '在 $1 之内'],
    [/^a position is 0 \(open\) or 1 \(closed\), got (.+)$/, '位置只能为 0（分）或 1（合），收到 $1'],
    [/^a tap position is a whole number, got (.+)$/, '分接头须为整数，收到 $1'],
    [/^it cannot discharge: the state of charge is (.+)$/, '不能放电：荷电状态为 $1'],
    [/^it cannot charge: the state of charge is (.+)$/, '不能充电：荷电状态为 $1'],
    [/^no interlock applies$/, '无相关联锁'],
    [/^it is closed already$/, '已处于合闸'],
    [/^it is open already$/, '已处于分闸'],
    [/^it can break what flows$/, '可开断当前电流'],
    [/^no circuit is made yet$/, '尚未形成回路'],
    [/^it connects a unit$/, '接入机组'],
    [/^one side is dead$/, '一侧无电'],
    [/^a disconnector does not switch under load; open the breaker of (.+) first$/, '隔离开关不得带负荷操作；请先断开 $1 的断路器'],
    [/^(.+) tripped and may have a fault; acknowledge its trip alarm first$/, '$1 曾跳闸，可能有故障；请先确认其跳闸告警'],
    [/^the voltages on both sides of (.+) are not known$/, '$1 两侧电压未知'],
    [/^(.+) and (.+) across the open branch; at most (.+) and (.+) may be closed$/, '断口两侧相差 $1、$2；允许合闸上限为 $3、$4'],
    [/^(.+) and (.+) across the open branch$/, '断口两侧相差 $1、$2'],
    [/^held by ([^:]+): (.+)$/, '$1 已挂牌：$2'],
    [/^not held$/, '未挂牌'],
    [/^the state is known$/, '状态已知'],
    [/^(.+); a supervisor may accept that$/, '$1；可由值班长认可'],
    [/^the outcome was not predicted, for the reasons above$/, '因上述原因未作预测'],
    [/^not predicted$/, '未作预测'],
    [/^the power flow has no solution after it$/, '执行后潮流无解'],
    [/^it would violate limits: (.+)$/, '将导致越限：$1'],
    [/^no limit is newly violated$/, '无新增越限'],
    [/^not commanded just now$/, '近期无命令'],
    [/^commanded (\d+) ms ago; wait (\d+) ms$/, '$1 毫秒前刚有命令；请等待 $2 毫秒'],
    [/^not needed$/, '不需要'],
    [/^nothing loses its supply$/, '无用户失电'],
    [/^(.+); a supervisor other than (.+) must agree$/, '$1；须由 $2 以外的值班长同意'],
    [/^not operated within (.+) s$/, '$1 秒内未执行'],
    [/^(.+) has a command on (.+) under way \(.+\)$/, '$1 对 $2 的命令正在进行'],
]

export function gateText(message: string, lang: Lang): string {
    if (lang === 'en') return message
    for (const [pattern, text] of patterns)
        if (pattern.test(message)) return message.replace(pattern, text).replaceAll(' against ', '，限值 ')
    return message
}
