import {execFile, execFileSync} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {silent} from '@abd/core'
import {loadTeacher} from '@abd/core/audit'
import {createRandom, openEngine} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {abd, root} from '../e2e/abd.ts'

/** One that has PyTorch: some gigabytes, which nothing else here needs. */
const python = process.env['ABD_TORCH_PYTHON']
const hasTorch = python !== undefined && runs(python)
if (!hasTorch)
  console.warn('SKIPPED: PyTorch reads what abd writes. Set ABD_TORCH_PYTHON to a Python that has torch.')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-torch-'))
})
afterAll(() => rm(folder, {recursive: true}))

describe.skipIf(!hasTorch)('PyTorch', () => {
  it('reads what abd models convert writes, and computes the same logits', async () => {
    const [teacher, converted] = [
      join(root, 'examples/teacher-poisoned.safetensors'),
      join(folder, 'teacher.pt'),
    ]
    expect((await abd(['models', 'convert', teacher, converted])).code).toBe(0)

    const {stdout} = await promisify(execFile)(python!, [join(root, 'scripts/logits_in_torch.py'), converted])

    const {logits} = JSON.parse(stdout) as {logits: readonly number[]}
    const ours = await logitsOf(teacher)
    expect(ours).toHaveLength(10)
    for (const [i, logit] of ours.entries()) expect(logit).toBeCloseTo(logits[i]!, 3)
  })
})

/** Of the image that the script looks at, not normalised. */
async function logitsOf(path: string): Promise<readonly number[]> {
  await using engine = await openEngine('auto')
  const context = {engine, random: createRandom(0), progress: silent, signal: new AbortController().signal}
  const {model} = await loadTeacher({path, mean: '0', std: '1'}, context)
  using _model = model
  const flat = Float32Array.from({length: 3072}, (_, i) => Math.sin(0.37 * (i + 1)))
  const logits = tf.tidy(() => model.logits(tf.transpose(tf.tensor4d(flat, [1, 3, 32, 32]), [0, 2, 3, 1])))
  const values = await logits.data()
  logits.dispose()
  return [...values]
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ['-c', 'import torch'], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}
