import {createRegistry, silent} from '@abd/core'
import {distilStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {writeCard} from '@abd/core/audit'
import {tinyModel} from '@abd/core/testing'
import {saveModel} from '@abd/core/train'
import {mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'

let engine: Awaited<ReturnType<typeof openEngine>>
const teacher = join(mkdtempSync(join(tmpdir(), 'abd-compat-')), 'teacher.safetensors')
beforeAll(async () => {
  engine = await openEngine('auto')
  using tiny = tinyModel(createRandom('teacher'))
  await writeCard(teacher, await saveModel(teacher, tiny))
})

interface Asked {
  readonly method: string
  readonly defences?: readonly string[]
  readonly settings?: readonly string[]
  readonly mean?: string
  readonly std?: string
}

const plan = async (asked: Asked, {compat = true}: {compat?: boolean} = {}) => {
  const notes: string[] = []
  const progress = {...silent, note: (line: string) => void notes.push(line)}
  const context = {engine, random: createRandom(1), progress, signal: new AbortController().signal}
  const request = {
    teacher,
    student: 'wrn-10-1',
    defences: [],
    settings: [],
    out: join(mkdtempSync(join(tmpdir(), 'abd-compat-')), 'student.safetensors'),
    resume: false,
    keepCheckpoint: false,
    dryRun: true,
    ...asked,
    ...(compat ? {compat: 'abd' as const} : {}),
  }
  const {configuration, identity} = await distilStudent(request, {
    registry: createRegistry([distillPlugin, defendPlugin]),
    context,
  })
  const [vaccine, retrospection] = ['shuffling_vaccine', 'self_retrospection'].map(
    (wanted) => configuration.defences.find(({name}) => name === wanted)?.options,
  )
  return {identity, notes, method: configuration.method.options, vaccine, retrospection}
}

const CIFAR = {mean: '0.4914,0.4822,0.4465', std: '0.2023,0.1994,0.2010'}
const ABD = ['shuffling_vaccine', 'self_retrospection']

describe('--compat abd', () => {
  test.each([
    {asked: {method: 'clean_kd', ...CIFAR}, ids: ['B04'], options: {std: 'other'}},
    {asked: {method: 'cmi'}, ids: ['B13', 'B14'], options: {emptyWhenFull: true, freshStage: true}},
    {
      asked: {method: 'cmi', defences: ABD},
      ids: ['B13', 'B14', 'B14'],
      options: {emptyWhenFull: true, freshStage: true},
      vaccine: {inStage: 'anew'},
      retrospection: {logsAfter: false},
    },
    {
      asked: {method: 'ood', defences: ABD},
      ids: ['B22'],
      options: {loss: 'mean', retrospection: 'batchmean'},
      vaccine: {inStage: 'kept'},
      retrospection: {logsAfter: false},
    },
    {asked: {method: 'zskt'}, ids: ['B45'], options: {repeats: true}},
    {
      asked: {method: 'zskt', defences: ABD},
      ids: ['B34', 'B45', 'B45'],
      options: {repeats: true},
      vaccine: {inStage: 'off'},
      retrospection: {logsAfter: true},
    },
  ])('with $asked has $ids', async ({asked, ids, options, vaccine, retrospection}) => {
    const run = await plan(asked)
    expect(run.notes).toHaveLength(1)
    expect(run.notes[0]).toContain('As the reference implementation (--compat abd): ')
    expect(run.notes[0]!.match(/\bB\d\d\b/g)).toEqual(ids)
    expect(run.method).toMatchObject(options)
    if (vaccine) expect(run.vaccine).toMatchObject(vaccine)
    if (retrospection) expect(run.retrospection).toMatchObject(retrospection)

    // They are options like others, off by default, and decide which run this is.
    const usual = await plan(asked, {compat: false})
    expect(usual.notes).toEqual([])
    expect(usual.identity).not.toBe(run.identity)
    expect(usual.method).not.toMatchObject(options)
  })

  test.each([
    {method: 'deepinversion'},
    {method: 'ood', defences: ['shuffling_vaccine']},
    {method: 'clean_kd'}, // of a teacher of other images than CIFAR-10's
  ])('says that it changes nothing for $method with $defences', async (asked) => {
    expect((await plan(asked)).notes).toEqual([
      '--compat abd changes nothing here: no quirk of the reference applies.',
    ])
  })

  test('gives way to what is set by hand, and says what is left', async () => {
    const {notes, method, vaccine} = await plan({
      method: 'zskt',
      defences: ['shuffling_vaccine'],
      settings: ['repeats=false', 'defence.layers=2'],
    })
    expect(method).toMatchObject({repeats: false})
    expect(vaccine).toMatchObject({inStage: 'off', layers: 2})
    expect(notes).toEqual([
      'As the reference implementation (--compat abd): B45 the vaccine is off in a stage after the run.',
    ])
  })

  test('finds a method by its other spellings', async () => {
    expect((await plan({method: 'CMI', defences: ['shuffling-vaccine']})).vaccine).toMatchObject({
      inStage: 'anew',
    })
  })
})
