import {describe, expect, it} from 'vitest'
import {groundsOf} from '../../../src/audit/grounds-of.ts'

/** Puts these together as their sum; p and its blurred likeness are made up. */
const reference = (fused: readonly string[]): Parameters<typeof groundsOf>[0] => ({
  fused,
  likeness: 'kind',
  rankedBy: 120,
  fuse: (statistics) => {
    const own = fused.flatMap((name) => statistics.get(name) ?? [])
    return own.length < fused.length
      ? undefined
      : {statistic: own.reduce((sum, one) => sum + one, 0), pValue: 0.25, smoothed: 0.2}
  },
})
const finding = (detector: string, statistic: number | null, suspicious = false) => ({
  detector,
  statistic,
  suspicious,
  target: 7,
})
const nothing = {scan: [], demonstrations: [], degenerate: null}

describe('what a verdict rests on', () => {
  it('is the fused p-value, and the class of the signal that points at one', () => {
    const {grounds, fused} = groundsOf(reference(['patch_probes', 'class_agreement']), {
      ...nothing,
      findings: [
        {...finding('patch_probes', 0.5, true), target: 1},
        finding('class_agreement', 2),
        finding('last_layer', 9, true),
      ],
    })

    expect(fused).toEqual({statistic: 2.5, pValue: 0.25, smoothed: 0.2})
    expect(grounds).toEqual({
      ...nothing,
      fused: {signals: ['patch_probes', 'class_agreement'], pValue: 0.25, rankedBy: 120, target: 7},
      likeness: 'kind',
      suspicious: ['patch_probes', 'last_layer'],
    })
  })

  it('points at no class where the signal that does so is not among those put together', () => {
    const {grounds} = groundsOf(reference(['patch_probes']), {
      ...nothing,
      findings: [finding('patch_probes', 0.5), finding('class_agreement', 2)],
    })

    expect(grounds.fused).toMatchObject({target: null})
  })

  it('has no p-value where a signal could not be computed', () => {
    const {grounds, fused} = groundsOf(reference(['patch_probes', 'class_agreement']), {
      ...nothing,
      findings: [finding('patch_probes', 0.5), finding('class_agreement', null)],
    })

    expect(fused).toBeUndefined()
    expect(grounds.fused).toBeNull()
  })
})
