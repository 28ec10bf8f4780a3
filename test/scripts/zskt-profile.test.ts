import {describe, expect, it} from 'vitest'
import {flameChart} from '../../scripts/zskt-profile/flame-chart.ts'
import {ranOf, sharesOf} from '../../scripts/zskt-profile/running.ts'

const line = (primitive: string, direction: string) =>
  `onednn_verbose,v1,1000.5,primitive,exec,cpu,${primitive},brg:avx512_core,${direction},src:f32,,alg:direct,mb128_ic16,3.25`

describe('the profile of a cycle', () => {
  it('takes from what oneDNN tells when a primitive ran, and which', () => {
    expect(ranOf(line('convolution', 'backward_weights'))).toEqual({
      from: 1000.5,
      to: 1003.75,
      what: 'conv to filters',
    })
    expect(ranOf(line('convolution', 'backward_data'))?.what).toBe('conv to inputs')
    expect(ranOf(line('convolution', 'forward_training'))?.what).toBe('conv forwards')
    expect(ranOf(line('batch_normalization', 'backward'))?.what).toBe('BN backwards')
    expect(ranOf(line('reorder', 'undef'))?.what).toBe('copies, products')
    expect(ranOf('onednn_verbose,v1,info,cpu,runtime:threadpool,nthr:2')).toBeNull()
    expect(ranOf('abd-part {"part":0}')).toBeNull()
  })

  it('shares the time that two ran at once, and gives the rest to what nobody tells of', () => {
    const ran = [
      {from: 0, to: 4, what: 'a'},
      {from: 3, to: 7, what: 'b'},
      {from: 9, to: 99, what: 'a'},
    ]
    // From 1 to 10: a alone 1 to 3, both 3 to 4, b alone 4 to 7, none 7 to 9, a alone 9 to 10.
    expect(Object.fromEntries(sharesOf(ran, {from: 1, to: 10}, 'rest'))).toEqual({a: 3.5, b: 3.5, rest: 2})
  })

  it('draws a bar for each part, and what its graph does one beside the other', () => {
    const svg = flameChart({
      machine: 'a machine',
      cycles: 5,
      parts: [
        {name: 'generator', javascript: 100, graph: {'conv forwards': 600}},
        {
          name: 'nine more steps',
          javascript: 0,
          graph: {'conv forwards': 300, 'BN forwards': 500},
        },
      ],
    })
    expect(svg).toMatch(/^<svg /)
    for (const text of [
      'captured: 1.50 s',
      'mean of 5; a machine',
      'generator',
      '700 ms',
      '800 ms',
      '500 ms',
    ])
      expect(svg).toContain(text)
  })
})
