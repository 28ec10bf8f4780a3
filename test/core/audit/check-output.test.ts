import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {checkOutput} from '../../../src/audit/check-output.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-output-'))
  await writeFile(join(folder, 'teacher.safetensors'), 'weights')
  await writeFile(join(folder, 'teacher.abd.yml'), 'version: 1\n')
  await mkdir(join(folder, 'folder.pt'))
})
afterAll(() => rm(folder, {recursive: true}))
const at = (name: string) => join(folder, name)

describe('checkOutput', () => {
  it('lets a new file through, and one that is written again', async () => {
    await checkOutput(at('student.safetensors'), [at('teacher.safetensors')])
    await checkOutput(at('teacher.safetensors'))
  })

  it.each([
    ['the teacher itself', 'teacher.safetensors', 'is the teacher itself'],
    ['a file whose card is the teacher’s', 'teacher.pt', 'would replace that of the teacher'],
    ['a folder', 'folder.pt', 'a folder of that name is in the way'],
    ['no format of models', 'student.txt', 'Models are not written as'],
  ])('refuses %s', async (_, name, message) => {
    await expect(checkOutput(at(name), [at('teacher.safetensors')])).rejects.toThrow(message)
  })

  it('lets a new file into a folder that has a card for all its models', async () => {
    await writeFile(at('abd.yaml'), 'version: 1\n')
    await checkOutput(at('student.safetensors'), [at('teacher.safetensors')])
  })

  it('refuses to replace the card of another model', async () => {
    await expect(checkOutput(at('teacher.pth'))).rejects.toMatchObject({code: 'E_OUT_IN_USE', exit: 2})
  })
})
