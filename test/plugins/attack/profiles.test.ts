import {architectureByName} from '@abd/core/nn'
import {TrainingOptions} from '@abd/core/train'
import {expect, it} from 'vitest'
import {profiles} from '../../../plugins/attack/src/profiles.ts'

it.each(Object.entries(profiles))('the profile %s can be trained', (_, {architecture, settings}) => {
  expect(architectureByName(architecture, {classes: 10}).classes).toBe(10)
  expect(TrainingOptions.parse(settings).epochs).toBeGreaterThan(0)
})

it('cifar10 and gtsrb are the recipes of the reference’s teachers', () => {
  const recipe = {epochs: 200, learningRate: 0.1, weightDecay: 5e-4, shift: 4, border: 'black'}

  expect(TrainingOptions.parse(profiles.cifar10.settings)).toMatchObject({
    ...recipe,
    batch: 128,
    optimiser: 'sgd',
    momentum: 0.9,
    schedule: 'epoch-cosine',
    flip: true,
  })
  // Signs that point left would point right.
  expect(TrainingOptions.parse(profiles.gtsrb.settings)).toMatchObject({
    ...recipe,
    batch: 256,
    optimiser: 'adam',
    schedule: 'epoch-cosine',
    flip: false,
  })
})
