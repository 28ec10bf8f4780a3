import {createRegistry, silent} from '@abd/core'
import {distilStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'

let engine: Awaited<ReturnType<typeof openEngine>>
beforeAll(async () => {
  engine = await openEngine('auto')
})

const plan = async ({
  defences = [],
  settings = [],
  ...others
}: {
  defences?: readonly string[]
  settings?: readonly string[]
  method?: string
  student?: string
}) => {
  const context = {engine, random: createRandom(1), progress: silent, signal: new AbortController().signal}
  const before = engine.memory().tensors
  const request = {
    teacher: join(import.meta.dirname, '../../../examples/teacher-clean.safetensors'),
    method: 'ood',
    student: 'wrn-16-1',
    defences,
    settings,
    out: join(mkdtempSync(join(tmpdir(), 'abd-student-')), 'student.safetensors'),
    resume: false,
    keepCheckpoint: false,
    dryRun: true,
    ...others,
  }
  try {
    const registry = createRegistry([distillPlugin, defendPlugin])
    return (await distilStudent(request, {registry, context})).configuration
  } finally {
    expect(engine.memory().tensors, 'tensors left behind').toBe(before)
  }
}

describe('distilStudent', () => {
  test('gives each of several defences the options that are its own', async () => {
    const {defences, method} = await plan({
      defences: ['shuffling_vaccine', 'self_retrospection'],
      settings: ['defence.layers=1', 'defence.rounds=20', 'epochs=3'],
    })
    expect(defences.map(({name}) => name)).toEqual(['shuffling_vaccine', 'self_retrospection'])
    expect(defences[0]!.options).toMatchObject({layers: 1, copies: 3})
    expect(defences[1]!.options).toMatchObject({rounds: 20})
    expect(method.options).toMatchObject({epochs: 3})
  })

  test.each([
    {defences: [], settings: ['defence.layers=1'], code: 'E_SETTING', says: 'there is none'},
    {
      defences: ['shuffling_vaccine'],
      settings: ['defence.layer=1'],
      code: 'E_SETTING',
      says: 'no option of shuffling_vaccine',
    },
    {
      defences: ['shuffling_vaccine'],
      settings: ['shuffling_vaccine.layers=1'],
      code: 'E_SETTING',
      says: 'by the name of a defence',
    },
    {settings: ['ood.epochs=1'], code: 'E_SETTING', says: 'by the name of a distiller'},
    {
      defences: ['shuffling_vaccine', 'shuffling_vaccine'],
      settings: [],
      code: 'E_DEFENCES',
      says: 'named twice',
    },
    // What --epochs stands for.
    {
      method: 'zskt',
      settings: ['epochs=2'],
      code: 'E_OPTIONS',
      says: "'zskt' counts cycles, not epochs",
    },
    {method: 'ood', settings: ['cycles=2'], code: 'E_OPTIONS', says: "'ood' counts epochs, not cycles"},
  ])('refuses $method $defences with $settings', async ({code, says, ...request}) => {
    await expect(plan(request)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says) as string,
    })
  })

  test('a dry run refuses what the run would, and leaves nothing behind', async () => {
    await expect(plan({method: 'zskt'})).resolves.toMatchObject({method: {name: 'zskt'}})
    const unlike = plan({method: 'zskt', student: 'i-bau-vgg', defences: ['shuffling_vaccine']})
    await expect(unlike).rejects.toMatchObject({code: 'E_ATTENTION'})
  })
})
