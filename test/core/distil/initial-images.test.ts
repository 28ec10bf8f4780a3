import {createRegistry} from '@abd/core'
import {writeCard} from '@abd/core/audit'
import {distilStudent, retrospectStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {readModelFile} from '@abd/core/modelfile'
import {tinyModel} from '@abd/core/testing'
import {saveModel} from '@abd/core/train'
import {mkdtempSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {asStage} from '../../../plugins/defend/src/self-retrospection/as-stage.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'
import {tensorData} from '../../fixtures/tensor-data.ts'
import {smallPictures} from '../../plugins/distill/small-pictures.ts'

let engine: Awaited<ReturnType<typeof openEngine>>
const folder = mkdtempSync(join(tmpdir(), 'abd-initial-'))
const teacher = join(folder, 'teacher.safetensors')
beforeAll(async () => {
  engine = await openEngine('auto')
  using tiny = tinyModel(createRandom('teacher'))
  await writeCard(teacher, await saveModel(teacher, tiny))
})

/** Two epochs of two steps of synthesis and two of the student. */
const epochs = [
  'epochs=2',
  'synthesisSteps=2',
  'studentSteps=2',
  'synthesisBatch=4',
  'batch=4',
  'negatives=3',
]

const where = (stopAfter?: number) => {
  const abort = new AbortController()
  let steps = 0
  const progress = {
    start: (label: string) => ({
      advance: () => {
        if (label.startsWith('Distilling') && ++steps === stopAfter) abort.abort()
      },
      end: () => undefined,
    }),
    note: () => undefined,
  }
  return {
    registry: createRegistry([distillPlugin, defendPlugin]),
    context: {engine, random: createRandom(1), progress, signal: abort.signal},
  }
}

const output = {resume: false, keepCheckpoint: true, dryRun: false}

const distilled = (
  name: string,
  pictures: string,
  {
    stopAfter,
    resume = false,
    settings = [],
  }: {stopAfter?: number; resume?: boolean; settings?: string[]} = {},
) =>
  distilStudent(
    {
      ...output,
      teacher,
      method: 'cmi',
      student: 'wrn-10-1',
      defences: [],
      settings: [...epochs, `initialImages=${pictures}`, ...settings],
      out: join(folder, `${name}.safetensors`),
      resume,
    },
    where(stopAfter),
  )

const student = (name: string) => tensorData(readFileSync(join(folder, `${name}.safetensors`)))

const poolOf = async (name: string) =>
  (await readModelFile(join(folder, `${name}.checkpoint.safetensors`))).stateDict.get('distiller/pool/images')

describe('a run of cmi with images that were inverted before', () => {
  test.each([
    {stopAfter: 1, where: 'before its own first images'},
    {stopAfter: 7, where: 'on all images'},
  ])(
    'left $where goes on to the very same student, whatever has become of the folder',
    async ({stopAfter}) => {
      const pictures = smallPictures(3)
      await distilled(`whole-${stopAfter}`, pictures)
      const name = `resumed-${stopAfter}`
      await expect(distilled(name, pictures, {stopAfter})).rejects.toThrow()
      expect((await poolOf(name))?.shape).toEqual([stopAfter === 1 ? 3 : 11, 8, 8, 3])
      for (const picture of readdirSync(pictures)) writeFileSync(join(pictures, picture), 'broken')

      await distilled(name, pictures, {resume: true})

      expect(student(name)).toBe(student(`whole-${stopAfter}`))
    },
  )

  test('has another student than one without, or with others', async () => {
    await distilled('dark', smallPictures(3, {colour: 20}))
    await distilled('light', smallPictures(3, {colour: 230}))
    expect(student('dark')).not.toBe(student('light'))
  })

  test('keeps them in a stage that begins without its own', async () => {
    const pictures = smallPictures(3)
    await distilled('staged', pictures, {settings: ['freshStage=true']})

    await retrospectStudent(
      {
        ...output,
        checkpoint: join(folder, 'staged.checkpoint.safetensors'),
        learningRate: 5e-4,
        defence: asStage(['rounds=2']),
        out: join(folder, 'after.safetensors'),
      },
      where(),
    )

    // Three that were given, and the four of the stage's one epoch; of the run's eight none.
    const pool = await poolOf('after')
    expect(pool?.shape).toEqual([7, 8, 8, 3])
    expect(new Set((pool!.data as Uint8Array).subarray(0, 3 * 192))).toEqual(new Set([137]))
  })
})
