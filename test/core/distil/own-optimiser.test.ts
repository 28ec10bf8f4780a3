import {createRegistry, silent} from '@abd/core'
import type {Distiller, Progress, Stage} from '@abd/core'
import {distilStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {distil} from '@abd/core/train'
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
}

const short: Readonly<Record<string, readonly string[]>> = {
  ood: ['source=procedural', 'patches=8', 'batch=4', 'epochs=3'],
  zskt: ['cycles=6', 'batch=4', 'studentSteps=2', 'attention=0'],
}

/** Six steps, the last three of which look back at the student. */
async function run({method = 'ood', learningRate = 1e-3, stopAfter, resume = false}: Changes = {}) {
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
    dryRun: false,
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

describe('a run whose defence wants an optimiser for the student', () => {
  const defence = {ownOptimiser: () => ({from: 2, learningRate: 0.5})}
  const context = {
    engine: {capture: () => ({run: <R>(work: () => R) => work(), [Symbol.dispose]() {}})},
    progress: silent,
    signal: new AbortController().signal,
  }
  const distillerOf = (took: (string | number)[], stages: boolean): Distiller => ({
    steps: 4,
    step(index) {
      took.push(index)
      return {}
    },
    ...(stages && {
      beginStage: ({from, steps, learningRate, within}: Stage) =>
        void took.push(`${within} ${from} ${steps} ${learningRate}`),
    }),
    sample: () => ({count: 0, height: 1, width: 1, channels: 1, data: new Uint8Array()}),
    [Symbol.dispose]() {},
  })

  test('gives it one, once, before that step', async () => {
    const took: (string | number)[] = []
    await distil(distillerOf(took, true), {context: context as never, label: '', defence})
    expect(took).toEqual([0, 1, 'begins 2 2 0.5', 2, 3])
  })

  test.each([
    [{from: 2}, ['begins 2 2 0.5', 2, 3]],
    [{from: 2, fromPart: 1}, ['goes on 2 2 0.5', 2, 3]],
    [{from: 3}, ['goes on 2 2 0.5', 3]],
  ])('that is taken up again from %o', async (where, expected) => {
    const took: (string | number)[] = []
    await distil(distillerOf(took, true), {context: context as never, label: '', defence, ...where})
    expect(took).toEqual(expected)
  })

  test('says so where the method cannot', async () => {
    await expect(
      distil(distillerOf([], false), {context: context as never, label: '', defence}),
    ).rejects.toMatchObject({code: 'E_STAGE'})
  })
})
