import {createRandom} from '@abd/core/engine'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'

const average = (values: Iterable<number>) => {
  const all = [...values]
  return all.reduce((sum, value) => sum + value, 0) / all.length
}

describe('the same seed gives the same numbers, today and on every machine', () => {
  test('uniform and normal numbers, whole numbers, permutations', () => {
    const random = createRandom(0)
    expect(random.uniform()).toBe(0.46503609872238694)
    expect(random.normal()).toBe(0.779728517065971)
    expect(random.integer(1000)).toBe(196)
    expect(random.beta(0.25, 0.25)).toBe(0.03489352912725277)
    expect([...random.permutation(6)]).toEqual([2, 0, 5, 3, 4, 1])
    expect([...random.normals(2)]).toEqual([-0.5638684034347534, 0.5031756162643433])
    expect([...random.uniforms(2)]).toEqual([0.15845513343811035, 0.75152188539505])
  })

  test('a number and its text are the same seed', () => {
    expect(createRandom(7).uniform()).toBe(createRandom('7').uniform())
  })
})

describe('a fork', () => {
  test('depends on the seed and its name only, not on what was drawn', () => {
    const drawn = createRandom(1)
    drawn.normals(100)
    expect(drawn.fork('noise').uniform()).toBe(createRandom(1).fork('noise').uniform())
  })

  test('is another stream for another name, another seed and another depth', () => {
    const root = createRandom(1)
    const streams = [
      root,
      root.fork('a'),
      root.fork('b'),
      root.fork(0),
      root.fork('a').fork('b'),
      root.fork('a/b'),
      createRandom(2).fork('a'),
    ]
    expect(new Set(streams.map((stream) => stream.uniform())).size).toBe(streams.length)
  })

  test('can be made again from its seed', () => {
    const fork = createRandom(3).fork('student').fork(2)
    expect(createRandom(fork.seed).normal()).toBe(fork.normal())
  })
})

describe('distributions', () => {
  test('normal: mean and standard deviation, within five standard errors', () => {
    const n = 40_000
    const values = createRandom('normal').normals(n, 3, 2)
    const mean = average(values)
    expect(Math.abs(mean - 3)).toBeLessThan((5 * 2) / Math.sqrt(n))
    const deviation = Math.sqrt(average(values.map((value) => (value - mean) ** 2)))
    expect(Math.abs(deviation - 2)).toBeLessThan((5 * 2) / Math.sqrt(2 * n))
  })

  test('beta: mean α/(α+β), variance αβ/((α+β)²(α+β+1))', () => {
    const random = createRandom('beta')
    const n = 20_000
    const values = Array.from({length: n}, () => random.beta(2, 3))
    // α = 2, β = 3: mean 2/5, variance 6/(25·6) = 0.04
    expect(Math.abs(average(values) - 0.4)).toBeLessThan((5 * 0.2) / Math.sqrt(n))
    expect(average(values.map((value) => (value - 0.4) ** 2))).toBeCloseTo(0.04, 2)
  })

  test('uniform numbers stay within [low, high)', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({min: -1000, max: 1000}),
        fc.integer({min: 1, max: 1000}),
        (seed, low, width) => {
          const value = createRandom(seed).uniform(low, low + width)
          expect(value).toBeGreaterThanOrEqual(low)
          expect(value).toBeLessThan(low + width)
        },
      ),
    )
    expect(Math.max(...createRandom('one').uniforms(100_000))).toBeLessThan(1)
  })

  test('whole numbers below a bound, each of them', () => {
    const random = createRandom('dice')
    const seen = new Set(Array.from({length: 200}, () => random.integer(6)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('no whole number is below %s', (below) => {
    expect(() => createRandom(1).integer(below)).toThrow(RangeError)
  })

  test('a permutation holds every number once', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({min: 0, max: 200}), (seed, n) => {
        const order = createRandom(seed).permutation(n)
        expect([...order].sort((a, b) => a - b)).toEqual([...Array(n).keys()])
      }),
    )
  })
})
