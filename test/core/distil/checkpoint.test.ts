import {silent} from '@abd/core'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {readCheckpoint, writeCheckpoint} from '../../../src/distil/checkpoint.ts'
import type {Configuration} from '../../../src/distil/configuration.ts'
import type {Journal} from '../../../src/distil/journal.ts'
import {checkpointKeeper} from '../../../src/train/checkpoint-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-checkpoint-'))
})
afterEach(() => rm(folder, {recursive: true}))

const configuration: Configuration = {
  teacher: {path: 'teacher.pt', sha256: 'a'.repeat(64), architecture: 'wrn-16-1', mean: [0.5], std: [0.5]},
  method: {name: 'ood', options: {epochs: 3}},
  defences: [],
  student: 'wrn-16-1',
  seed: '0',
  engine: 'cpu',
  out: 'student.pt',
}
const nothing = {save: async () => new Map(), restore: async () => undefined}
const empty: Journal = {done: 3, parts: 2, losses: {}, events: [], curve: []}

const thereAndBack = async (journal: Journal) => {
  const path = join(folder, 'student.checkpoint.safetensors')
  const notes: string[] = []
  const keep = checkpointKeeper(() => writeCheckpoint(path, {configuration, journal}, nothing), {
    ...silent,
    note: (line) => notes.push(line),
  })
  expect(await keep(), notes.join()).toBe(true)
  return readCheckpoint(path, configuration, nothing)
}

describe('what a checkpoint is written with, it is read with', () => {
  test('losses that are no finite numbers', async () => {
    const losses = {loss: Number.NaN, up: Infinity, down: -Infinity, fine: 0.25}
    const journal = {
      ...empty,
      losses,
      curve: [{step: 2, losses, accuracyPercent: Number.NaN, asrPercent: null}],
    }

    expect(await thereAndBack(journal)).toEqual(journal)
  })

  test('more events than anyone reads, and longer ones', async () => {
    const events = Array.from({length: 1200}, (_, step) => ({step, event: `${step} `.repeat(600)}))

    expect(await thereAndBack({...empty, events})).toEqual({...empty, events})
  })
})
