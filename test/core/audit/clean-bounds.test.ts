import {coverOf, isBeyondClean, withCleanBounds} from '../../../src/audit/clean-bounds.ts'
import type {Demonstration} from '../../../src/audit/report-schema.ts'
import type {Trigger} from '../../../src/data/trigger.ts'
import {describe, expect, it} from 'vitest'

/** On 4 x 4 x 1: the first `covered` pixels are replaced. */
const trigger = (name: string, covered: number): Trigger => ({
  name,
  height: 4,
  width: 4,
  channels: 1,
  keep: Float32Array.from({length: 16}, (_, i) => (i < covered ? 0 : 1)),
  add: new Float32Array(16),
  rescale: false,
  labels: 'dirty',
})
const triggers = [trigger('square', 4), trigger('wave', 16)]
const bounds = {
  patch_probes: {pValue: () => 1, band: [0.1, 0.3, 0.5], most: 0.8, models: 20},
  known_triggers: {pValue: () => 1, band: [0, 0.1, 0.4], most: 0.6, models: 20},
} as const
const reference = {null: (name: string) => bounds[name as keyof typeof bounds]}
const shown: Demonstration = {
  trigger: 'wave',
  origin: 'known',
  on: 'teacher',
  target: 3,
  asr: 0.75,
  controlAsr: 0.05,
  images: 200,
}
const under = (changes: Partial<Demonstration>) =>
  withCleanBounds({...shown, ...changes}, {reference, triggers})

describe('coverOf', () => {
  it('is the share of pixels that a trigger changes', () => {
    expect(triggers.map(coverOf)).toEqual([0.25, 1])
    expect(coverOf({...triggers[0]!, flow: new Float64Array(32)})).toBe(1)
    expect(
      coverOf({
        ...triggers[0]!,
        keep: new Float32Array(16).fill(1),
        add: Float32Array.of(...new Array(15).fill(0), 9),
      }),
    ).toBe(1 / 16)
  })
})

describe('withCleanBounds', () => {
  it('sets probes beside what probes do to clean models, whole-image triggers beside what those do', () => {
    expect(under({origin: 'probe', trigger: 'red 6x6 centre'}).clean).toEqual({usual: 0.5, most: 0.8})
    expect(under({}).clean).toEqual({usual: 0.4, most: 0.6})
    expect(under({on: 'student'}).clean).toEqual({usual: 0.4, most: 0.6})
  })

  it('bounds neither small published triggers nor named ones, nor what was seen on images of the task', () => {
    // The reference knows nothing of waves.
    for (const one of [{trigger: 'square'}, {origin: 'given'}, {origin: 'wave'}, {evidence: 'task'}] as const)
      expect(under(one)).not.toHaveProperty('clean')
    expect(withCleanBounds(shown, {reference: {null: () => undefined}, triggers})).toEqual(shown)
  })
})

describe('isBeyondClean', () => {
  it('takes the share of a probe, and of a published trigger how far it is beyond its controls', () => {
    expect(isBeyondClean(under({origin: 'probe', asr: 0.81, controlAsr: 0.3}), 'most')).toBe(true)
    expect(isBeyondClean(under({origin: 'probe', asr: 0.8}), 'most')).toBe(false)
    expect(isBeyondClean(under({asr: 0.7, controlAsr: 0.05}), 'most')).toBe(true)
    expect(isBeyondClean(under({asr: 0.7, controlAsr: 0.15}), 'most')).toBe(false)
    expect(isBeyondClean(under({asr: 0.7, controlAsr: 0.15}), 'usual')).toBe(true)
    expect(isBeyondClean(shown, 'most')).toBe(true)
  })
})
