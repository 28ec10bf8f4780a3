import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom} from '../engine/create-random.ts'
import type {Engine, EngineName} from '../engine/engine.ts'
import {batchNormTrain} from '../engine/kernels/batch-norm.ts'
import {conv2d} from '../engine/kernels/conv2d.ts'
import {openEngine} from '../engine/open-engine.ts'
import {insist} from './contract.ts'
import type {Clause} from './contract.ts'
import {batchNormClauses} from './engine/batch-norm-clauses.ts'
import {convolutionClauses} from './engine/convolution-clauses.ts'
import {operationClauses} from './engine/operation-clauses.ts'
import {expectNoLeak} from './leak.ts'

/** What networks, training and the audit rely on, whichever engine runs them. Each clause opens the engine anew. */
export function engineContract(name: EngineName): readonly Clause[] {
  const clauses = [...lifeClauses(name), ...convolutionClauses, ...batchNormClauses, ...operationClauses]
  return clauses.map((clause) => ({
    name: clause.name,
    async check() {
      await using _engine = await openEngine(name)
      tf.engine().startScope()
      try {
        await clause.check()
      } finally {
        tf.engine().endScope()
      }
    },
  }))
}

const lifeClauses = (name: EngineName): readonly Clause[] => [
  {
    name: 'it says what it is',
    async check() {
      const engine = await openEngine(name)
      insist(engine.name === name, `It calls itself ${engine.name}.`)
      insist(/^\d+\.\d+\.\d+/.test(engine.version), `Its version is ${engine.version}.`)
      insist(engine.threads >= 1, `It has ${engine.threads} threads.`)
    },
  },
  {
    name: 'disposing of it hands back to the engine before, and tensors move along',
    async check() {
      const other: EngineName = name === 'cpu' ? 'wasm' : 'cpu'
      const outer = await openEngine(other)
      const before = tf.tensor1d([1, 2])
      const inner = await openEngine(name)
      insist(tf.getBackend() === name, `It is ${tf.getBackend()} that runs.`)
      const doubled = tf.mul(before, 2)
      await inner[Symbol.asyncDispose]()
      insist(tf.getBackend() === other, `It is ${tf.getBackend()} that runs afterwards.`)
      const values = [...(await tf.add(doubled, 1).data())]
      insist(String(values) === '3,5', `2·(1, 2) + 1 is ${values.join(', ')}.`)
      await outer[Symbol.asyncDispose]()
    },
  },
  {
    name: 'opened twice it is one engine, which outlives the first disposal',
    async check() {
      const [first, second] = [await openEngine(name), await openEngine(name)]
      const kept = tf.tensor1d([1, 2])
      await second[Symbol.asyncDispose]()
      await first[Symbol.asyncDispose]()
      insist(String(await kept.data()) === '1,2', 'A tensor was lost.')
    },
  },
  {
    name: 'random tensors hold the same bits on every engine',
    async check() {
      const tensor = createRandom(7).fork('noise').normalTensor<Tensor1D>([1000])
      const expected = createRandom(7).fork('noise').normals(1000)
      const values = await tensor.data()
      insist(
        values.every((value, i) => Object.is(value, expected[i])),
        'They differ from the stream they were filled from.',
      )
    },
  },
  {
    name: 'a step of training leaves no tensors behind',
    check: async () => {
      const engine: Engine = await openEngine(name)
      const random = createRandom('leak')
      const x = random.normalTensor<Tensor4D>([2, 6, 6, 3])
      const filter = random.normalTensor<Tensor4D>([3, 3, 3, 4])
      const [weight, bias] = [tf.ones<tf.Rank.R1>([4]), tf.zeros<tf.Rank.R1>([4])]
      const loss = (...[f, w, b]: tf.Tensor[]) => {
        const y = conv2d(x, f as Tensor4D, 2, 1)
        return tf.mean(tf.relu(batchNormTrain(y, w as Tensor1D, b as Tensor1D, 1e-5).y))
      }
      await expectNoLeak(engine, async () => {
        const gradients = tf.grads(loss)([filter, weight, bias])
        await gradients[0]!.data()
        tf.dispose(gradients)
      })
    },
  },
]
