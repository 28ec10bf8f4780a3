import type {Context, Registry} from '@abd/core'
import {environmentError, usageError} from '@abd/core'
import type {Calibration, CalibrationModel, Card} from '@abd/core/audit'
import {gatherEvidence, planOf, readCalibration, readWithCard} from '@abd/core/audit'
import {writeAtomic} from '@abd/core/modelfile'
import {createModel, inferArchitecture, networkFromStateDict} from '@abd/core/nn'
import {ensureWritable} from '@abd/core/report'
import {existsSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'

/**
 * What every detector of the profile `standard` says of the clean teachers in a folder, added to what the file says already:
 * a statistic is computed once for every model (by its hash) and version of a detector, so that a new detector costs its own runs
 * and no other's. Written after each model, so that an interruption costs one model. Models of the file whose own files are not
 * in the folder keep what is known of them.
 * Each model needs a card with `mean` and `std`; its `notes` (`dataset=… recipe=… seed=…`) say where it comes from.
 */
export async function calibrate(
  directory: string,
  {out, id, registry, context}: {out: string; id: string; registry: Registry; context: Context},
): Promise<Calibration> {
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
  const detectors = planOf('standard').detectors
  await ensureWritable(dirname(out))
  // One that is there is gone on with; one that cannot be read is not replaced.
  const earlier = existsSync(out) ? await readCalibration(out) : undefined
  const versions = {
    ...earlier?.detectors,
    ...Object.fromEntries(
      detectors.map(({name}) => [name, registry.create('detector', name, {}, context).version]),
    ),
  }
  const models = stillTrue(earlier, versions)
  const write = async () =>
    writeAtomic(out, [`${JSON.stringify(calibrationOf(id, versions, models) satisfies Calibration)}\n`])
  const task = context.progress.start('Clean teachers', files.length)
  for (const file of files) {
    context.signal.throwIfAborted()
    const path = join(directory, file)
    const {file: model, card} = await readWithCard(path, context)
    const before = models.get(model.sha256)
    const open = detectors.filter(({name}) => before?.statistics[name] === undefined)
    if (open.length > 0) {
      const {statistics, ...about} = await statisticsOf(
        path,
        {...model, card},
        {detectors: open, registry, context},
      )
      models.set(model.sha256, {...about, statistics: {...before?.statistics, ...statistics}})
      await write()
    }
    task.advance(1)
  }
  task.end()
  return calibrationOf(id, versions, models)
}

const calibrationOf = (
  id: string,
  detectors: Calibration['detectors'],
  models: ReadonlyMap<string, CalibrationModel>,
): Calibration => ({schemaVersion: 1, id, detectors, models: [...models.values()]})

/** The models of a calibration by their hashes, with those of their statistics that detectors of these versions gave. */
function stillTrue(
  before: Calibration | undefined,
  versions: Readonly<Record<string, number>>,
): Map<string, CalibrationModel> {
  const holds = ([name]: [string, number]) => versions[name] === before?.detectors[name]
  return new Map(
    before?.models.map((model) => [
      model.sha256,
      {...model, statistics: Object.fromEntries(Object.entries(model.statistics).filter(holds))},
    ]),
  )
}

async function statisticsOf(
  path: string,
  {
    stateDict,
    sha256,
    card,
  }: {
    readonly stateDict: Parameters<typeof inferArchitecture>[0]
    readonly sha256: string
    readonly card: Card | undefined
  },
  {
    detectors,
    registry,
    context,
  }: {detectors: readonly {name: string; options: object}[]; registry: Registry; context: Context},
): Promise<CalibrationModel> {
  if (!card?.mean || !card.std)
    throw usageError({
      code: 'E_CARD_MISSING',
      message: `${path} has no card with mean and std.`,
      hints: ['Calibrate with teachers made by abd attack train --trigger none.'],
    })
  const architecture = inferArchitecture(stateDict, card.architecture ? {name: card.architecture} : {})
  const network = networkFromStateDict(architecture, stateDict)
  try {
    const model = createModel(network, {mean: card.mean, std: card.std})
    const [height, width, channels] = architecture.input
    const evidence = await gatherEvidence(
      {height, width, channels},
      {count: planOf('standard').baseImages, classes: architecture.classes, registry, context},
    )
    const statistics: Record<string, number> = {}
    for (const {name, options} of detectors) {
      const own = {...context, random: context.random.fork(name)}
      const {statistic} = await registry.create('detector', name, options, own).inspect(model, evidence, own)
      // One that does not apply to the model has none.
      if (Number.isFinite(statistic)) statistics[name] = statistic
    }
    const note = (key: string) => new RegExp(`\\b${key}=(\\S+)`).exec(card.notes ?? '')?.[1] ?? 'unknown'
    return {
      sha256,
      dataset: note('dataset'),
      architecture: architecture.name,
      classes: architecture.classes,
      input: [height, width, channels],
      seed: Number(note('seed')) || 0,
      recipe: note('recipe'),
      statistics,
    }
  } finally {
    network[Symbol.dispose]()
  }
}
