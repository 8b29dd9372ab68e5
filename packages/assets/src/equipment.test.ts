import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { advanceBattery } from './battery.ts'
import { advanceEvPosts, type EvSessions } from './ev-post.ts'
import { advanceFlexibleLoad } from './flexible-load.ts'
import { advanceBasePoint, primaryResponse } from './machine.ts'
import { advanceTapControl, defaultTapControl } from './tap-changer.ts'

test('a unit moves at its ramp and keeps its limits', () => {
    const unit = { pMinMw: 50, pMaxMw: 155, rampMwPerMin: 3, droop: 0.05 }
    expect(advanceBasePoint(unit, 100, 120, 60)).toBe(103)
    expect(advanceBasePoint(unit, 100, 20, 1)).toBeCloseTo(99.95, 12)
    expect(advanceBasePoint(unit, 154.9, 400, 60)).toBe(155)
    // starting from nothing it climbs to its least output first
    expect(advanceBasePoint(unit, 0, 0, 60)).toBe(3)
})

test('a governor answers by its droop beyond the dead band, within the room the unit has', () => {
    const unit = { pMinMw: 50, pMaxMw: 150, rampMwPerMin: 3, droop: 0.05 }
    expect(primaryResponse(unit, 0.03, 60, 100)).toBe(0)
    // 0.3 Hz low beyond the dead band is 0.5 %: a tenth of the size
    expect(primaryResponse(unit, -0.336, 60, 100)).toBeCloseTo(15, 9)
    expect(primaryResponse(unit, 0.336, 60, 100)).toBeCloseTo(-15, 9)
    expect(primaryResponse(unit, -3, 60, 140)).toBe(10)
    expect(primaryResponse({ ...unit, droop: 0 }, -1, 60, 100)).toBe(0)
})

test('a battery stores what its efficiency leaves, and neither overfills nor runs below empty', () => {
    const battery = { pMinMw: -10, pMaxMw: 10, energyMwh: 20, chargeEfficiency: 0.9, dischargeEfficiency: 0.9 }
    const charged = advanceBattery(battery, 50, -10, 3600)
    expect(charged).toEqual({ pMw: -10, socPercent: 95 })
    const out = advanceBattery(battery, 95, 9, 3600)
    expect(out.socPercent).toBeCloseTo(45, 9)
    const full = advanceBattery(battery, 99, -10, 3600)
    expect(full.socPercent).toBeCloseTo(100, 9)
    expect(full.pMw).toBeCloseTo(-0.2 / 0.9, 9)
    const empty = advanceBattery(battery, 1, 10, 3600)
    expect(empty.socPercent).toBeCloseTo(0, 9)
    expect(empty.pMw).toBeCloseTo(0.18, 9)
    expect(advanceBattery(battery, 50, 25, 1).pMw).toBe(10)
})

test('charging posts draw no more than the limit and give each car what it wants', () => {
    const random = createRandom(11)
    const posts = { pMaxMw: 0.35 }
    let sessions: EvSessions = []
    let [energy, most] = [0, 0]
    for (let minute = 0; minute < 1440; minute++) {
        const limit = minute < 1200 ? 0.35 : 0.05
        const step = advanceEvPosts(posts, sessions, minute / 60, limit, 60, random)
        sessions = step.sessions
        expect(step.pMw).toBeLessThanOrEqual(limit + 1e-12)
        energy += step.pMw / 60
        most = Math.max(most, step.pMw)
    }
    expect(energy).toBeGreaterThan(1)
    expect(most).toBeGreaterThan(0.15)
    // without arrivals the cars at the posts finish and leave
    for (let minute = 0; minute < 600; minute++)
        sessions = advanceEvPosts({ ...posts, busyShare: 0 }, sessions, 3, 0.35, 60, random).sessions
    expect(sessions).toEqual([])
})

test('a flexible load forgoes and catches up, no energy lost while its store holds', () => {
    const load = { pMaxMw: 30, rampMwPerMin: 600, storeMwh: 20 }
    let state = { pMw: 20, owedMwh: 0 }
    let drawn = 0
    for (let minute = 0; minute < 600; minute++) {
        state = advanceFlexibleLoad(load, state, 20, minute < 60 ? 5 : 30, 60)
        drawn += state.pMw / 60
        expect(state.pMw).toBeLessThanOrEqual(minute < 60 && minute > 0 ? 5 + 1e-9 : 30)
    }
    expect(drawn + state.owedMwh).toBeCloseTo(200, 6)
    expect(state.owedMwh).toBeLessThan(0.01)
})

test('a tap changer waits, then steps towards its band, and stays inside its range', () => {
    let state = { position: 0, outsideS: 0 }
    for (let s = 0; s < 29; s++) state = advanceTapControl(defaultTapControl, state, 1.05, 1)
    expect(state.position).toBe(0)
    state = advanceTapControl(defaultTapControl, state, 1.05, 1)
    expect(state.position).toBe(1)
    for (let s = 0; s < 2000; s++) state = advanceTapControl(defaultTapControl, state, 0.9, 1)
    expect(state.position).toBe(-16)
    expect(advanceTapControl(defaultTapControl, { position: 3, outsideS: 20 }, 1.03, 1)).toEqual({ position: 3, outsideS: 0 })
    // a dead busbar gives no reason to step
    expect(advanceTapControl(defaultTapControl, { position: 3, outsideS: -29 }, 0, 1)).toEqual({ position: 3, outsideS: 0 })
})
