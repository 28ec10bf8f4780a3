import {stripVTControlCharacters} from 'node:util'
import {Config} from '@oclif/core/config'
import {afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {sourcePlugins} from '../../bin/source-plugins.js'
import Inspect from '../../commands/models/inspect.ts'
import {dictOf, op, osSystem, pickle, tensor} from '../core/modelfile/build-pickle.ts'
import {floats, torchEntries, zip} from '../core/modelfile/build-zip.ts'
import {scratch} from '../core/modelfile/scratch.ts'

const {path, write} = scratch()
const torch = (object: Uint8Array) => zip(torchEntries(pickle(object), {0: floats(-1, 0.5, 2, 4)}))
const weight = tensor({count: 4, size: [2, 2], stride: [2, 1]})
const good = torch(dictOf({'fc.weight': weight, 'bn.running_mean': weight}))

let config: Config
beforeAll(async () => {
  config = await Config.load(await sourcePlugins(new URL('../..', import.meta.url)))
})
const exitCode = process.exitCode
afterEach(() => {
  process.exitCode = exitCode
  vi.restoreAllMocks()
})

async function inspect(...argv: string[]) {
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  const errors: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0)
  const result = await Inspect.run(argv, config)
  return {result, said: said.join('\n'), errors: errors.join('\n'), code: process.exitCode}
}

describe('abd models inspect', () => {
  it('says what a file is and that nothing was found in it', async () => {
    const {said, code} = await inspect(await write('good.pt', good))

    expect(code).toBe(0)
    expect(said).toMatch(/format +pytorch-zip/)
    expect(said).toMatch(new RegExp(`size +${good.length} B \\(${good.length} bytes\\)`))
    expect(said).toMatch(/sha256 +[0-9a-f]{64}/)
    expect(said).toMatch(/architecture +not recognised/)
    // 4 values of fc.weight; running statistics are no parameters.
    expect(said).toMatch(/parameters +4\n/)
    expect(said).toMatch(/tensors +2 \(2 float32\)/)
    expect(said).toContain('nothing found')
    expect(said).not.toContain('fc.weight')
  })

  it('lists tensors with their extremes and mean', async () => {
    const {said} = await inspect(await write('good.pt', good), '--tensors')

    // (-1 + 0.5 + 2 + 4) / 4 = 1.375
    expect(said).toMatch(/fc\.weight +float32 +2 x 2 +-1 +4 +1\.375/)
  })

  it('shows findings, and ends with 3 for a dangerous file', async () => {
    const {said, code} = await inspect(await write('evil.pt', torch(dictOf({w: weight, x: osSystem}))))

    expect(code).toBe(3)
    expect(said).toMatch(/ABD-F001 +critical +calls os\.system\('id'\) +\d+/)
  })

  it('goes on after a broken file, and ends with 4', async () => {
    const {said, errors, code} = await inspect(path('missing.pt'), await write('good.pt', good))

    expect(code).toBe(4)
    expect(errors).toContain(`There is no file ${path('missing.pt')}.`)
    expect(said).toContain('good.pt')
  })

  it('ends with 3 rather than 4, and 4 rather than 2', async () => {
    const evil = await write('evil.pt', torch(dictOf({x: osSystem})))
    const fine = await write('good.pt', good)

    expect((await inspect(path('missing.pt'), evil)).code).toBe(3)
    expect((await inspect(fine, path('missing.pt'), '--key', 'nothing')).code).toBe(4)
    expect((await inspect(fine, '--key', 'nothing')).code).toBe(2)
  })

  it('prints one document a file as JSON, with errors among them', async () => {
    const {said, errors, code} = await inspect(await write('good.pt', good), path('missing.pt'), '--json')
    const [model, missing] = JSON.parse(said) as Record<string, any>[]

    expect(code).toBe(4)
    expect(errors).toBe('')
    expect(model).toMatchObject({
      format: 'pytorch-zip',
      parameters: 4,
      dangerous: false,
      architecture: null,
      scan: [],
    })
    expect(model!['tensors']).toEqual([
      {name: 'fc.weight', dtype: 'float32', shape: [2, 2]},
      {name: 'bn.running_mean', dtype: 'float32', shape: [2, 2]},
    ])
    expect(missing).toMatchObject({path: path('missing.pt'), error: {code: 'E_FILE_MISSING'}})
  })

  it("lets no control character of a file's reach the terminal", async () => {
    const escape = '\u001b]0;owned\u0007'
    const object = dictOf({
      net: dictOf({[`w${escape}`]: weight}),
      note: op.text(escape),
      [`key${escape}`]: op.text('x'),
      f: op.global('my', escape),
    })
    const {said} = await inspect(await write('escape.pt', torch(object)), '--tensors')

    expect(said).toContain('\\u001b]0;owned\\u0007')
    // What remains are the table's own styles.
    expect(stripVTControlCharacters(said)).not.toContain('\u001b')
    expect(said).not.toContain('\u0007')
  })
})
