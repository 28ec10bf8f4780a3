import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {decodeImage, loadSigns, normalisations} from '@abd/core/data'
import type {LabelledImages, Normalisation} from '@abd/core/data'
import {openEngine} from '@abd/core/engine'
import {readModelFile} from '@abd/core/modelfile'
import {createModel, inferArchitecture, networkFromStateDict} from '@abd/core/nn'
import {evaluate} from '@abd/core/train'
import {beforeAll, describe, expect, test} from 'vitest'
import {images} from './golden.ts'

/** Optional shared test data beside the checkout: networks that were trained with PyTorch. */
const shared = new URL('../../../shared/', import.meta.url)
const there = existsSync(new URL('zoo/', shared)) && existsSync(new URL('cifar10/', shared))
if (!there) console.warn('Skipped: networks trained with PyTorch are in the optional ../shared/zoo.')

async function accuracy(file: string, normalisation: Normalisation, data: LabelledImages): Promise<number> {
  const {stateDict} = await readModelFile(new URL(`zoo/${file}`, shared).pathname)
  const network = networkFromStateDict(inferArchitecture(stateDict), stateDict)
  using model = createModel(network, normalisation)
  return (await evaluate(model, data)).accuracy
}

/** The first 1000 test images of CIFAR-10: one picture, an image a row. */
async function cifar10(): Promise<LabelledImages> {
  const sheet = decodeImage(await readFile(new URL('cifar10/b50.png', shared)), 'b50.png')
  const list = /\[([^\]]*)\]/.exec(await readFile(new URL('cifar10/labels.js', shared), 'utf8'))?.[1] ?? ''
  const labels = Int32Array.from(list.split(','), Number).slice(50_000, 51_000)
  return {images: {count: 1000, height: 32, width: 32, channels: 3, data: sheet.data}, labels}
}

beforeAll(async () => {
  await openEngine('auto')
})

describe.skipIf(!there)('networks trained with PyTorch classify here as they did there', () => {
  test('a wide ResNet, on the very images', async () => {
    expect(await accuracy('m00.pt', normalisations.cifar10, await cifar10())).toBeCloseTo(0.643, 3)
  })

  test("I-BAU's small VGG, on a tenth of the images that its 84.46 % were measured on", async () => {
    expect(await accuracy('i-bau/badnets_8_02.pth', normalisations.unit, await cifar10())).toBeGreaterThan(
      0.82,
    )
  })

  // PyTorch's first five logits of sin(0.013 (i + 1)) over [2, 3, 32, 32], and the largest of all.
  test.each([
    ['badnets_8_02.pth', [5.103229, 3.350053, -0.5361325, 2.020875, -0.6699093], 8.120443],
    ['gtsrbbadnets_8_02.pth', [-0.6716323, -6.765776, -11.55373, -10.69978, -3.00471], 23.79403],
    ['gtsrbtrojan_sq_2_02.pth', [-1.144993, -4.972058, -20.38385, -11.35899, -14.30144], 41.48298],
    ['l2_inv_0_02.pth', [8.047881, 2.703016, -5.087202, 1.174778, 7.243428], 8.047881],
    ['trojan_wm_2_02.pth', [6.200738, 6.131577, -1.071534, 3.435002, -1.331284], 9.334497],
  ])("the logits of I-BAU's %s are PyTorch's", async (name, expected, largest) => {
    const {stateDict} = await readModelFile(new URL(`zoo/i-bau/${name}`, shared).pathname)
    using network = networkFromStateDict(inferArchitecture(stateDict), stateDict)
    const x = images([2, 3, 32, 32], 0.013)
    const {logits} = network.architecture.forward(network.parameters, x, 'eval')
    const found = (await logits.data()).slice(0, 5)

    for (const [i, value] of expected.entries())
      expect(Math.abs(found[i]! - value)).toBeLessThan(1e-4 * largest)
  })

  test('a CIFAR ResNet with shortcuts A, on traffic signs drawn afresh', async () => {
    const {test: signs} = await loadSigns({perClass: 1, testPerClass: 20})

    expect(await accuracy('m01.pt', normalisations.signs, signs)).toBeGreaterThan(0.98)
  })
})
