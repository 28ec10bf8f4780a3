import {existsSync} from 'node:fs'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {tensorData} from '../fixtures/tensor-data.ts'
import {abd, root, start} from './abd.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-resume-'))
})
afterAll(() => rm(folder, {recursive: true}))

const args = ['distill', 'run', join(root, 'examples/teacher-poisoned.safetensors'), '--student', 'wrn-10-1']
// Long enough that what is left after a kill is told of, which shorter work is not.
const small = ['--set', 'patches=320', '--set', 'batch=8', '--epochs', '6', '--defence', 'shuffling_vaccine']
const to = (name: string) => ['--out', join(folder, name)]

it('killed in the middle, a run goes on from its last checkpoint to the very same student', async () => {
  const whole = await abd([...args, ...small, ...to('whole.safetensors')])
  expect(whole.code, whole.stderr).toBe(0)

  const {child, ran} = start([...args, ...small, ...to('killed.safetensors')])
  const checkpoint = join(folder, 'killed.checkpoint.safetensors')
  while (!existsSync(checkpoint) && child.exitCode === null) await setTimeout(20)
  child.kill('SIGKILL')
  await ran
  expect(existsSync(join(folder, 'killed.safetensors'))).toBe(false)
  expect(existsSync(checkpoint)).toBe(true)

  const resumed = await abd([...args, ...small, '--resume', ...to('killed.safetensors')])

  expect(resumed.code, resumed.stderr).toBe(0)
  expect(resumed.stderr).toMatch(/from step \d*[02468]0 on/)
  expect(await weights('killed.safetensors')).toBe(await weights('whole.safetensors'))
  expect(existsSync(checkpoint)).toBe(false)
}, 300_000)

it('killed in the middle, so does the training of a teacher', async () => {
  const train = ['attack', 'train', '--profile', 'mini', '--arch', 'wrn-10-1', '--epochs', '8']
  const few = ['--classes', '1,14,33', '--per-class', '60', '--keep', 'best']
  const whole = await abd([...train, ...few, ...to('teacher.safetensors')])
  expect(whole.code, whole.stderr).toBe(0)

  const {child, ran} = start([...train, ...few, ...to('dead.safetensors')])
  const checkpoint = join(folder, 'dead.checkpoint.safetensors')
  while (!existsSync(checkpoint) && child.exitCode === null) await setTimeout(20)
  child.kill('SIGKILL')
  await ran
  expect(existsSync(join(folder, 'dead.safetensors'))).toBe(false)

  const resumed = await abd([...train, ...few, '--resume', ...to('dead.safetensors')])

  expect(resumed.code, resumed.stderr).toBe(0)
  expect(resumed.stderr).not.toContain('epoch 1/8')
  expect(await weights('dead.safetensors')).toBe(await weights('teacher.safetensors'))
  expect(existsSync(checkpoint)).toBe(false)
}, 300_000)

it('Ctrl-C keeps the run as it is, and says how to go on', async () => {
  const out = to('interrupted.safetensors')
  const {child, ran} = start([...args, ...small, ...out])
  while (!existsSync(join(folder, 'interrupted.checkpoint.safetensors')) && child.exitCode === null)
    await setTimeout(20)
  child.kill('SIGINT')
  const {code, stderr} = await ran

  expect(code).toBe(130)
  expect(stderr).toMatch(/Kept as it was after step \d+ of 240: the same command with --resume goes on/)
  const other = await abd([...args, ...small.with(5, '3'), '--resume', ...out])
  expect(other.code).toBe(2)
  expect(other.stderr).toContain('method.options.epochs is 6 there and 3 here')
}, 300_000)

const weights = async (name: string) => tensorData(await readFile(join(folder, name)))
