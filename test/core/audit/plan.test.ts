import {choosePlan, parseDuration, planOf, signalWeights, withDetectors} from '../../../src/audit/plan.ts'
import {describe, expect, it} from 'vitest'

describe('choosePlan', () => {
  it('distils where the engine can train, and says so where it cannot', () => {
    expect(choosePlan('tensorflow', {}).plan.transfer).not.toBeNull()
    expect(choosePlan('wasm', {})).toMatchObject({
      plan: {transfer: null},
      note: expect.stringContaining('abd engine install'),
    })
  })

  it('inverts triggers in a quick audit where gradients are fast, and nowhere else', () => {
    const names = (engine: 'tensorflow' | 'wasm') =>
      choosePlan(engine, {profile: 'quick'}).plan.detectors.map(({name}) => name)
    expect(names('tensorflow')).toContain('trigger_inversion')
    const inverting = ['trigger_inversion', 'class_agreement']
    expect(names('wasm')).toEqual(names('tensorflow').filter((name) => !inverting.includes(name)))
    expect(choosePlan('wasm', {}).plan.detectors.map(({name}) => name)).toEqual(names('wasm'))
  })

  it('does not pretend that wasm can train', () => {
    expect(() => choosePlan('wasm', {profile: 'standard'})).toThrow("the engine 'wasm' is too slow")
  })
})

describe('planOf', () => {
  it('runs more from profile to profile, and nothing twice', () => {
    const [quick, standard, deep] = (['quick', 'standard', 'deep'] as const).map((profile) =>
      planOf(profile).detectors.map(({name}) => name),
    )
    expect(standard!.slice(0, quick!.length)).toEqual(quick)
    expect(deep!.slice(0, standard!.length)).toEqual(standard)
    expect(deep).toContain('trigger_inversion')
    expect(new Set(deep).size).toBe(deep!.length)
    expect(planOf('deep').transfer).toEqual(planOf('standard').transfer)
  })
})

describe('signalWeights', () => {
  it('are signals that the plan runs, with gradients and without', () => {
    const weightsOn = (engine: 'tensorflow' | 'wasm') => {
      const {plan} = choosePlan(engine, {profile: 'quick'})
      expect(plan.detectors.map(({name}) => name)).toEqual(
        expect.arrayContaining(Object.keys(signalWeights(plan))),
      )
      return signalWeights(plan)
    }
    expect(weightsOn('tensorflow')).toEqual({patch_probes: 1, class_agreement: 2})
    expect(weightsOn('wasm')).toEqual({known_triggers: 1, patch_probes: 1})
  })
})

describe('parseDuration', () => {
  it.each([
    ['90', 90],
    ['90s', 90],
    ['1.5m', 90],
    ['2h', 7200],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each(['', 'soon', '-5s', '0', '5 parsecs'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow('is not a duration')
  })
})

describe('withDetectors', () => {
  it('adds what the profile does not run, once, and says which they are', () => {
    const plan = withDetectors(planOf('quick'), ['channel_lipschitz', 'last_layer', 'channel_lipschitz'])
    expect(plan.additional).toEqual(['channel_lipschitz'])
    expect(plan.detectors).toEqual([...planOf('quick').detectors, {name: 'channel_lipschitz', options: {}}])
    expect(withDetectors(planOf('quick'), ['last_layer'])).toEqual(planOf('quick'))
  })
})
