import type {Context, Registry} from '@abd/core'
import {environmentError, usageError} from '@abd/core'
import type {Calibration, CalibrationModel, Profile} from '@abd/core/audit'
import {choosePlan, readCalibration, readWithCard} from '@abd/core/audit'
import {writeAtomic} from '@abd/core/modelfile'
import {checkWritable} from '@abd/core/report'
import {existsSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {calibratedDetectors} from './calibrated-detectors.ts'
import {observeClean} from './observe-clean.ts'
import {uniteCalibrations} from './unite-calibrations.ts'

export interface CalibrateOptions {
  /** Folder of clean teachers; undefined: only `merge` is put together. */
  readonly directory: string | undefined
  /** File that is gone on with, or made. */
  readonly out: string
  /** Undefined: the one of `out`, or own-1. */
  readonly id?: string | undefined
  readonly profile: Profile
  /** Of its detectors these alone are run; left out or empty: all. */
  readonly only?: readonly string[]
  /** Files of other calibrations, whose statistics are taken over. */
  readonly merge: readonly string[]
  readonly registry: Registry
  readonly context: Context
}

/**
 * What every detector of a profile says of the clean teachers in a folder, added to what `out` and the files of `merge` say
 * already: a statistic is computed once for every model (by its hash) and version of a detector, so that a new detector costs its
 * own runs and no other's, and another profile loses none. Written after each statistic, so that an interruption costs one.
 * Models whose own files are not in the folder keep what is known of them.
 * Each model needs a card with `mean` and `std`; its `notes` (`dataset=… recipe=… seed=…`) say where it comes from.
 * Throws E_NO_MODELS, E_CALIBRATION, E_CALIBRATION_VERSION, E_CARD_MISSING, E_DETECTOR, E_OUT_UNWRITABLE, E_PROFILE_ENGINE, and what
 * reading a model throws.
 */
export async function calibrate({
  directory,
  out,
  id,
  profile,
  only = [],
  merge,
  registry,
  context,
}: CalibrateOptions): Promise<Calibration> {
  const files = directory === undefined ? [] : await modelsIn(directory)
  // The others of a profile are slow on an engine that cannot train, students take for ever.
  if (directory !== undefined && profile === 'deep') choosePlan(context.engine.name, {profile})
  const detectors = directory === undefined ? [] : calibratedDetectors(profile, {only, registry, context})
  await checkWritable(dirname(out))
  // One that is there is gone on with; one that cannot be read is not replaced.
  const earlier = existsSync(out) ? await readCalibration(out) : undefined
  const current = Object.fromEntries(detectors.map(({name, version}) => [name, version]))
  const known = (name: string) =>
    registry.has('detector', name) ? registry.create('detector', name, {}, context).version : undefined
  const {versions, models} = uniteCalibrations(
    {path: out, calibration: stillTrue(earlier, current)},
    await Promise.all(merge.map(async (path) => ({path, calibration: await readCalibration(path)}))),
    known,
  )
  const calibration = (): Calibration => ({
    schemaVersion: 1,
    id: id ?? earlier?.id ?? 'own-1',
    detectors: versions,
    models: [...models.values()],
  })
  const write = async () => writeAtomic(out, [`${JSON.stringify(calibration())}\n`])
  if (merge.length > 0) await write()
  const task = context.progress.start('Clean teachers', files.length)
  try {
    for (const path of files) {
      context.signal.throwIfAborted()
      const {file, card} = await readWithCard(path, context)
      const before = models.get(file.sha256)?.statistics ?? {}
      const open = detectors.filter(({name}) => before[name] === undefined)
      if (open.length > 0) {
        const teacher = {path, file, card}
        for await (const observed of observeClean(teacher, {profile, detectors: open, registry, context})) {
          const statistics = {...models.get(file.sha256)?.statistics, ...observed.statistics}
          models.set(file.sha256, {...observed, statistics})
          await write()
        }
      }
      task.advance(1)
    }
  } finally {
    task.end()
  }
  return calibration()
}

async function modelsIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    throw environmentError({
      code: 'E_NO_MODELS',
      message: `The folder ${directory} cannot be read (${cause.code}).`,
      hints: ['Name a folder of clean teachers.'],
      cause,
    })
  })
  const files = names.filter((name) => /\.(safetensors|pt|pth)$/.test(name)).sort()
  if (files.length === 0)
    throw usageError({
      code: 'E_NO_MODELS',
      message: `${directory} holds no .safetensors, .pt or .pth file.`,
      hints: ['Name a folder of clean teachers.'],
    })
  return files.map((name) => join(directory, name))
}

/** A calibration with the versions that its detectors have today, without the statistics of other ones. */
function stillTrue(
  before: Calibration | undefined,
  current: Readonly<Record<string, number>>,
): Pick<Calibration, 'detectors' | 'models'> {
  const detectors = {...before?.detectors, ...current}
  const holds = ([name]: [string, number]) => detectors[name] === before?.detectors[name]
  const models = before?.models.map((model): CalibrationModel => ({
    ...model,
    statistics: Object.fromEntries(Object.entries(model.statistics).filter(holds)),
  }))
  return {detectors, models: models ?? []}
}
