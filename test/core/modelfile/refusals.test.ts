import {execFile} from 'node:child_process'
import {closeSync, openSync, writeSync} from 'node:fs'
import {chmod, mkdir, symlink} from 'node:fs/promises'
import {promisify} from 'node:util'
import {readModelFile} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {openError} from '../../../src/modelfile/source-file.ts'
import {dictOf, op, pickle, tensor} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {refusal, rules, scratch} from './scratch.ts'

const {path, read, write} = scratch()
const torch = zip(
  torchEntries(pickle(dictOf({w: tensor({count: 1, size: [1], stride: [1]})})), {0: floats(1)}),
)

describe('files that cannot be read', () => {
  it.each([
    ['that are missing', 'nothing.pt', 'E_FILE_MISSING', 'There is no file'],
    ['in a folder that is a file', 'file.pt/nothing.pt', 'E_FILE_MISSING', 'There is no file'],
    ['that are folders', 'folder', 'E_FILE_FOLDER', 'is a folder'],
    ['that lead to themselves', 'loop.pt', 'E_FILE_MISSING', 'leads to itself'],
    ['that are pipes', 'pipe.pt', 'E_FILE_KIND', 'not a regular file'],
    ['with a zero byte in their path', 'a\u0000.pt', 'E_FILE_MISSING', 'zero byte'],
    ['with too long a name', 'a'.repeat(300), 'E_FILE_MISSING', 'too long'],
  ])('%s', async (_, name, code, said) => {
    await write('file.pt', torch)
    await mkdir(path('folder'), {recursive: true})
    await symlink('loop.pt', path('loop.pt')).catch(() => {})
    await promisify(execFile)('mkfifo', [path('pipe.pt')]).catch(() => {})

    const error = await refusal(readModelFile(path(name)))

    expect([error.code, error.exit]).toEqual([code, 4])
    expect(error.message).toContain(said)
    expect(error.hints).toHaveLength(1)
  })

  it('that may not be read', async () => {
    const error = openError('secret.pt', Object.assign(new Error('refused'), {code: 'EACCES'}))

    expect(error).toMatchObject({
      code: 'E_NOT_PERMITTED',
      exit: 4,
      message: 'Not permitted to read secret.pt.',
    })
  })

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0)('that the system refuses to open', async () => {
    await chmod(await write('locked.pt', torch), 0)

    expect((await refusal(readModelFile(path('locked.pt')))).code).toBe('E_NOT_PERMITTED')
  })

  it('that are larger than the limit', async () => {
    expect((await refusal(read('large.pt', torch, {limits: {fileBytes: 10}}))).code).toBe('E_LIMIT')
  })

  it('that have more structure than the limit', async () => {
    const many = zip(
      torchEntries(
        pickle(op.none),
        {},
        Array.from({length: 500}, (_, i) => ({name: `archive/${i}`, bytes: new Uint8Array(10_000)})),
      ),
    )

    expect((await refusal(read('many.pt', many, {limits: {structureBytes: 100_000}}))).message).toContain(
      '100000 bytes of structure',
    )
  })

  it('that change after they were parsed', async () => {
    const count = 5_000_000
    const w = tensor({count, size: [count], stride: [1]})
    const large = zip(torchEntries(pickle(dictOf({w})), {0: new Uint8Array(4 * count)}))
    const name = await write('changing.pt', large)
    const writer = openSync(name, 'r+')
    // Asked between the directory, at the end, and the pickle: further than what is read in the meantime goes.
    const change = {
      throwIfAborted: () => void writeSync(writer, 'x', large.lastIndexOf('data.pkl')),
    } as unknown as AbortSignal

    expect((await refusal(readModelFile(name, {signal: change}))).code).toBe('E_FILE_CHANGED')
    closeSync(writer)
  })

  it('when the reading is aborted', async () => {
    const stop = AbortSignal.abort(new Error('stop'))

    await expect(read('aborted.pt', torch, {signal: stop})).rejects.toThrow('stop')
  })
})

