import {readdirSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {readModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {compareOnnx} from './compare-onnx.ts'

const folder = fileURLToPath(new URL('../fixtures/modelfile/onnx', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'))

beforeAll(async () => {
  await openEngine('auto')
})

describe('ONNX graphs that PyTorch exported (scripts/golden_onnx.py)', () => {
  test('there are some of each exporter', () => {
    expect(files).toHaveLength(5)
  })

  test.each(files)('%s gives the same outputs', async (name) => {
    expect(await compareOnnx(`${folder}/${name}`)).toBeLessThan(1e-4)
  })

  test('have gradients, those of finite differences', async () => {
    using network = networkOf(await readModelFile(`${folder}/small.ts.onnx`, {isolate: false}))
    const loss = (x: tf.Tensor4D) =>
      tf.sum<tf.Scalar>(tf.square(network.architecture.forward(network.parameters, x, 'eval').logits))
    const x = tf.randomUniform<tf.Rank.R4>([1, 16, 16, 3], 0, 1, 'float32', 7)
    const gradient = tf.grad((t) => loss(t as tf.Tensor4D))(x)
    const direction = tf.randomUniform<tf.Rank.R4>([1, 16, 16, 3], -1, 1, 'float32', 8)
    const step = 1e-3
    const at = async (sign: number) => (await loss(tf.add(x, tf.mul(direction, sign * step))).data())[0]!
    const slope = ((await at(1)) - (await at(-1))) / (2 * step)
    const [along] = await tf.sum(tf.mul(gradient, direction)).data()

    expect(Math.abs(along! - slope)).toBeLessThan(0.02 * Math.max(Math.abs(slope), 0.01))
  })

  test('say what they are: classes, image size, the last layer, without the softmax', async () => {
    using network = networkOf(await readModelFile(`${folder}/small.ts.onnx`, {isolate: false}))
    const {classes, input, head} = network.architecture

    expect([classes, input, head]).toEqual([5, [16, 16, 3], 'second.weight'])
    const {logits} = network.architecture.forward(network.parameters, tf.zeros([1, 16, 16, 3]), 'eval')
    const sum = (await tf.sum(logits).data())[0]!
    expect(Math.abs(sum - 1)).toBeGreaterThan(1e-3)
  })
})
