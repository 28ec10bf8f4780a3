import {createRegistry} from '@abd/core'
import {datasetMethods, encodeNpy} from '@abd/core/data'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import type {PoisoningRequest} from '../../../plugins/attack/src/prepare-poisoning.ts'
import {preparePoisoning} from '../../../plugins/attack/src/prepare-poisoning.ts'
import {contextOf} from './context-of.ts'

const registry = createRegistry([{name: 'core', methods: datasetMethods}, attackPlugin])

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-poison-'))
})
afterEach(() => rm(folder, {recursive: true}))

const SIDE = 8
const SIZE = SIDE * SIDE * 3
/** Grey images of 8x8, image i of the value 2 i. */
const images = (count: number, value = (i: number) => 2 * i) =>
  encodeNpy(
    [count, SIDE, SIDE, 3],
    Uint8Array.from({length: count * SIZE}, (_, i) => value(Math.floor(i / SIZE))),
  )
const save = (name: string, pieces: readonly Uint8Array[]) =>
  writeFile(join(folder, name), Buffer.concat(pieces))

async function dataset(...labels: readonly number[]) {
  for (const split of ['train', 'test']) {
    await save(`images_${split}.npy`, images(labels.length))
    await save(`labels_${split}.npy`, encodeNpy([labels.length], Int32Array.from(labels)))
  }
}

const prepare = (change: Partial<PoisoningRequest>, seed?: number, note?: (line: string) => void) => {
  const context = contextOf(seed)
  return preparePoisoning(
    {
      dataset: folder,
      triggers: ['badnet_grid'],
      target: 0,
      ratio: 0.25,
      selection: 'first',
      holdout: 0,
      order: 'auto',
      triggerSettings: [],
      ...change,
    },
    {registry, context: note ? {...context, progress: {...context.progress, note}} : context},
  )
}
const poisoned = async (change: Partial<PoisoningRequest>, seed?: number, note?: (line: string) => void) =>
  (await prepare(change, seed, note))()