describe('files that are something else', () => {
  const head = (...parts: (string | number[])[]) =>
    Buffer.concat([
      ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
      Buffer.alloc(600),
    ])

  it.each([
    ['empty', 'a.pt', new Uint8Array(), 'E_FILE_EMPTY', 'again'],
    [
      'a Git LFS pointer',
      'a.safetensors',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
      'E_FILE_LFS',
      'git lfs pull',
    ],
    [
      'a web page',
      'a.pth',
      '\n<!DOCTYPE html><html><body>Log in</body></html>',
      'E_FILE_HTML',
      'download the file again',
    ],
    ['a Keras file', 'a.h5', head([0x89], 'HDF\r\n', [0x1a, 0x0a]), 'E_HDF5', 'save the model again'],
    [
      'a TensorFlow.js model',
      'model.json',
      '{"format": "layers-model", "modelTopology": {}}',
      'E_TFJS',
      'Convert the model again',
    ],
    ['a broken ONNX model', 'a.bin', head([8, 7, 0x12, 7], 'pytorch'), 'E_ONNX', 'Export it again'],
    ['a TensorFlow SavedModel', 'saved_model.pb', head([8, 1]), 'E_FORMAT_UNSUPPORTED', 'tf2onnx.convert'],
    [
      'a TensorFlow Lite model',
      'a.tflite',
      head([0x1c, 0, 0, 0], 'TFL3'),
      'E_FORMAT_UNSUPPORTED',
      'state dict',
    ],
    ['a NumPy array', 'a.npy', head([0x93], 'NUMPY'), 'E_FORMAT_UNSUPPORTED', 'safetensors'],
    ['a tar archive', 'a.pth.tar', head('x'.repeat(257), 'ustar'), 'E_FORMAT_UNSUPPORTED', 'Unpack'],
    ['a compressed joblib file', 'a.joblib', head([0x78, 0x9c]), 'E_FORMAT_UNSUPPORTED', 'safetensors'],
    [
      'a joblib file of numbers',
      'a.joblib',
      pickle(dictOf({classes: op.int(10)})),
      'E_FORMAT_UNSUPPORTED',
      'torch.save(model.state_dict(), path), or as safetensors',
    ],
    ['a picture', 'a.pt', head([0x89], 'PNG'), 'E_FORMAT_UNSUPPORTED', 'model file'],
    ['a program', 'a.pt', head([0x7f], 'ELF'), 'E_FORMAT_UNSUPPORTED', 'no model'],
    ['plain text', 'a.pt', 'hello, I am no model\n', 'E_FORMAT_UNKNOWN', 'PyTorch state dicts'],
    ['noise', 'a.pt', Buffer.alloc(1000, 0xa5), 'E_FORMAT_UNKNOWN', 'PyTorch state dicts'],
    ['one byte', 'a.pt', Buffer.alloc(1, 0x80), 'E_FORMAT_UNKNOWN', 'PyTorch state dicts'],
    [
      'noise under the name of safetensors',
      'a.safetensors',
      Buffer.alloc(1000, 0xa5),
      'E_SAFETENSORS',
      'again',
    ],
  ])('are named, with the way out: %s', async (_, name, bytes, code, remedy) => {
    const error = await refusal(read(name, bytes))

    expect([error.code, error.exit]).toEqual([code, 4])
    expect(error.message).toContain(name)
    expect(error.hints.join(' ')).toContain(remedy)
  })
})

describe('extensions', () => {
  it.each([
    ['model.pt', []],
    ['model', []],
    ['model.pth.tar', []],
    ['model.weights', []],
    ['model.safetensors', ['ABD-F061 medium']],
    ['model.onnx', ['ABD-F061 medium']],
    ['model.dill', ['ABD-F060 low']],
  ])('%s on a PyTorch file', async (name, expected) => {
    expect(rules(await read(name, torch))).toEqual(expected)
  })

  it('.pt on a safetensors file is a low finding', async () => {
    const bytes = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')])

    expect(rules(await read('model.pt', bytes))).toEqual(['ABD-F060 low'])
  })
})
