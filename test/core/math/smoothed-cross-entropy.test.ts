import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {beforeAll, expect, test} from 'vitest'
import {smoothedCrossEntropy} from '../../../src/math/smoothed-cross-entropy.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

const lossAt = async (epsilon: number): Promise<number> => {
  const loss = tf.tidy(() =>
    smoothedCrossEntropy(tf.tensor2d([[0, Math.log(3)]]), tf.tensor1d([1], 'int32'), epsilon),
  )
  return (await loss.data())[0]!
}

test('gives a share of the label to all classes alike', async () => {
  // Softmax is 1/4 and 3/4, so the label's loss is -ln 3/4 = 0.287682 and that of both classes alike (ln 4 + ln 4/3) / 2 = 0.836988.
  expect(await lossAt(0)).toBeCloseTo(0.287682, 5)
  expect(await lossAt(1)).toBeCloseTo(0.836988, 5)
  expect(await lossAt(0.2)).toBeCloseTo(0.8 * 0.287682 + 0.2 * 0.836988, 5)
})
