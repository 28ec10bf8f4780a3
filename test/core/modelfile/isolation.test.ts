import {spawnSync} from 'node:child_process'
import {isDangerous, readModelFile} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {parserArguments} from '../../../src/modelfile/isolation/isolated-parse.ts'
import {dictOf, op, osSystem, pickle, tensor} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {refusal, scratch} from './scratch.ts'

const {write} = scratch()
const weight = tensor({count: 2, size: [2], stride: [1]})
const good = zip(torchEntries(pickle(dictOf({w: weight})), {0: floats(1, 2)}))
const evil = zip(torchEntries(pickle(dictOf({w: weight, x: osSystem})), {0: floats(1, 2)}))

describe('parsing in a process of its own', () => {
  it('gives what parsing here gives: weights, findings, hash', async () => {
    for (const bytes of [good, evil]) {
      const path = await write('model.pt', bytes)
      const apart = await readModelFile(path, {isolate: true})

      expect(apart).toEqual(await readModelFile(path, {isolate: false}))
      expect(isDangerous(apart.scan)).toBe(bytes === evil)
    }
  })

  it('gives the same errors', async () => {
    for (const bytes of [good.subarray(0, 300), Buffer.from('nothing of the kind'), pickle(op.int(1))]) {
      const path = await write('model.pt', bytes)
      const apart = await refusal(readModelFile(path, {isolate: true}))
      const here = await refusal(readModelFile(path, {isolate: false}))

      expect([apart.code, apart.exit, apart.message, apart.hints]).toEqual([
        here.code,
        here.exit,
        here.message,
        here.hints,
      ])
    }
    const path = await write('model.pt', good)
    expect((await refusal(readModelFile(path, {isolate: true, key: 'nothing'}))).code).toBe('E_KEY_UNKNOWN')
  })

  it('can be interrupted', async () => {
    const path = await write('model.pt', good)
    const signal = AbortSignal.abort(new Error('enough'))

    await expect(readModelFile(path, {isolate: true, signal})).rejects.toThrow('enough')
  })

  // What the flags forbid, seen from inside: the same flags, a script in place of the parser.
  it.each([
    [
      'open another file',
      "import('node:fs').then((fs) => fs.readFileSync('/etc/hostname'))",
      'ERR_ACCESS_DENIED',
    ],
    [
      'write one',
      "import('node:fs').then((fs) => fs.writeFileSync('/tmp/abd-isolation', ''))",
      'ERR_ACCESS_DENIED',
    ],
    ['start a process', "import('node:child_process').then((c) => c.execSync('id'))", 'ERR_ACCESS_DENIED'],
    [
      'start a worker',
      "import('node:worker_threads').then((w) => new w.Worker('1', {eval: true}))",
      'ERR_ACCESS_DENIED',
    ],
    [
      'see the environment',
      "if (Object.keys(process.env).length > 0) throw new Error('env'); throw new Error('EMPTY_ENV')",
      'EMPTY_ENV',
    ],
  ])('may not %s', (_, script, said) => {
    const [command, ...args] = parserArguments()
    const {stderr, status} = spawnSync(command!, [...args, '--eval', script], {encoding: 'utf8', env: {}})

    expect(status).not.toBe(0)
    expect(stderr).toContain(said)
  })

  it('has no network where the system lets an ordinary user take it away', ({skip}) => {
    const [command, ...args] = parserArguments()
    if (command !== 'unshare') skip('unshare cannot make a network namespace here')
    const script =
      "require('node:net').connect(9, '127.0.0.1').on('error', (e) => console.log(e.code)).on('connect', () => process.exit(4))"
    const {stdout, status} = spawnSync(command!, [...args, '--eval', script], {encoding: 'utf8', env: {}})

    expect(status).toBe(0)
    expect(stdout).toContain('ENETUNREACH')
  })
})
