import type {Defence, Distiller} from '@abd/core'
import {createRegistry, defineMethod, silent} from '@abd/core'
import {distilStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {readCard} from '@abd/core/audit'
import {distillerContract} from '@abd/core/testing'
import * as tf from '@tensorflow/tfjs-core'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {z} from 'zod'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'abd-unasked-'))
let engine: Awaited<ReturnType<typeof openEngine>>
beforeAll(async () => {
  engine = await openEngine('auto')
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

/** A distiller of somebody else that forgot some of what a defence wants to be asked. */
const forgetful = (asks: (defence: Defence, index: number) => unknown) =>
  defineMethod({
    kind: 'distiller',
    name: 'forgetful',
    summary: 'Learns nothing',
    paper: 'https://example.org',
    options: z.strictObject({}),
    create:
      () =>
      ({defence}): Distiller => ({
        steps: 3,
        step(index) {
          asks(defence, index)
          return {loss: tf.scalar(0)}
        },
        sample: (count) => ({count, height: 8, width: 8, channels: 3, data: new Uint8Array(count * 192)}),
        [Symbol.dispose]() {},
      }),
  })

const context = (notes: string[] = []) => ({
  engine,
  random: createRandom(1),
  progress: {...silent, note: (line: string) => void notes.push(line)},
  signal: new AbortController().signal,
})

const x = () => tf.zeros<tf.Rank.R4>([2, 32, 32, 3])
const t = () => tf.zeros<tf.Rank.R2>([2, 10])

async function eventsOf(asks: (defence: Defence, index: number) => unknown, defences: readonly string[]) {
  const notes: string[] = []
  const out = join(folder, 'student.safetensors')
  const {measured} = await distilStudent(
    {
      teacher: join(import.meta.dirname, '../../../examples/teacher-clean.safetensors'),
      method: 'forgetful',
      student: 'wrn-10-1',
      defences,
      settings: [],
      out,
      resume: false,
      keepCheckpoint: false,
      dryRun: false,
    },
    {
      registry: createRegistry([defendPlugin, {name: 'theirs', methods: [forgetful(asks)]}]),
      context: context(notes),
    },
  )
  return {events: measured!.events, notes, card: (await readCard(out))?.notes}
}

describe('a distiller that never asks a defence', () => {
  test('is told of, once, in what people read, in the record and in the card of the student', async () => {
    const {events, notes, card} = await eventsOf(() => {}, ['shuffling_vaccine', 'self_retrospection'])
    expect(events.map(({step, event}) => [step, event.slice(0, 44)])).toEqual([
      [2, "The defence 'shuffling_vaccine' did NOTHING:"],
      [2, "The defence 'self_retrospection' did NOTHING"],
    ])
    for (const {event} of events) {
      expect(notes.filter((note) => note === event)).toHaveLength(1)
      expect(card).toContain(event)
    }
    expect(events[0]!.event).toContain("'forgetful' never asked it (synthesisLoss or suspects)")
  })

  test('but of one that it asked, nothing is said', async () => {
    const {events} = await eventsOf(
      (defence, index) => index === 1 && defence.synthesisLoss?.(x(), t()),
      ['shuffling_vaccine', 'self_retrospection'],
    )
    expect(events.map(({event}) => event)).toEqual([expect.stringContaining('self_retrospection')])
  })

  test('breaks the contract of distillers', async () => {
    const clause = (asks: (defence: Defence) => unknown) =>
      distillerContract({method: forgetful(asks), options: {}, context: () => context()}).find(({name}) =>
        name.startsWith('it asks a defence'),
      )!
    const batch = () => ({x: x(), teacherLogits: t(), index: 0, steps: 3, divergence: () => tf.scalar(0)})
    await expect(clause((defence) => defence.retrospect?.(batch())).check()).rejects.toThrow(
      'defence.suspects',
    )
    await expect(clause((defence) => defence.suspects?.(x(), t())).check()).rejects.toThrow(
      'defence.retrospect',
    )
    await clause((defence) => [defence.suspects?.(x(), t()), defence.retrospect?.(batch())]).check()
  })
})
