import {createRegistry, silent} from '@abd/core'
import type {Recorder} from '@abd/core'
import {encodePng} from '@abd/core/data'
import {createRandom, openEngine} from '@abd/core/engine'
import type {Model} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import {mkdir, mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, expect, test} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {createRuler} from '../../../src/distil/create-ruler.ts'
import {tinyModel} from '../../../src/testing/index.ts'

let engine: Awaited<ReturnType<typeof openEngine>>
beforeAll(async () => {
  engine = await openEngine('cpu')
})

/** Of each class so many grey pictures, as bright as the number of the class times 50. */
async function greys(counts: readonly number[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'abd-greys-'))
  for (const [label, count] of counts.entries()) {
    await mkdir(join(folder, `${label}`))
    const picture = {
      count: 1,
      height: 8,
      width: 8,
      channels: 3,
      data: new Uint8Array(8 * 8 * 3).fill(50 * label),
    }
    for (let i = 0; i < count; i++) await writeFile(join(folder, `${label}`, `${i}.png`), encodePng(picture))
  }
  return folder
}

// B05 of the reference's register: its sweep for GTSRB asks for target 0 of teachers that are poisoned towards 1.
test.each([
  {target: 1, asr: 1, measuredOn: [2, 0, 4]},
  {target: 0, asr: 0, measuredOn: [0, 3, 4]},
])(
  'of a teacher that obeys towards 1, --trigger NAME:$target measures $asr',
  async ({target, asr, measuredOn}) => {
    const context = {engine, random: createRandom(1), progress: silent, signal: new AbortController().signal}
    const data = await greys([2, 3, 4])
    const pixels: tf.Tensor[] = []
    using tiny = tinyModel(createRandom('teacher'))
    const obedient: Model = {
      ...tiny,
      logits(x) {
        pixels.push(tf.keep(tf.slice(x, 0, [x.shape[0], 1, 1, 1])))
        return tf.tensor2d(
          Array.from({length: x.shape[0]}, () => [0, 1, 0]),
          [x.shape[0], 3],
        )
      },
    }
    const measuring = {data, trigger: `badnet_grid:${target}`}
    const ruler = await createRuler(measuring, {registry: createRegistry([attackPlugin]), context})(obedient)

    expect(await ruler.measure(obedient)).toEqual({accuracyPercent: 100 * (3 / 9), asrPercent: 100 * asr})
    const seen = await Promise.all(pixels.map(async (each) => Array.from(await each.data())))
    tf.dispose(pixels)
    // The nine images of the accuracy, and those of the ASR.
    expect(seen).toHaveLength(2)
    const stamped = seen[1]!.map((brightness) => Math.round((brightness * 255) / 50))
    expect([0, 1, 2].map((label) => stamped.filter((each) => each === label).length)).toEqual(measuredOn)
  },
)

test('of rendered signs it takes those that the teacher’s labels name', async () => {
  const context = {engine, random: createRandom(1), progress: silent, signal: new AbortController().signal}
  using tiny = tinyModel(createRandom('teacher'))
  const datasets: {name: string; profile?: unknown}[] = []
  const recorder = {dataset: (one: (typeof datasets)[number]) => datasets.push(one)} as unknown as Recorder
  const rulerOf = createRuler(
    {data: 'signs'},
    {registry: createRegistry([attackPlugin]), context: {...context, recorder}},
  )

  const ruler = await rulerOf(tiny, ['speed limit 30', 'speed limit 50', 'speed limit 70'])
  expect(datasets).toMatchObject([{name: 'signs', profile: {images: 300, classes: 3}}])
  expect((await ruler.measure(tiny)).accuracyPercent).toBeGreaterThanOrEqual(0)
  await expect(rulerOf(tiny)).rejects.toMatchObject({code: 'E_CLASSES'})
})

test('images of the target alone are an error before any step', async () => {
  const context = {engine, random: createRandom(1), progress: silent, signal: new AbortController().signal}
  const data = await greys([0, 2])
  using tiny = tinyModel(createRandom('teacher'))
  const rulerOf = createRuler(
    {data, trigger: 'badnet_grid:1'},
    {registry: createRegistry([attackPlugin]), context},
  )

  await expect(rulerOf(tiny)).rejects.toMatchObject({
    code: 'E_TARGET',
    exit: 2,
    message: `All images of ${data} are of class 1: there is none that a trigger could lead there.`,
  })
})
