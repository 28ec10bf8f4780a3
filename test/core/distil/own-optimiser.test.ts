import {createRegistry, silent} from '@abd/core'
import type {Progress} from '@abd/core'
import {distilStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'

let engine: Awaited<ReturnType<typeof openEngine>>
let folder: string
beforeAll(async () => {
  engine = await openEngine('auto')
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-own-optimiser-'))
})
afterEach(() => rm(folder, {recursive: true}))

interface Changes {
  readonly method?: string
  readonly settings?: readonly string[]
  readonly learningRate?: number
  /** Ctrl-C after so many steps. */
  readonly stopAfter?: number
  readonly resume?: boolean
  readonly dryRun?: boolean
}

const short: Readonly<Record<string, readonly string[]>> = {
  ood: ['source=procedural', 'patches=8', 'batch=4', 'epochs=3'],
  clean_kd: ['data=signs', 'share=0.01', 'epochs=1'],
  zskt: ['cycles=6', 'batch=4', 'studentSteps=2', 'attention=0'],
}

/** Six steps, the last three of which look back at the student. */
async function run({
  method = 'ood',
  learningRate = 1e-3,
  stopAfter,
  resume = false,
  dryRun = false,
}: Changes = {}) {
  const abort = new AbortController()
  let steps = 0
  const progress: Progress = {
    ...silent,
    start: (label) => ({
      advance: () => {
        if (label.startsWith('Distilling') && ++steps === stopAfter) abort.abort()
      },
      end: () => undefined,
    }),
  }
  const request = {
    teacher: join(import.meta.dirname, '../../../examples/teacher-clean.safetensors'),
    method,
    student: 'wrn-10-1',
    defences: ['self_retrospection'],
    settings: [
      ...short[method]!,
      'defence.start=0.5',
      'defence.rounds=1',
      `defence.learningRate=${learningRate}`,
    ],
    out: join(folder, 'student.safetensors'),
    resume,
    keepCheckpoint: false,
    dryRun,
  }
  const registry = createRegistry([distillPlugin, defendPlugin])
  const context = {engine, random: createRandom(1), progress, signal: abort.signal}
  await distilStudent(request, {registry, context})
  return readFile(request.out)
}

describe.each(['ood', 'zskt'])(
  'Self-Retrospection within a run of %s, with an optimiser of its own',
  (method) => {
    test.each([3, 4])(
      'goes on after an interruption behind step %i to the very same student',
      async (stopAfter) => {
        const whole = await run({method})
        await expect(run({method, stopAfter})).rejects.toMatchObject({name: 'AbortError'})

        expect((await run({method, resume: true})).equals(whole)).toBe(true)
      },
    )

    test('is another than with the optimiser of the run', async () => {
      expect((await run({method})).equals(await run({method, learningRate: 0}))).toBe(false)
    })
  },
)

test('Self-Retrospection with an optimiser of its own is refused for a method that knows no stage, dry or not', async () => {
  for (const dryRun of [true, false])
    await expect(run({method: 'clean_kd', dryRun})).rejects.toMatchObject({code: 'E_STAGE'})
})
