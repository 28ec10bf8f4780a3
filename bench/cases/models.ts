import {createRandom, openEngine} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {architectureByName, createModel, createNetwork} from '@abd/core/nn'
import type {Model} from '@abd/core/nn'

export async function teacherOn(name: string): Promise<{engine: Engine; teacher: Model}> {
  const engine = await openEngine('auto')
  return {engine, teacher: randomModel(name, 'teacher')}
}

/** Freshly initialised: what a forward pass costs does not depend on the weights. */
export function randomModel(name: string, seed: string): Model {
  const architecture = architectureByName(name, {classes: 10, input: [32, 32, 3]})
  return createModel(createNetwork(architecture, createRandom(seed)), {
    mean: [0.4, 0.36, 0.37],
    std: [0.26, 0.24, 0.25],
  })
}
