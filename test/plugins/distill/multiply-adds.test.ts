import type {DefenceFactory} from '@abd/core'
import {silent} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {createModel, createNetwork, wideResNet} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, it} from 'vitest'
import {selfRetrospection} from '../../../plugins/defend/src/self-retrospection/self-retrospection.ts'
import {shufflingVaccine} from '../../../plugins/defend/src/shuffling-vaccine.ts'
import {zskt} from '../../../plugins/distill/src/zskt/zskt.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const BATCH = 2
const context = () => ({
  engine,
  random: createRandom(0),
  progress: silent,
  signal: new AbortController().signal,
})
const model = (width: number) =>
  createModel(createNetwork(wideResNet({depth: 16, width, classes: 10}), createRandom(width)), {
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  })

/** Millions of multiply-adds of one cycle from WRN-16-2 to WRN-16-1, for one image. */
async function ofCycle(defend?: DefenceFactory): Promise<number> {
  using teacher = model(2)
  using student = model(1)
  const defence = defend?.({teacher, student}) ?? {}
  using distiller = zskt.create(zskt.options.parse({batch: BATCH}), context())({teacher, student, defence})
  const {kernels} = await tf.profile(() => {
    tf.dispose(distiller.step(0))
    return tf.scalar(0)
  })
  defence[Symbol.dispose]?.()
  const counts = kernels.map(({name, inputShapes, outputShapes}) =>
    multiplyAdds(name, inputShapes, outputShapes),
  )
  return counts.reduce((sum, count) => sum + count, 0) / BATCH / 1e6
}

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1)

function multiplyAdds(
  kernel: string,
  [first, second]: readonly (readonly number[])[],
  [result]: readonly (readonly number[])[],
): number {
  // What the convolution puts out, each number of it from a filter's height, width and inputs.
  const convolution = (output: readonly number[], filter: readonly number[]) =>
    product(output) * product(filter.slice(0, 3))
  switch (kernel) {
    case 'Conv2D':
      return convolution(result!, second!)
    case 'Conv2DBackpropInput':
      return convolution(first!, second!)
    case 'Conv2DBackpropFilter':
      return convolution(second!, result!)
    // n · k · m, of matrices of n · k, k · m and n · m numbers, whichever of them are transposed.
    case 'BatchMatMul':
      return Math.sqrt(product(first!) * product(second!) * product(result!))
    default:
      return 0
  }
}

/*
 * An image takes 26.66 million in the student S, 101.11 in the teacher T (33.56 after its second block) and 115.83 in the
 * generator as PyTorch has it, 52.92 in ours (G), which convolves before it up-samples; a way back to the input or to the weights as many
 * again, but for the first layer's. The reference implementation's cycle has 11 (115.83 + S + T) forward, all of it back by weights
 * and inputs: 6017.
 */
describe('multiply-adds of a cycle of ZSKT', () => {
  it('little more than a fifth of the reference, undefended', async () => {
    // 3 G + 2 S + 2 T for the generator, then G + T once and 3 S ten times: 1368.
    const count = await ofCycle()
    expect(count).toBeGreaterThan(0.95 * 1368)
    expect(count).toBeLessThan(1.01 * 1368)
  })

  it('with the Shuffling Vaccine, three more ends of the teacher', async () => {
    // 1368 + 6 · 33.56; the reference adds 9 T, 6927 in all.
    const options = shufflingVaccine.options.parse({})
    const count = await ofCycle(shufflingVaccine.create(options, context()))
    expect(count).toBeGreaterThan(0.95 * 1570)
    expect(count).toBeLessThan(1.01 * 1570)
  })

  it('a seventh of the reference with Self-Retrospection on the teacher, ten rounds', async () => {
    const options = selfRetrospection.options.parse({start: 0})
    const count = await ofCycle(selfRetrospection.create(options, context()))
    expect(count).toBeLessThan(77_400 / 7)
    // The rounds alone are twenty passes of the teacher.
    expect(count).toBeGreaterThan(20 * 101.11)
  })
})
