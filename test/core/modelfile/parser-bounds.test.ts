import {readFile} from 'node:fs/promises'
import {setTimeout as wait} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {defaultLimits} from '../../../src/modelfile/limits.ts'
import {
  parserAnswer,
  parserArguments,
  parserBounds,
  readParserAnswer,
} from '../../../src/modelfile/isolation/isolated-parse.ts'
import type {IsolateOptions} from '../../../src/modelfile/isolation/isolated-parse.ts'
import {openSource} from '../../../src/modelfile/source-file.ts'
import {refusal, scratch} from './scratch.ts'

const {path: at, write} = scratch()

/** A safetensors file of one number, and a header whose metadata take long to read: seconds, hundreds of megabytes. */
function safetensors(metadata: number): Buffer {
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: Object.fromEntries(Array.from({length: metadata}, (_, i) => [`k${i}`, 'v'])),
      w: {dtype: 'F32', shape: [1], data_offsets: [0, 4]},
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(4)])
}

const parse = async (path: string, options: Partial<IsolateOptions> = {}) => {
  await using file = await openSource(path, defaultLimits)
  return readParserAnswer(await parserAnswer(file, {limits: defaultLimits, ...options}), path)
}

it('are half a minute, 1 GiB of objects and 2 GiB of memory, where nothing else is said', () => {
  expect(parserBounds).toEqual({seconds: 30, heapMegabytes: 1024, residentBytes: 2_147_483_648})
  expect(parserArguments()).toContain('--max-old-space-size=1024')
})

it.each([
  ['time', {seconds: 0.2}, /it took more than 0\.2 seconds/],
  ['memory', {residentBytes: 100e6}, /it took more than 100000000 bytes of memory/],
  ['objects', {heapMegabytes: 16}, /it ended with SIGABRT: .*heap out of memory/],
])('end a file that takes too much %s', async (what, less, said) => {
  if (what === 'memory' && process.platform !== 'linux') return
  const path = await write('large.safetensors', safetensors(100_000))
  const {code, message} = await refusal(parse(path, {bounds: {...parserBounds, ...less}}))

  expect(code).toBe('E_PARSER')
  expect(message).toMatch(said)
})

it('leave the same file alone where it keeps within them', async () => {
  const path = await write('large.safetensors', safetensors(100_000))
  const {plan} = await parse(path)

  expect(plan.tensors.map(({name}) => name)).toEqual(['w'])
})

it('end a process that never answers, whoever is asked to end it', async () => {
  const path = await write('small.safetensors', safetensors(1))
  for (const end of [undefined, (pid: number) => process.kill(pid, 'SIGKILL')]) {
    const told = at('pid')
    const error = await refusal(
      parse(path, {
        wrapper: ['sh', '-c', `echo $$ > '${told}'; exec sleep 86400`, 'sh'],
        bounds: {...parserBounds, seconds: 2},
        ...(end && {end}),
      }),
    )

    expect(error.message).toContain('it took more than 2 seconds')
    expect(await gone(Number(await readFile(told, 'utf8')))).toBe(true)
  }
})

async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0)
    } catch {
      return true
    }
    await wait(50)
  }
  return false
}
