import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {createMatcher, selectModels} from '../../action/src/events/select-models.ts'
import {createWorkTree} from '../../action/src/events/work-tree.ts'
import {Inputs} from '../../action/src/inputs.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-select-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

function write(files: Readonly<Record<string, string | Buffer>>) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), {recursive: true})
    writeFileSync(join(folder, path), content)
  }
}

const defaults = Inputs.parse({}).paths
const select = (paths: string[], {gone = [] as string[], globs = defaults} = {}) =>
  selectModels({paths, gone}, createMatcher(globs), createWorkTree(folder))

const safetensors = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')])
const pickle = Buffer.from('\x80\x04K\x01.', 'latin1')
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`
/** The start of an ONNX file, and a tensor that lies in a file beside it. */
const onnx = (location: string) =>
  Buffer.from(`\x08\x08\x12\x07pytorch${'x'.repeat(99)}${location}`, 'latin1')
const tfjs = (shard: string) => `{"format": "layers-model", "weightsManifest": [{"paths": [${shard}]}]}`

it('selects models by globs in any case', async () => {
  const globs = ['**/*.{pt,safetensors}', '!fixtures/**']
  const changed = ['a/T.PT', '.hidden/x.pt', 'fixtures/y.pt', 'README.md', '.pt']
  expect(await select(changed, {globs})).toEqual(['.hidden/x.pt', '.pt', 'a/T.PT'])
})

it.each([
  'a\nb/x.pt',
  'a\rb/c/x.pt',
  'a\u2028/x.pt',
  '\n/x.pt',
  'x\n.pt',
  '[a]/x.pt',
  '{a,b}/x.pt',
  'a\\b/x.pt',
])('misses no model for the name %j', async (name) => {
  expect(await select([name])).toEqual([name])
  expect(await select([name], {globs: ['**/*.pt', '!**/*.pt']})).toEqual([])
})

it.each(['model_best.pth.tar', 'x.hdf5', 'diffusion_pytorch_model.bin', 'x.torchscript', 'x.dill'])(
  'knows %s by its name',
  async (name) => expect(await select([name])).toEqual([name]),
)

it('knows a model by its content, whatever it is called', async () => {
  write({
    'teacher.weights': safetensors,
    'notes.txt': pickle,
    'README.md': '# A model\n{"weightsManifest"}',
    'data.npy': Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    'data.nc': Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'),
    'letter.docx': 'PK\x03\x04word/document.xml',
  })
  const names = ['teacher.weights', 'notes.txt', 'README.md', 'data.npy', 'data.nc', 'letter.docx']
  expect(await select(names)).toEqual(['notes.txt', 'teacher.weights'])
  expect(await select(names, {globs: ['**/*.pt']})).toEqual([])
  expect(await select(names, {globs: [...defaults, '!notes.txt']})).toEqual(['teacher.weights'])
})

it('knows the model.json of TensorFlow.js from other JSON, also where its keys come late or are spelt out', async () => {
  write({
    'package.json': '{"name": "x"}',
    'web/model.json': tfjs('"w.bin"'),
    'web/late.json': `{"x": "${'x'.repeat(3_000_000)}", "weightsManifest": []}`,
    'web/spelt.json': '{"weights\\u004danifest": []}',
  })
  const names = ['package.json', 'web/model.json', 'web/late.json', 'web/spelt.json']
  expect(await select(names)).toEqual(['web/late.json', 'web/model.json', 'web/spelt.json'])
})

it('selects a model whose card changed, was renamed or removed', async () => {
  write({'b/teacher.abd.yml': 'x', 'b/teacher.safetensors': safetensors, 'b/other.pt': 'x', 'b/.pt': 'x'})
  expect(await select(['b/teacher.abd.yml'])).toEqual(['b/teacher.safetensors'])
  expect(await select([], {gone: ['b/other.abd.yaml']})).toEqual(['b/other.pt'])
  expect(await select([], {gone: ['b/.pt.abd.yml']})).toEqual(['b/.pt'])
  expect(await select(['b/not-abd.yaml', 'b/teacher.abd.yml.txt'])).toEqual([])
})

it('selects every model of a folder whose card changed', async () => {
  write({'b/x.pt': 'x', 'b/y.pt': 'x', 'b/z.md': 'x', 'b/deep/z.pt': 'x'})
  expect(await select(['b/abd.yaml'])).toEqual(['b/x.pt', 'b/y.pt'])
})

it('selects the model whose weights lie in a changed or removed file beside it, however that is called', async () => {
  write({
    'm/net.onnx': onnx('weights of the net.txt'),
    'm/other.onnx': onnx('other.data'),
    'm/x.pt': 'weights of the net.txt',
    'web/model.json': tfjs('"group1-shard1of1", "\\u0077.bin"'),
  })
  expect(await select(['m/weights of the net.txt'])).toEqual(['m/net.onnx'])
  expect(await select([], {gone: ['m/other.data']})).toEqual(['m/other.onnx'])
  expect(await select(['web/group1-shard1of1'])).toEqual(['web/model.json'])
  expect(await select(['web/w.bin'])).toEqual(['web/model.json'])
  expect(await select(['m/README.md', 'web/README.md'])).toEqual([])
})

it('finds a name that lies across two pieces of a large model', async () => {
  const before = 2 ** 20 - 5
  write({
    'net.onnx': Buffer.concat([onnx(''), Buffer.alloc(before - onnx('').length), Buffer.from('weights.bin')]),
  })
  expect(await select(['weights.bin'])).toEqual(['net.onnx'])
})

it('selects a model that cannot be looked into, for its weights may have changed', async () => {
  write({'net.onnx': pointer})
  expect(await select(['w.bin'])).toEqual(['net.onnx'])
})

it('selects what lies in a submodule that is checked out', async () => {
  write({'sub/.git': 'gitdir: x', 'sub/deep/teacher.pt': 'x', 'sub/README.md': 'x'})
  expect(await select(['sub'])).toEqual(['sub/deep/teacher.pt'])
  expect(await select(['gone-again'])).toEqual([])
})

it('waits for nothing and follows nothing when it looks into files', async () => {
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(folder, 'pipe.json')])
  symlinkSync('/dev/zero', join(folder, 'zero.json'))
  symlinkSync('/', join(folder, 'root'))
  expect(await select(['pipe.json', 'zero.json', 'root'])).toEqual([])
})
