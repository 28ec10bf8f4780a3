import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {drawnImages} from '../../../src/audit/drawn-images.ts'
import type {Context} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {defineMethod} from '../../../src/method.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import {createModel} from '../../../src/nn/create-model.ts'
import {createNetwork} from '../../../src/nn/create-network.ts'
import {createRegistry} from '../../../src/registry.ts'
import {DfqOptions} from '../../../plugins/distill/src/dfq/options.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('cpu')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

const teacherOf = (name: string) =>
  createModel(createNetwork(architectureByName(name, {classes: 3, input: [8, 8, 3]}), createRandom('t')), {
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  })

/** In DFQ's place, with its options: takes no step, and draws images that are all 7. */
const inPlace = (asked: object[]) =>
  defineMethod({
    kind: 'distiller',
    name: 'dfq',
    summary: 'Draws sevens',
    options: DfqOptions,
    create: (options) => {
      asked.push(options)
      return () => ({
        steps: 0,
        step: () => ({}),
        sample: (count) => ({
          count,
          height: 8,
          width: 8,
          channels: 3,
          data: new Uint8Array(192 * count).fill(7),
        }),
        [Symbol.dispose]() {},
      })
    },
  })

describe('drawnImages', () => {
  it('are those of a generator that looks for what the teacher remembers, and nothing else stays', async () => {
    using teacher = teacherOf('wrn-10-1')
    const asked: object[] = []
    const registry = createRegistry([{name: 'p', methods: [inPlace(asked)]}])
    const before = context.engine.memory().tensors
    const images = await drawnImages(teacher, 5, {registry, context})
    expect(images).toMatchObject({count: 5, height: 8, width: 8, channels: 3})
    expect([...new Set(images.data)]).toEqual([7])
    expect(context.engine.memory().tensors).toBe(before)
    // The student has no part in the generator's loss.
    expect(asked).toEqual([expect.objectContaining({adversarial: 0, inversion: 1, oneHot: 1, balance: 20})])
  })

  it('asks for no likeness to statistics that a teacher does not have', async () => {
    using teacher = teacherOf('wrn-10-1')
    const {network} = teacher
    const parameters = new Map([...network.parameters].filter(([name]) => !name.includes('running')))
    const asked: object[] = []
    const registry = createRegistry([{name: 'p', methods: [inPlace(asked)]}])
    await drawnImages({...teacher, network: {...network, parameters}}, 5, {registry, context})
    expect(asked).toEqual([expect.objectContaining({inversion: 0})])
  })

  it('says which method is missing where no plugin has a generator', async () => {
    using teacher = teacherOf('wrn-10-1')
    await expect(drawnImages(teacher, 5, {registry: createRegistry([]), context})).rejects.toMatchObject({
      code: 'E_DISTILLER_UNKNOWN',
    })
  })
})
