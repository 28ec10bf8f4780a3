// A captured step that asks for the same convolution twice and for another one in vain. Run with ONEDNN_VERBOSE=profile_exec it
// tells of every convolution that is computed; before each step it says so.
//   node --conditions=@abd/source count-convolutions.ts captured|eager
import {openEngine} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor4D} from '@tensorflow/tfjs-core'
import {writeSync} from 'node:fs'

await using engine = await openEngine('tensorflow', {eager: process.argv[2] === 'eager'})
using capture = engine.capture({label: 'A step', times: 1000})
const variable = (shape: [number, number, number, number]) =>
  tf.variable(tf.ones(shape)) as unknown as Tensor4D
const [x, filter] = [variable([4, 16, 16, 8]), variable([3, 3, 8, 8])]
const convolved = (factor: number): Tensor4D => tf.conv2d(x, tf.mul(filter, factor), 1, 'same')

for (let step = 0; step < 4; step++) {
  writeSync(1, `step ${step}\n`)
  const sum = capture.run(() =>
    tf.tidy((): Scalar => {
      convolved(2)
      const once = tf.conv2d(x, filter, 1, 'same')
      const again = tf.conv2d(x, filter, 1, 'same')
      return tf.sum(tf.sub(once, tf.mul(again, 0.5)))
    }),
  )
  writeSync(1, `sum ${(await sum.data())[0]}\n`)
  sum.dispose()
}
