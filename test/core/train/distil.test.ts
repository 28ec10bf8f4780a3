import type {Distiller} from '@abd/core'
import {silent} from '@abd/core'
import {openEngine} from '@abd/core/engine'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {describe, expect, test} from 'vitest'

const engine = await openEngine('cpu')

/** Its loss is the number of the step. */
function counting(steps: number, onStep: (step: number) => void = () => {}): Distiller & {prepared: number} {
  return {
    prepared: 0,
    steps,
    async prepare() {
      this.prepared++
    },
    step(index) {
      onStep(index)
      return {loss: tf.scalar(index)}
    },
    sample: () => ({count: 0, height: 1, width: 1, channels: 1, data: new Uint8Array()}),
    [Symbol.dispose]() {},
  }
}

const context = {engine, progress: silent, signal: new AbortController().signal}

describe('distil', () => {
  test('prepares once, takes every step and reads the losses back now and then', async () => {
    const steps: number[] = []
    const logged: [number, number][] = []
    const distiller = counting(7, (step) => steps.push(step))
    const before = tf.memory().numTensors
    const last = await distil(distiller, {
      context,
      label: 'Distilling',
      every: 3,
      onLosses: (step, {loss}) => logged.push([step, loss!]),
    })
    expect(distiller.prepared).toBe(1)
    expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(logged).toEqual([
      [2, 2],
      [5, 5],
      [6, 6],
    ])
    expect(last).toEqual({loss: 6})
    expect(tf.memory().numTensors).toBe(before)
  })

  test('stops between two steps when it is aborted, even by what only the event loop brings', async () => {
    const abort = new AbortController()
    let taken = 0
    const distiller = counting(1000, () => {
      if (taken++ === 0) setImmediate(() => abort.abort(new Error('interrupted')))
    })
    await expect(
      distil(distiller, {context: {...context, signal: abort.signal}, label: 'Distilling'}),
    ).rejects.toThrow('interrupted')
    expect(taken).toBeLessThan(10)
  })

  test('stops between two parts of a step, and goes on from there', async () => {
    const abort = new AbortController()
    const parts: string[] = []
    const distiller: Distiller = {
      ...counting(3),
      *parts(index, done) {
        for (let part = done; part < 4; part++) {
          parts.push(`${index}.${part}`)
          if (index === 1 && part === 2) setImmediate(() => abort.abort(new Error('interrupted')))
          if (part < 3) yield
        }
        return {loss: tf.scalar(index)}
      },
    }
    const kept: [number, number][] = []
    const options = {
      label: 'Distilling',
      keep: async (done: number, of: number) => void kept.push([done, of]),
    }
    const before = tf.memory().numTensors
    await expect(
      distil(distiller, {...options, context: {...context, signal: abort.signal}}),
    ).rejects.toThrow('interrupted')
    const [[done, of]] = kept as [[number, number]]
    expect(parts).toEqual(['0.0', '0.1', '0.2', '0.3', ...['1.0', '1.1', '1.2', '1.3'].slice(0, of)])
    expect([done, of]).toEqual([1, 3])

    parts.length = 0
    await distil(distiller, {...options, context, from: done, fromPart: of})
    expect(parts).toEqual(['1.3', '2.0', '2.1', '2.2', '2.3'])
    expect(kept.at(-1)).toEqual([3, 0])
    expect(tf.memory().numTensors).toBe(before)
  })

  test('moves its task on step by step and ends it, whatever happens', async () => {
    const events: string[] = []
    const progress = {
      ...silent,
      start: (label: string, total: number) => {
        events.push(`${label} ${total}`)
        return {advance: () => void events.push('step'), end: () => void events.push('end')}
      },
    }
    const failing = counting(3, (step) => {
      if (step === 2) throw new Error('broken')
    })
    await expect(distil(failing, {context: {...context, progress}, label: 'Distilling'})).rejects.toThrow(
      'broken',
    )
    expect(events).toEqual(['Distilling 3', 'step', 'step', 'end'])
  })
})

describe('a run whose defence wants an optimiser for the student', () => {
  const defence = {ownOptimiser: () => ({from: 2, learningRate: 0.5})}
  const staged = (took: (string | number)[]): Distiller => ({
    ...counting(4, (step) => took.push(step)),
    beginStage: ({from, steps, learningRate, within}) =>
      void took.push(`${within} ${from} ${steps} ${learningRate}`),
  })

  test('gives it one, once, before that step', async () => {
    const took: (string | number)[] = []
    await distil(staged(took), {context, label: '', defence})
    expect(took).toEqual([0, 1, 'begins 2 2 0.5', 2, 3])
  })

  test.each([
    [{from: 2}, ['begins 2 2 0.5', 2, 3]],
    [{from: 2, fromPart: 1}, ['goes on 2 2 0.5', 2, 3]],
    [{from: 3}, ['goes on 2 2 0.5', 3]],
  ])('that is taken up again from %o', async (where, expected) => {
    const took: (string | number)[] = []
    await distil(staged(took), {context, label: '', defence, ...where})
    expect(took).toEqual(expected)
  })

  test('says so where the method cannot, before it gathers anything', async () => {
    const distiller = counting(4)
    await expect(distil(distiller, {context, label: '', defence})).rejects.toMatchObject({code: 'E_STAGE'})
    expect(distiller.prepared).toBe(0)
  })
})
