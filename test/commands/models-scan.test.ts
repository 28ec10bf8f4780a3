import {mkdir, symlink, writeFile} from 'node:fs/promises'
import {stripVTControlCharacters} from 'node:util'
import {Config} from '@oclif/core/config'
import {afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {sourcePlugins} from '../../bin/source-plugins.js'
import ScanCommand from '../../commands/models/scan.ts'
import {Scan} from '@abd/core/scan'
import {dictOf, op, osSystem, pickle, tensor} from '../core/modelfile/build-pickle.ts'
import {floats, torchEntries, zip} from '../core/modelfile/build-zip.ts'
import {scratch} from '../core/modelfile/scratch.ts'

const {path} = scratch()
const weight = tensor({count: 1, size: [1], stride: [1]})
const torch = (object: Uint8Array) => zip(torchEntries(pickle(object), {0: floats(1)}))

let config: Config
beforeAll(async () => {
  config = await Config.load(await sourcePlugins(new URL('../..', import.meta.url)))
  await mkdir(path('models/deep/node_modules'), {recursive: true})
  await writeFile(path('models/good.pt'), torch(dictOf({w: weight})))
  await writeFile(path('models/deep/evil.pt'), torch(dictOf({w: weight, x: osSystem})))
  await writeFile(path('models/deep/bare.pkl'), pickle(dictOf({a: op.int(1)})))
  await writeFile(path('models/deep/renamed.txt'), pickle(osSystem))
  await writeFile(path('models/deep/broken.safetensors'), 'no')
  await writeFile(path('models/deep/readme.md'), 'no model')
  await writeFile(path('models/deep/node_modules/hidden.pkl'), pickle(osSystem))
  await symlink('/etc', path('models/link'))
})
const exitCode = process.exitCode
afterEach(() => {
  process.exitCode = exitCode
  vi.restoreAllMocks()
})

async function scan(...argv: string[]) {
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  const result = await ScanCommand.run(argv, config)
  return {result, said: stripVTControlCharacters(said.join('\n')), code: process.exitCode}
}

describe('abd models scan', () => {
  it('finds models in a folder by name and by content, and says the worst with its byte', async () => {
    const {result, said, code} = await scan(path('models'))

    expect(result.map(({model, verdict}) => [model.path.slice(path('models/').length), verdict])).toEqual([
      ['deep/bare.pkl', 'pass'],
      ['deep/broken.safetensors', 'error'],
      ['deep/evil.pt', 'block'],
      ['deep/renamed.txt', 'block'],
      ['good.pt', 'pass'],
    ])
    expect(code).toBe(3)
    expect(said).toMatch(/✖ block +.*evil\.pt \(pytorch-zip\)/)
    expect(said).toMatch(/ABD-F001 +critical +calls os\.system/)
    expect(said).toContain('5 files: 2 block, 1 error, 2 pass')
  })

  it('finds models in a folder that are archives under another name, wherever in them the pickle lies', async () => {
    await mkdir(path('archives'), {recursive: true})
    const weights = {name: 'archive/data/0', bytes: new Uint8Array(100_000)}
    await writeFile(
      path('archives/weights'),
      zip([weights, {name: 'archive/data.pkl', bytes: pickle(osSystem)}]),
    )
    await writeFile(path('archives/report.docx'), zip([{name: 'word/document.xml', bytes: floats(1)}]))
    const {result} = await scan(path('archives'))

    expect(result.map(({model, verdict}) => [model.path.slice(path('archives/').length), verdict])).toEqual([
      ['weights', 'block'],
    ])
  })

  it('ends with 0 for harmless files, 4 for broken ones', async () => {
    expect((await scan(path('models/good.pt'))).code).toBe(0)
    expect((await scan(path('models/deep/broken.safetensors'))).code).toBe(4)
    expect((await scan(path('models/nothing.pt'))).code).toBe(4)
  })

  it('prints documents of its schema', async () => {
    const {result} = await scan(path('models'), '--json')

    for (const document of result) Scan.parse(JSON.parse(JSON.stringify(document)))
    const evil = result.find(({model}) => model.path.endsWith('evil.pt'))!
    expect(evil.scan[0]).toMatchObject({rule: 'ABD-F001', severity: 'critical'})
    expect(evil.scan[0]!.offset).toBeGreaterThan(30)
    expect(evil.model.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('prints SARIF', async () => {
    const {said} = await scan(path('models'), '--sarif')
    const log = JSON.parse(said)

    expect(log.version).toBe('2.1.0')
    const rules = log.runs[0].results.map(({ruleId}: {ruleId: string}) => ruleId)
    expect(rules).toContain('ABD-F001')
    expect(rules).toContain('ABD-V001')
    expect(rules).toContain('ABD-V003')
  })

  it('refuses a folder without models', async () => {
    await mkdir(path('empty'), {recursive: true})

    expect((await scan(path('empty'))).code).toBe(4)
  })
})
