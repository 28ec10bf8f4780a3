import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {readModelFile} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'

const zoo = fileURLToPath(new URL('../../../../shared/zoo', import.meta.url))
const published = join(zoo, 'i-bau')
if (!existsSync(zoo)) console.warn(`Skipped: the optional shared test data is not there (${zoo}).`)

// Ten networks that I-BAU published: address-like storage keys, wrapped in `net`, trained on cuda:0.
describe.skipIf(!existsSync(published))("I-BAU's poisoned networks", () => {
  const files = existsSync(published) ? readdirSync(published).filter((name) => name.endsWith('.pth')) : []

  it.each(files)('%s', async (name) => {
    const model = await readModelFile(join(published, name))
    const classes = name.startsWith('gtsrb') ? 43 : 10

    expect(model.format).toBe('pytorch-zip')
    expect(model.scan).toEqual([])
    expect(model.nonFinite).toEqual([])
    expect(model.sha256).toBe(createHash('sha256').update(readFileSync(model.path)).digest('hex'))
    expect(model.stateDict.size).toBe(44)
    expect(model.stateDict.get('features.0.weight')!.shape).toEqual([32, 3, 3, 3])
    const bias = [...model.stateDict].findLast(([key]) => key.endsWith('.bias'))!
    expect(bias[1].shape).toEqual([classes])
    expect(model.metadata['epoch']).toBeTypeOf('number')
    expect(model.metadata['acc']).toBeGreaterThan(80)
  })

  it('badnets_8_02.pth has the accuracy and the epoch that it was published with', async () => {
    expect((await readModelFile(join(published, 'badnets_8_02.pth'))).metadata).toEqual({
      acc: 84.46,
      epoch: 48,
    })
  })
})

describe.skipIf(!existsSync(zoo))('the development zoo', () => {
  const files = existsSync(zoo) ? readdirSync(zoo).filter((name) => name.endsWith('.pt')) : []

  it('loads whole: 22 files of the newest writer, without a finding', async () => {
    for (const name of files) {
      const model = await readModelFile(join(zoo, name))

      expect(model.scan).toEqual([])
      // WRN-16-1 has 82 tensors, ResNet-14 has 80, num_batches_tracked among them.
      expect([80, 82]).toContain(model.stateDict.size)
      expect(model.stateDict.get('fc.weight')!.shape).toEqual([10, 64])
    }
    expect(files).toHaveLength(22)
  })

  it("reads the very numbers: m00's first weights, as the bytes in the file have them", async () => {
    const model = await readModelFile(join(zoo, 'm00.pt'))
    const weight = model.stateDict.get('conv1.weight')!

    expect(weight.shape).toEqual([16, 3, 3, 3])
    // Read with Python's struct from the entry m00/data/0.
    expect(Array.from(weight.data.slice(0, 3), Number)).toEqual([
      0.07593395560979843, 0.2391476184129715, 0.23125231266021729,
    ])
  })
})
