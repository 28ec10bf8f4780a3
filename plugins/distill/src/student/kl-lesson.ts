import {klElements} from '@abd/core/math'
import type {Lesson} from '@abd/core/train'

/** Distillation as Hinton et al. (2015) weigh it: τ² / N · KL(softmax(T(x) / τ) ‖ softmax(S(x) / τ)), summed over classes. */
export const klLesson = (temperature: number, classes: number): Pick<Lesson, 'elements' | 'weight'> => ({
  elements: (s, t) => klElements(s, t, temperature),
  weight: temperature ** 2 * classes,
})
