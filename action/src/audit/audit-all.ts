import {createHash} from 'node:crypto'
import {mkdtemp, readFile, realpath, rm} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import type {Policy} from '../../../src/audit/policy.ts'
import {usageError} from '../../../src/errors.ts'
import type {GateOptions} from '../gate.ts'
import {safeLine} from '../safe-line.ts'
import {requireOutside} from '../within.ts'
import {createAuditCache, noCache} from './audit-cache.ts'
import {auditInChild} from './audit-in-child.ts'
import type {Audited} from './audit-in-child.ts'
import {chooseEngine} from './choose-engine.ts'
import {roomFor, thisMachine} from './room.ts'
import {findSandbox} from './sandbox.ts'
import {sideBySide} from './side-by-side.ts'

export interface How {
  readonly policy: Policy
  readonly policySource: string
  readonly staticOnly: boolean
}

/** A report for each model, in their order. Throws AbdError for what concerns all of them: engine, sandbox, data. */
export async function auditAll(
  models: readonly string[],
  how: How,
  {inputs, event, runner, workspace, temp, program, covered, sudo, now, clock, signal}: GateOptions,
): Promise<Audited[]> {
  const {profile, budget, seed} = inputs
  const data = inputs.data ? await dataFolder(resolve(workspace, inputs.data)) : undefined
  if (data !== undefined) await requireOutside(workspace, data, 'data')
  const verdicts = inputs['cache-dir'] ? resolve(workspace, inputs['cache-dir']) : undefined
  if (verdicts !== undefined) await requireOutside(workspace, verdicts, 'cache-dir')
  const engine = await chooseEngine(how.staticOnly ? 'wasm' : inputs.engine, {
    workspace,
    progress: {
      start: (label) => {
        runner.info(label)
        return {advance() {}, end() {}}
      },
      note: (line) => runner.info(safeLine(line)),
    },
    signal,
  })
  runner.info(how.staticOnly ? 'Files are only scanned.' : `Engine: ${safeLine(engine.words)}.`)
  const place = await realpath(temp)
  const sandbox = await findSandbox(inputs.sandbox, {covered, temp: place, sudo})
  runner.info(`Sandbox: ${safeLine(sandbox.words, 400)}.`)
  const {atOnce, memoryLimit} = roomFor(models.length, thisMachine(), {
    native: engine.folder !== null,
    limit: inputs['memory-limit'],
  })
  if (atOnce > 1) runner.info(`${atOnce} models at a time.`)
  const cache =
    verdicts !== undefined && data === undefined
      ? createAuditCache({
          folder: verdicts,
          restsOn: [how.policy, profile, budget, seed, engine.identity, await codeOf(program)],
          // A merge queue holds what is not merged yet.
          merged: event.kind !== 'pull_request' && event.kind !== 'merge_group',
        })
      : noCache
  return sideBySide(models, atOnce, async (model, i) => {
    signal.throwIfAborted()
    const began = clock()
    const seconds = () => Math.round(clock() - began)
    const label = `${i + 1} of ${models.length}`
    runner.info(`Auditing ${label}: ${safeLine(model, 120)}`)
    const beat = setInterval(() => runner.info(`Still auditing ${label} (${seconds()} s)`), 60_000)
    const scratch = await mkdtemp(join(place, 'abd-model-'))
    try {
      const audited = await auditInChild(
        model,
        {
          ...how,
          engine: engine.name,
          seed,
          ...(profile ? {profile} : {}),
          ...(budget ? {budget} : {}),
          ...(data === undefined ? {} : {data}),
        },
        {
          workspace,
          scratch,
          program: program.path,
          programFolder: program.folder,
          engineFolder: engine.folder,
          sandbox,
          most: inputs['max-file-size'],
          timeLimit: inputs['time-limit'],
          memoryLimit,
          cache,
          signal,
          note: (line) => runner.info(`${label}: ${line}`),
          now,
        },
      )
      const why = safeLine(audited.report.reasons.join(' ') || 'no signs of a backdoor', 400)
      runner.info(`${label}: ${audited.report.verdict}, ${seconds()} s: ${why}`)
      return audited
    } finally {
      clearInterval(beat)
      await rm(scratch, {recursive: true, force: true})
    }
  })
}

async function dataFolder(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    throw usageError({
      code: 'E_INPUT',
      message: `data: there is no ${path} on this runner.`,
      hints: ['Name a folder or file on the runner, outside the checkout.'],
    })
  }
}

/** Of the code that audits, and of the calibration: chunks are named by their content, so one file stands for all. */
async function codeOf({path, folder}: GateOptions['program']): Promise<string> {
  const hash = createHash('sha256')
  for (const file of [path, join(folder, 'assets', 'calibration.json')]) hash.update(await readFile(file))
  return hash.digest('hex')
}
