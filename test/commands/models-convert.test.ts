import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {Config} from '@oclif/core/config'
import {readModelFile} from '@abd/core/modelfile'
import {afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {sourcePlugins} from '../../bin/source-plugins.js'
import Convert from '../../commands/models/convert.ts'
import {dictOf, osSystem, pickle, tensor} from '../core/modelfile/build-pickle.ts'
import {floats, torchEntries, zip} from '../core/modelfile/build-zip.ts'
import {scratch} from '../core/modelfile/scratch.ts'

const {path, write} = scratch()
const pnet = fileURLToPath(new URL('../fixtures/modelfile/third-party/facenet-pnet.pt', import.meta.url))

let config: Config
beforeAll(async () => {
  config = await Config.load(await sourcePlugins(new URL('../..', import.meta.url)))
})
const exitCode = process.exitCode
afterEach(() => {
  process.exitCode = exitCode
  vi.restoreAllMocks()
})

async function convert(...argv: string[]) {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  const errors: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0)
  const result = await Convert.run(argv, config)
  return {result, errors: errors.join(''), code: process.exitCode}
}

describe('abd models convert', () => {
  it('writes the same tensors as safetensors and as a PyTorch file', async () => {
    const {stateDict} = await readModelFile(pnet)
    for (const name of ['out.safetensors', 'out.pt']) {
      const {result} = await convert(pnet, path(name))
      const written = await readModelFile(path(name))

      expect([...written.stateDict]).toEqual([...stateDict])
      expect(written.scan).toEqual([])
      expect(result.tensors).toBe(13)
    }
  })

  it('writes another type', async () => {
    await convert(pnet, path('half.safetensors'), '--dtype', 'float16')
    const {stateDict} = await readModelFile(path('half.safetensors'))

    expect(stateDict.get('conv1.weight')!.dtype).toBe('float16')
    // 0.8359154 is 0.8359375 in binary16: 1712 steps of 2^-11.
    expect(stateDict.get('conv1.weight')!.data[1]).toBe(0.8359375)
  })

  it('does not write over a file, unless asked to', async () => {
    await write('there.pt', 'mine')

    expect((await convert(pnet, path('there.pt'))).code).toBe(4)
    expect(await readFile(path('there.pt'), 'utf8')).toBe('mine')
    await convert(pnet, path('there.pt'), '--force')
    expect((await readModelFile(path('there.pt'))).stateDict.size).toBe(13)
  })

  it('refuses a dangerous file, and formats that it does not write', async () => {
    const evil = dictOf({w: tensor({count: 1, size: [1], stride: [1]}), x: osSystem})
    const from = await write('evil.pt', zip(torchEntries(pickle(evil), {0: floats(1)})))

    expect((await convert(from, path('evil.safetensors'))).code).toBe(3)
    expect((await convert(pnet, path('model.onnx'))).code).toBe(2)
  })
})
