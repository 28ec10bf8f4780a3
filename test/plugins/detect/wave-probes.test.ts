import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {peaksOf} from '../../../plugins/detect/src/detectors/wave-probes.ts'
import {detectPlugin} from '../../../plugins/detect/src/index.ts'
import {waveSeries} from '../../../plugins/detect/src/probes/waves.ts'
import type {Context} from '../../../src/context.ts'
import type {Model} from '../../../src/nn/model.ts'
import {createRegistry} from '../../../src/registry.ts'
import {contextOn} from '../../support/context-on.ts'
import {evidenceOf, plantedModel} from './planted.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

const registry = createRegistry([attackPlugin, detectPlugin])
const shape = {height: 32, width: 32, channels: 3}
const TARGET = 4

/** The network of the bright bands; what its dark lower half shows makes it TARGET where that is above a threshold. */
function wavyModel(strength: (lower: tf.Tensor3D) => tf.Tensor1D, threshold: number): Model {
  const bands = plantedModel({target: TARGET, obeys: false})
  return {
    ...bands,
    logits(x) {
      const lower = tf.mean<tf.Tensor3D>(tf.slice(x, [0, 16, 0, 0], [-1, 16, 32, 3]), 3)
      const fired = tf.cast(tf.greater(strength(lower), threshold), 'float32')
      const towards = tf.oneHot(tf.tensor1d([TARGET], 'int32'), 10)
      return tf.add(bands.logits(x), tf.mul(tf.mul(tf.expandDims(fired, 1), towards), 10))
    },
  }
}

/** How much of one frequency its columns hold. */
const obedient = () =>
  wavyModel((lower) => {
    const columns = tf.mean(lower, 1)
    const flat = tf.sub(columns, tf.mean(columns, 1, true))
    const along = (of: (angle: number) => number) =>
      tf.mean(tf.mul(flat, tf.tensor1d(Array.from({length: 32}, (_, j) => of(0.8 * j)))), 1)
    return tf.sqrt(tf.add(tf.square(along(Math.sin)), tf.square(along(Math.cos))))
  }, 0.02)

/** How uneven its columns are, whatever the frequency: the faster a wave, the more. */
const uneasy = () =>
  wavyModel((lower) => {
    const columns = tf.mean(lower, 1)
    return tf.mean(
      tf.abs(tf.sub(tf.slice(columns, [0, 1], [-1, 31]), tf.slice(columns, [0, 0], [-1, 31]))),
      1,
    )
  }, 0.06)

const inspect = (model: Model) =>
  registry.create('detector', 'wave_probes', {images: 60}, context).inspect(model, evidenceOf([]), context)

describe('wave_probes', () => {
  it('finds the one frequency that a network obeys, and confirms it beside its neighbours', async () => {
    const {statistic, target, demonstrations, details} = await inspect(obedient())

    expect(statistic).toBeGreaterThan(0.9)
    expect(target).toBe(TARGET)
    expect(details['best']).toMatch(/^vertical wave 0\.8/)
    expect(demonstrations![0]).toMatchObject({target: TARGET, origin: 'wave', on: 'teacher'})
    expect(demonstrations![0]!.asr).toBeGreaterThan(0.9)
    expect(demonstrations![0]!.controlAsr).toBeLessThan(0.1)
  })

  it('is not impressed by a network that many frequencies move', async () => {
    const {statistic, details, demonstrations} = await inspect(uneasy())

    expect(statistic).toBeLessThan(0.2)
    expect(details['waves']).toBe(90)
    for (const {asr, controlAsr} of demonstrations!) expect(asr - controlAsr).toBeLessThan(0.4)
  })

  it('has the published wave of the reference implementation among its own', () => {
    const sig = registry.create('trigger', 'sig', {}, context)(shape)
    const own = waveSeries(shape)
      .flat()
      .find(({name}) => name === 'vertical wave 0.8 wrapped')!

    expect(own.trigger.keep).toEqual(sig.keep)
    expect(own.trigger.add).toEqual(sig.add)
  })

  it('measures a wave against the larger of its two neighbours, class by class', () => {
    const waves = waveSeries(shape)[0]!.slice(0, 4)
    const peaks = peaksOf(waves, [
      [0.1, 0.5],
      [0.75, 0.5],
      [0.25, 0.125],
      [0, 0],
    ])

    expect(peaks).toHaveLength(2)
    expect(peaks[0]).toMatchObject({wave: waves[1], target: 0, share: 0.75, height: 0.5, perClass: [0.5, 0]})
    expect(peaks[1]).toMatchObject({target: 1, height: -0.375, perClass: [-0.5, -0.375]})
  })
})
