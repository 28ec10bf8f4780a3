import {describe, expect, it} from 'vitest'
import {parseNumbers} from '../../../src/audit/parse-options.ts'

describe('--mean and --std', () => {
  it.each([
    ['0.4914,0.4822,0.4465', '0.2023,0.1994,0.201', [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.201]],
    ['0.1307', '0.3081', [0.1307], [0.3081]],
    // Pixels from 0 to 255.
    ['0', '0.0039215686', [0], [0.0039215686]],
  ])('%s and %s', (mean, std, centre, spread) => {
    expect(parseNumbers(mean, std)).toEqual({mean: centre, std: spread})
  })

  it.each([
    ['0.5', '0.0039', 'deviations from 1/256 to 1'],
    ['0.5', '1.1', 'deviations from 1/256 to 1'],
    ['127', '0.5', 'means from 0 to 1'],
    ['0.5,0.5', '0.5,0.5', 'one or three numbers each'],
    ['0.5', '', 'one or three numbers each'],
    ['0.5', '0.5,0.5,0.5', 'one number a channel, as many each'],
  ])('%s and %s are refused', (mean, std, said) => {
    expect(() => parseNumbers(mean, std)).toThrow(said)
  })
})
