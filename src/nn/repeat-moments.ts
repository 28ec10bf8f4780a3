import * as tf from '@tensorflow/tfjs-core'
import type {Parameters} from './architecture.ts'
import {repeatedAverage} from '../math/repeated-average.ts'
import {parameterOf} from './parameter-of.ts'
import {MOMENTUM} from './running-moments.ts'

/**
 * The running statistics after `times` forward passes over one and the same batch, from those after the first
 * (`moments`): what ZSKT's generator has after its eleven passes, for the price of one.
 */
export const repeatMoments = (parameters: Parameters, moments: Parameters, times: number): Parameters =>
  new Map(
    [...moments].map(([name, once]) => [
      name,
      tf.tidy(() => repeatedAverage(parameterOf(parameters, name), once, {times, momentum: MOMENTUM})),
    ]),
  )
