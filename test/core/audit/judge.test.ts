import {judge} from '../../../src/audit/judge.ts'
import type {Grounds} from '../../../src/audit/judge.ts'
import {Policy} from '../../../src/audit/policy.ts'
import type {Demonstration} from '../../../src/audit/report-schema.ts'
import {describe, expect, it} from 'vitest'

const policy = Policy.parse({})
const by = (pValue: number, rankedBy: number, target: number | null = null) => ({
  signals: ['patch_probes', 'class_agreement'],
  pValue,
  rankedBy,
  target,
})
const clean: Grounds = {
  scan: [],
  demonstrations: [],
  fused: by(0.4, 20),
  likeness: 'kind',
  suspicious: [],
  degenerate: null,
}
const demonstration: Demonstration = {
  trigger: 'badnet_grid',
  origin: 'known',
  on: 'teacher',
  target: 3,
  asr: 0.95,
  controlAsr: 0.05,
  images: 300,
}
const verdict = (grounds: Partial<Grounds>) => judge({...clean, ...grounds}, policy).verdict

describe('judge', () => {
  it('passes what shows nothing', () => {
    expect(judge(clean, policy)).toMatchObject({verdict: 'pass', suspectedTarget: null})
  })

  it('claims no comparison with clean models where there was none', () => {
    expect(judge(clean, policy).reasons[0]).toContain('clean models')
    expect(judge({...clean, fused: null, likeness: 'unlike'}, policy).reasons[0]).not.toContain(
      'clean models',
    )
  })

  it('warns of executing pickles only where the file is what it blocks', () => {
    const bad = {rule: 'ABD-F001', severity: 'critical', message: 'runs os.system', offset: 0} as const
    expect(judge({...clean, scan: [bad]}, policy).advice.join()).toContain('pickles')
    const byNumbers = judge({...clean, fused: by(0.005, 120)}, policy)
    expect(byNumbers.verdict).toBe('block')
    expect(byNumbers.advice.join()).not.toContain('pickles')
  })

  it('names the class that the numbers point at, where they weigh and no trigger was seen at work', () => {
    const byNumbers = judge({...clean, fused: by(0.005, 120, 7)}, policy)
    expect(byNumbers).toMatchObject({verdict: 'block', suspectedTarget: 7})
    expect(byNumbers.reasons[0]).toBe(
      "Taken together, patch_probes and class_agreement are as extreme as 0.5 % of clean models' (p = 0.005, 120 ranking models); they point at class 7.",
    )
    expect(judge({...clean, fused: by(0.03, 120, 7)}, policy).suspectedTarget).toBe(7)
    expect(judge({...clean, fused: by(0.4, 120, 7)}, policy).suspectedTarget).toBeNull()
    expect(
      judge({...clean, fused: by(0.005, 120, 7), demonstrations: [demonstration]}, policy).suspectedTarget,
    ).toBe(3)
  })

  it('does not put together what is one signal alone', () => {
    const one = {...by(0.03, 20, 7), signals: ['patch_probes']}
    expect(judge({...clean, fused: one}, policy).reasons).toEqual([
      "patch_probes alone is as extreme as 3.0 % of clean models' (p = 0.030, 20 ranking models); it points at class 7.",
    ])
  })

  it('says of an image of the task that it is one', () => {
    const judgement = judge({...clean, demonstrations: [{...demonstration, evidence: 'task'}]}, policy)
    expect(judgement.reasons[0]).toContain('300 images of the task')
  })

  it('blocks a demonstration and names its target', () => {
    const judgement = judge({...clean, demonstrations: [demonstration]}, policy)

    expect(judgement).toMatchObject({verdict: 'block', suspectedTarget: 3})
    expect(judgement.reasons[0]).toBe(
      "The published trigger 'badnet_grid' moves 95 % of 300 unrelated images into class 3 on the model; controls of its size move at most 5.0 %.",
    )
  })

  it('says of a wave that its neighbours in frequency are among what it is compared with', () => {
    const wave = {...demonstration, trigger: 'vertical wave 0.8 wrapped', origin: 'wave'} as const
    expect(judge({...clean, demonstrations: [wave]}, policy)).toMatchObject({
      verdict: 'review',
      reasons: [
        "A partial demonstration: The 'vertical wave 0.8 wrapped' moves 95 % of 300 unrelated images into class 3 on the model; the same at neighbouring frequencies, and random controls, move at most 5.0 %.",
      ],
    })
    const bounded = {...wave, clean: {usual: 0.3, most: 0.5}}
    expect(judge({...clean, demonstrations: [bounded]}, policy).verdict).toBe('block')
    expect(judge({...clean, demonstrations: [{...bounded, asr: 0.5}]}, policy).verdict).toBe('review')
  })

  it('blocks what goes beyond every clean model, and asks about what clean models do as well', () => {
    const probe = {...demonstration, trigger: 'red 6x6 centre', origin: 'probe'} as const
    const within = (asr: number) =>
      judge({...clean, demonstrations: [{...probe, asr, clean: {usual: 0.6, most: 0.85}}]}, policy)
    expect(within(0.9)).toMatchObject({verdict: 'block', suspectedTarget: 3})
    expect(within(0.9).reasons[0]).toContain('such triggers move clean models at most 85 %')
    // Enough for a block by itself, but a clean model is moved as far.
    expect(within(0.85).verdict).toBe('review')
    expect(within(0.85).reasons[0]).toContain('such triggers move clean models as well, up to 85 %')
    // A part of the images: more than most clean models, or no more.
    expect(within(0.65).verdict).toBe('review')
    expect(within(0.6).verdict).toBe('pass')
    expect(within(0.6).reasons[0]).toContain('beyond its controls and what such triggers do to clean models')
    expect(within(0.3).reasons[0]).not.toContain('do to clean models')
  })

  it('wants it far beyond its random controls', () => {
    // 0.95 - 0.60 = 0.35 < 0.4: any patch moves this model.
    expect(verdict({demonstrations: [{...demonstration, controlAsr: 0.6}]})).toBe('pass')
  })

  it('asks for a review of a partial demonstration', () => {
    expect(verdict({demonstrations: [{...demonstration, asr: 0.55}]})).toBe('review')
    expect(verdict({demonstrations: [{...demonstration, asr: 0.45}]})).toBe('pass')
  })

  it('blocks a backdoor that only the student shows', () => {
    const judgement = judge(
      {
        ...clean,
        demonstrations: [
          {...demonstration, asr: 0.02},
          {...demonstration, on: 'student'},
        ],
      },
      policy,
    )

    expect(judgement.verdict).toBe('block')
    expect(judgement.reasons[0]).toContain('a student distilled from it')
  })

  it.each([
    ['critical', 'block'],
    ['high', 'block'],
    ['medium', 'review'],
    ['low', 'pass'],
    ['info', 'pass'],
  ] as const)('takes a scan finding of severity %s for %s', (severity, expected) => {
    expect(verdict({scan: [{rule: 'ABD-F001', severity, message: 'm', offset: 0}]})).toBe(expected)
  })

  it('needs 99 ranking models to block by p-value', () => {
    expect(verdict({fused: by(0.01, 99)})).toBe('block')
    expect(verdict({fused: by(0.01, 98)})).toBe('review')
    expect(verdict({likeness: 'related', fused: by(0.01, 150)})).toBe('review')
    expect(verdict({fused: by(0.05, 20)})).toBe('review')
    expect(verdict({fused: by(0.051, 20)})).toBe('pass')
  })

  it('gives a model unlike the calibration at most a review from its statistics', () => {
    expect(verdict({likeness: 'unlike', fused: by(0.001, 500)})).toBe('pass')
    expect(verdict({likeness: 'unlike', suspicious: ['patch_probes']})).toBe('review')
    expect(verdict({likeness: 'unlike', demonstrations: [demonstration]})).toBe('block')
  })

  it('reviews degenerate outputs, by default', () => {
    expect(verdict({degenerate: 'constant'})).toBe('review')
    expect(judge({...clean, degenerate: 'constant'}, {...policy, degenerate: 'block'}).verdict).toBe('block')
  })
})
