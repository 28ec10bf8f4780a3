import {describe, expect, it} from 'vitest'
import {adaptiveNames, adaptiveOptions} from '../../../plugins/attack/src/adaptive/options.ts'
import {adaptiveSettings} from '../../../plugins/attack/src/adaptive/settings.ts'
import {resolveRules} from '../../../plugins/attack/src/poison-rules.ts'
import {attackName} from '../../../plugins/attack/src/train-teacher.ts'

it.each(adaptiveNames)('%s has defaults', (name) => {
  expect(adaptiveOptions[name].safeParse({}).success).toBe(true)
})

describe('adaptiveSettings', () => {
  it('tells options of the attack from all others', () => {
    expect(adaptiveSettings(['scar-lite.pull=3', 'epochs=2', 'sig.form=additive'], 'scar-lite')).toEqual({
      own: {pull: 3},
      others: ['epochs=2', 'sig.form=additive'],
    })
  })

  it.each([
    [['scar-lite.pull=3'], undefined, 'E_SETTING', 'is for scar-lite, which is not asked for'],
    [['scar-lite.pul=3'], 'scar-lite', 'E_OPTIONS', "scar-lite has no option 'pul'"],
    [['flat-margin.cap=-1'], 'flat-margin', 'E_OPTIONS', 'cap'],
  ] as const)('refuses %j with %s', (settings, adaptive, code, message) => {
    expect(() => adaptiveSettings(settings, adaptive)).toThrow(
      expect.objectContaining({code, message: expect.stringContaining(message) as string}),
    )
  })
})

describe('resolveRules', () => {
  it('relabels everything by default', () => {
    expect(resolveRules({sources: undefined, cover: undefined}, [0])).toEqual({wantedAsr: 1, partial: 1})
  })

  it.each([
    [{sources: [1, 0]}, 'Class 0 is a source and the target'],
    [{wantedAsr: 0}, 'wantedAsr'],
    [{cover: 1}, 'cover'],
    [{partial: Number.NaN}, 'partial'],
  ])('refuses %j', (rules, message) => {
    expect(() => resolveRules(rules, [0])).toThrow(
      expect.objectContaining({code: 'E_OPTIONS', message: expect.stringContaining(message) as string}),
    )
  })
})

it('attackName is the triggers and what hides them', () => {
  const attack = {trigger: {name: 'badnet_grid'}} as Parameters<typeof attackName>[0][number]

  expect(attackName([], {})).toBe('clean')
  expect(attackName([attack], {rules: {sources: [1], wantedAsr: 0.5, partial: 0.5}})).toBe(
    'badnet_grid+sources+low-asr+partial',
  )
  expect(attackName([attack], {adaptive: 'flat-margin'})).toBe('badnet_grid+flat-margin')
  expect(attackName([attack], {adaptive: 'scar-lite'})).toBe('scar-lite')
})
