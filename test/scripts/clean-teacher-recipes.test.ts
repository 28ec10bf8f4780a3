import {createHash} from 'node:crypto'
import {expect, test} from 'vitest'
import {recipes} from '../../scripts/clean-teachers/recipes.ts'

const all = recipes()

test('teachers of the calibration share no seed with one another, with the first calibration or with other zoos', () => {
  const seeds = all.map(({seed}) => seed)

  expect(new Set(seeds).size).toBe(seeds.length)
  // 5000 to 5055 are those of clean-1, from 6000 on those of others.
  expect(Math.min(...seeds)).toBeGreaterThan(5055)
  expect(Math.max(...seeds)).toBeLessThan(6000)
})

test('there are enough of the commonest kind for half of them to rank at one in a hundred', () => {
  const commonest = all.filter(
    ({architecture, classes, dataset}) =>
      architecture === 'wrn-16-1' && classes === 10 && (dataset === 'signs' || dataset === 'cifar10'),
  )
  expect(Math.floor(commonest.length / 2)).toBeGreaterThanOrEqual(99)
  expect(all.length).toBeGreaterThanOrEqual(200)
})

test('every way to make one is met on signs and on pictures', () => {
  for (const pictures of [false, true]) {
    const some = all.filter(({dataset}) => dataset.startsWith('cifar10') === pictures)
    expect(new Set(some.map(({afterwards}) => afterwards))).toEqual(
      new Set(['none', 'fine-tuned', 'pruned', 'quantised']),
    )
    expect(some.some(({smoothing}) => smoothing > 0)).toBe(true)
    expect(some.some(({options}) => Number(options['adversarial']) > 0)).toBe(true)
  }
})

test('the first list is what teachers of the calibration were made by: what comes later changes none of them', () => {
  const first = createHash('sha256').update(JSON.stringify(all.slice(0, 450)))
  expect(first.digest('hex')).toBe('2a3bd0d7fc91cef5bf676e70d41adc65ec6d7bf6e680f0a017eaef7598476e8e')
})
