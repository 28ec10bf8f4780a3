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
 * What every detector of the profile `standard` says of the clean teachers in a folder. Written after each model, so that an
 * interruption costs one model; a model whose weights are already in the file is not run again.
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
  const versions = Object.fromEntries(
    detectors.map(({name}) => [name, registry.create('detector', name, {}, context).version]),
  )
  await ensureWritable(dirname(out))
  // One that is there is gone on with; one that cannot be read is not replaced.
  const before = existsSync(out) ? await readCalibration(out) : undefined
  const models: CalibrationModel[] = sameVersions(before, versions) ? [...before!.models] : []
  const done = new Set(models.map(({sha256}) => sha256))
  const task = context.progress.start('Clean teachers', files.length)
  for (const file of files) {
    context.signal.throwIfAborted()
    const path = join(directory, file)
    const {file: model, card} = await readWithCard(path, context)
    const {sha256} = model
    if (!done.has(sha256)) {
      models.push(await statisticsOf(path, {...model, card}, {detectors, registry, context}))
      done.add(sha256)
      await writeAtomic(out, [
        `${JSON.stringify({schemaVersion: 1, id, detectors: versions, models} satisfies Calibration)}\n`,
      ])
    }
    task.advance(1)
  }
  task.end()
  return {schemaVersion: 1, id, detectors: versions, models}
}

const sameVersions = (before: Calibration | undefined, versions: Record<string, number>) =>
  before !== undefined && JSON.stringify(before.detectors) === JSON.stringify(versions)

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
      statistics[name] = (
        await registry.create('detector', name, options, own).inspect(model, evidence, own)
      ).statistic
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
