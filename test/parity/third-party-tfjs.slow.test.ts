import {createHash} from 'node:crypto'
import {mkdtempSync, rmSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {readAndScan, readModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {unbundle} from '../support/bundled-tfjs.ts'
import {npmPackage} from '../support/npm-package.ts'

/*
 * TensorFlow.js models that other people publish in npm packages: nsfwjs 4.4.0 (MIT), basic-pitch 1.0.1 (Apache-2.0). They are
 * fetched, and neither executed nor kept. The probabilities are those of TensorFlow.js 4.22.0 itself (tfjs-layers and
 * tfjs-converter on its plain engine, `cpu`) of one image whose i-th number is (37 i mod 256) / 255.
 */
const nsfw = npmPackage('nsfwjs@4.4.0')
const basicPitch = npmPackage('@spotify/basic-pitch@1.0.1')

const folder = mkdtempSync(join(tmpdir(), 'abd-tfjs-'))
afterAll(() => rmSync(folder, {recursive: true}))
beforeAll(async () => {
  await openEngine('auto')
})

const models = [
  {
    name: 'mobilenet_v2',
    size: 224,
    dialect: 'keras',
    weights: 266,
    sha256: 'c32f104fd562b08cdff5ed69dfe1209643afa47e792fb12751d2949aa61a397a',
    probabilities: [
      0.4017815887928009, 0.01344233751296997, 0.578092098236084, 0.005272026173770428, 0.0014119036495685577,
    ],
  },
  {
    name: 'mobilenet_v2_mid',
    size: 224,
    dialect: 'tensorflow',
    weights: 108,
    sha256: 'a7a9e701491e2449b221dab7c424957f853e700602b5575da33cfd745616f964',
    probabilities: [
      0.36880016326904297, 0.13636988401412964, 0.474491149187088, 0.006586472503840923, 0.013752277940511703,
    ],
  },
  {
    name: 'inception_v3',
    size: 299,
    dialect: 'keras',
    weights: 382,
    sha256: '8c2b793b9d277840fc757725bf3b135c96d5a54ec020e2b4ab569fc3df6b3848',
    probabilities: [
      0.2885373830795288, 0.011014102958142757, 0.6950629949569702, 0.004013760015368462,
      0.0013717504916712642,
    ],
  },
]

describe('TensorFlow.js models that other people published', () => {
  for (const {name, size, dialect, weights, sha256, probabilities} of models)
    it.skipIf(nsfw === undefined)(`${name} of nsfwjs gives TensorFlow.js's own probabilities`, async () => {
      const from = join(nsfw!, 'dist/models', name)
      const script = await readFile(join(from, 'model.min.js'))
      expect(createHash('sha256').update(script).digest('hex')).toBe(sha256)
      const model = await readModelFile(unbundle(from, join(folder, name)))
      expect([model.format, model.graph?.dialect, model.stateDict.size]).toEqual(['tfjs', dialect, weights])
      expect(model.scan).toEqual([])

      using network = networkOf(model)
      const x = tf.tensor4d(
        Float32Array.from({length: size * size * 3}, (_, i) => ((37 * i) % 256) / 255),
        [1, size, size, 3],
      )
      const {logits} = network.architecture.forward(network.parameters, x, 'eval')
      const found = await tf.softmax(logits).data()
      expect(found).toHaveLength(probabilities.length)
      for (const [i, probability] of probabilities.entries()) expect(found[i]).toBeCloseTo(probability, 5)
    })

  it.skipIf(basicPitch === undefined)('basic-pitch, which hears music, is scanned and refused', async () => {
    const {format, scan, refusal} = await readAndScan(join(basicPitch!, 'model/model.json'))

    expect([format, scan]).toEqual(['tfjs', []])
    expect(refusal?.message).toContain('its input has 3 axes: it is not images')
  })
})