describe('preparePoisoning', () => {
  it('puts several triggers on different images', async () => {
    await dataset(0, 1, 2, 0, 1, 2, 0, 1)
    const {train, attacks} = await poisoned({triggers: ['badnet_grid:0', 'badnet_sq:2', 'sig:1']})

    // floor(0.25 · 8) = 2 each: the first of other classes than 0; of those left, of others than 2; of class 1 those left.
    expect(attacks.map(({trigger, target, poisoned: at}) => [trigger.name, target, [...at]])).toEqual([
      ['badnet_grid', 0, [1, 2]],
      ['badnet_sq', 2, [0, 3]],
      ['sig', 1, [4, 7]],
    ])
    expect([...train.labels]).toEqual([2, 0, 0, 2, 1, 2, 0, 1])
  })

  it('refuses a ratio that would poison no image, and says from which on one is', async () => {
    await dataset(0, 1, 2, 0, 1, 2, 0, 1)

    await expect(poisoned({ratio: 0.1})).rejects.toMatchObject({
      code: 'E_RATIO',
      message: 'A share of 0.1 of 8 training images is less than one image.',
      hints: ['From 0.125 on it is at least one.'],
    })
    expect((await poisoned({ratio: 0.125})).attacks[0]!.poisoned).toHaveLength(1)
  })

  it('says where fewer images qualify than the ratio asks for', async () => {
    await dataset(0, 1, 2, 0, 1, 2, 0, 1)
    const notes: string[] = []
    await poisoned({triggers: ['sig:2'], ratio: 0.5}, undefined, (line) => notes.push(line))

    expect(notes).toContain('Fewer images qualify for sig than --ratio 0.5 asks for: 2 of 4 are missing.')
  })

  it('shuffles a set that comes class by class, so that the first n are of all classes', async () => {
    await dataset(...Array.from({length: 40}, (_, i) => Math.floor(i / 10)))
    const {dataset: ordered, order, train, attacks} = await poisoned({ratio: 0.3})

    expect(order).toHaveLength(40)
    expect([...ordered.train.labels]).toEqual([...order!].map((i) => Math.floor(i / 10)))
    expect(new Set([...attacks[0]!.poisoned].map((at) => ordered.train.labels[at]))).toEqual(
      new Set([1, 2, 3]),
    )
    // The images went with their labels: image i is of the value 2 i, away from the trigger.
    expect([...order!.keys()].map((at) => train.images.data[at * SIZE])).toEqual(
      [...order!].map((i) => 2 * i),
    )
    expect((await poisoned({ratio: 0.3})).order).toEqual(order)
    expect((await poisoned({ratio: 0.3}, 4)).order).not.toEqual(order)
  })

  it('takes a stored order', async () => {
    await dataset(0, 1, 2, 0)
    await save('order.npy', encodeNpy([4], Int32Array.of(3, 2, 1, 0)))
    const {train, attacks} = await poisoned({order: join(folder, 'order.npy')})

    expect([...attacks[0]!.poisoned]).toEqual([1])
    expect([...train.labels]).toEqual([0, 0, 1, 0])
  })

  it('cl stamps adversarial images in place of the target’s own, wherever the order put them', async () => {
    await dataset(0, 1, 0, 1)
    await save(
      'adversarial.npy',
      images(4, (i) => 101 + i),
    )
    await save('order.npy', encodeNpy([4], Int32Array.of(3, 2, 1, 0)))
    const {train, attacks} = await poisoned({
      triggers: ['cl'],
      ratio: 0.5,
      order: join(folder, 'order.npy'),
      triggerSettings: [`cl.adversarial=${join(folder, 'adversarial.npy')}`],
    })
    const at = (image: number, row: number, column: number) =>
      train.images.data[image * SIZE + (row * SIDE + column) * 3]

    expect([...attacks[0]!.poisoned]).toEqual([1, 3])
    expect([...train.labels]).toEqual([1, 0, 1, 0])
    // In the middle the adversarial images 2 and 0; others stay. The grid's top right cell is white in every corner.
    expect([0, 1, 2, 3].map((image) => at(image, 4, 4))).toEqual([6, 103, 2, 101])
    expect([at(1, 0, 2), at(1, 0, 7), at(1, 5, 2), at(1, 5, 7)]).toEqual([255, 255, 255, 255])
    expect([at(1, 0, 0), at(1, 5, 5)]).toEqual([0, 0])
  })

  it.each([
    ['too few', () => images(3), 'holds 3 images of 8x8x3, but the training set has 4 images of 8x8x3'],
    ['no images', () => encodeNpy([4], new Int32Array(4)), 'has images of shape 4'],
  ])('cl refuses adversarial images that are %s', async (_, pieces, message) => {
    await dataset(0, 1, 0, 1)
    await save('adversarial.npy', pieces())

    await expect(
      poisoned({
        triggers: ['cl'],
        triggerSettings: [`cl.adversarial=${join(folder, 'adversarial.npy')}`],
      }),
    ).rejects.toMatchObject({code: 'E_DATA', message: expect.stringContaining(message)})
  })

  it('cl without adversarial images is refused before signs are rendered', async () => {
    await expect(prepare({dataset: 'signs', triggers: ['cl']})).rejects.toMatchObject({
      code: 'E_OPTIONS',
      hints: [expect.stringContaining('--set cl.adversarial=FILE.npy'), expect.anything()],
    })
  })

  it.each([
    [{ratio: Number.NaN}, 'E_RATIO'],
    [{holdout: 1}, 'E_RATIO'],
    [{triggers: ['nowhere']}, 'E_TRIGGER_UNKNOWN'],
    [{order: 'best'}, 'E_ORDER'],
    [{classes: '1,2'}, 'E_CLASSES'],
  ])('checks %j before anything is loaded', async (change, code) => {
    await expect(prepare({dataset: join(folder, 'not-there'), ...change})).rejects.toMatchObject({
      code,
      exit: 2,
    })
  })

  it('a source that is no class is refused, of signs before they are rendered', async () => {
    const refused = {code: 'E_SOURCE', exit: 2, message: '--source 30: there is no class 30.'}
    await expect(prepare({dataset: 'signs', rules: {sources: [1, 30]}})).rejects.toMatchObject(refused)
    await dataset(0, 1, 2, 0, 1, 2)
    await expect(poisoned({rules: {sources: [30]}})).rejects.toMatchObject({
      ...refused,
      hints: ['They go from 0 to 2.'],
    })
  })

  it('a trigger that the images are too small for is one clear error', async () => {
    await dataset(0, 1, 0, 1)

    await expect(poisoned({triggers: ['trojan_3x3']})).resolves.toBeDefined()
    await expect(poisoned({triggers: ['trojan_wm']})).rejects.toMatchObject({code: 'E_TRIGGER_SHAPE'})
  })
})
