import type {Random} from '../engine/random.ts'
import {createModel} from '../nn/create-model.ts'
import {createNetwork} from '../nn/create-network.ts'
import type {Model, Network} from '../nn/model.ts'
import {wideResNet} from '../nn/wide-resnet.ts'

/** A fresh WRN-10-1 for images of 8 x 8 x 3 and three classes: small enough to train on the cpu engine. */
export const tinyModel = (random: Random): Model =>
  createModel(createNetwork(wideResNet({depth: 10, width: 1, classes: 3, input: [8, 8, 3]}), random), {
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  })

/** All weights and running statistics of a network, by name. */
export async function weightsOf({parameters}: Network): Promise<ReadonlyMap<string, Float32Array>> {
  const entries = [...parameters].map(
    async ([name, variable]) => [name, Float32Array.from(await variable.data())] as const,
  )
  return new Map(await Promise.all(entries))
}

/** The names of what is not the same, bit for bit. */
export const changed = (
  before: ReadonlyMap<string, Float32Array>,
  after: ReadonlyMap<string, Float32Array>,
): string[] =>
  [...before].flatMap(([name, values]) =>
    values.every((value, i) => Object.is(value, after.get(name)?.[i])) ? [] : [name],
  )
