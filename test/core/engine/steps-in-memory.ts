// Takes captured or eager steps of OOD distillation in a process of its own, and prints what is in memory.
//   node --conditions=@abd/source steps-in-memory.ts captured|eager tiny|wrn-16-1 STEPS
import {silent} from '@abd/core'
import {createRandom, openEngine} from '@abd/core/engine'
import {architectureByName, createModel, createNetwork} from '@abd/core/nn'
import {tinyModel} from '@abd/core/testing'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {ood} from '../../../plugins/distill/src/ood/ood.ts'

const [mode, size, steps] = process.argv.slice(2)
const count = Number(steps)
await using engine = await openEngine('tensorflow', {eager: mode === 'eager'})
const {binding} = tf.backend() as unknown as {binding: Record<string, () => number>}
const random = createRandom(0)
const model = (name: string) =>
  size === 'tiny'
    ? tinyModel(random.fork(name))
    : createModel(
        createNetwork(architectureByName(size!, {classes: 10, input: [32, 32, 3]}), random.fork(name)),
        {mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]},
      )
const batch = size === 'tiny' ? 2 : 64
const options = ood.options.parse({patches: batch, batch, epochs: count, shift: 1})
const context = {engine, random, progress: silent, signal: new AbortController().signal}
const seen: {
  readonly rss: number
  readonly tensors: number
  readonly native: number
  readonly graphs: number
}[] = []
const look = () =>
  void seen.push({
    rss: process.memoryUsage.rss() / 1e6,
    tensors: tf.memory().numTensors,
    native: binding['getNumOfTensors']!(),
    graphs: binding['getNumOfSavedModels']!(),
  })
using distiller = ood.create(
  options,
  context,
)({teacher: model('teacher'), student: model('student'), defence: {}})
await distil(distiller, {context, label: 'steps', every: Math.ceil(count / 4), onLosses: look})
look()
process.stdout.write(JSON.stringify({seen, peak: process.resourceUsage().maxRSS / 1e3}))
