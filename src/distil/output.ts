import {dirname} from 'node:path'
import {checkOutput} from '../audit/check-output.ts'
import {checkPngPath} from '../data/check-png-path.ts'
import {usageError} from '../errors.ts'
import {isSameFile} from '../is-same-file.ts'
import {checkWritable} from '../report/check-writable.ts'
import {checkpointPath} from '../checkpoint-path.ts'

/** What a distillation writes, and how it starts and ends. */
export interface Output {
  readonly out: string
  /** Goes on from the checkpoint beside `out`. */
  readonly resume: boolean
  /** Leaves the checkpoint there when the run has ended. */
  readonly keepCheckpoint: boolean
  /** Steps between one measurement of the student and the next, on its way. */
  readonly measureEvery?: number
  /** A PNG of images that the student was taught with. */
  readonly sheet?: string
  readonly dryRun: boolean
}

/**
 * Before the work: every file can be written and replaces none of `inputs`, which are named by what they are.
 * Throws E_MODEL_FORMAT, E_OUT_IN_USE, E_OUT (exit code 2) and E_OUT_UNWRITABLE.
 */
export async function checkOutputs(
  {out, sheet}: Output,
  inputs: {readonly teacher: string; readonly checkpoint?: string},
): Promise<void> {
  await checkOutput(out, [inputs.teacher])
  for (const [what, path] of Object.entries(inputs))
    for (const [which, written] of [
      ['The checkpoint of ', checkpointPath(out)],
      ['', out],
    ] as const)
      if (await isSameFile(written, path))
        throw usageError({
          code: 'E_OUT_IN_USE',
          message: `${which}${out} would replace the ${what}, ${path}.`,
          hints: ['Choose another name with --out.'],
        })
  await checkWritable(dirname(out))
  if (sheet === undefined) return
  checkPngPath('--sheet', sheet)
  await checkWritable(dirname(sheet))
}
