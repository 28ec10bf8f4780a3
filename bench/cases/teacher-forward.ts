import {createRandom} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {teacherOn} from './models.ts'

export const teacherForward: Case = {
  name: 'teacher-forward',
  summary: 'WRN-16-2 forward pass of 200 images',
  unit: 's',
  better: 'smaller',
  runs: 10,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-2')
    const x = createRandom('x').uniformTensor<tf.Tensor4D>([200, 32, 32, 3])
    return {
      run: () =>
        timed(async () => {
          const logits = tf.tidy(() => teacher.logits(x))
          await logits.data()
          logits.dispose()
        }),
      async tearDown() {
        x.dispose()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}
