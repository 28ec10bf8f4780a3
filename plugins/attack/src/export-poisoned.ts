import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {attackedTestSet, othersThan} from './poison.ts'
import {givenRules} from './poison-rules.ts'
import type {PoisonedDataset, PoisoningRequest} from './prepare-poisoning.ts'
import {preparePoisoning} from './prepare-poisoning.ts'
import {checkNewFolder, folderAtOnce} from './folder-at-once.ts'
import type {ExportedSplit} from './write-split.ts'
import {writeArrays, writeNpy, writePictures} from './write-split.ts'

export interface ExportRequest extends PoisoningRequest {
  readonly split: 'train' | 'test' | 'both'
  readonly formats: readonly ('npy' | 'png')[]
  /** A folder that is not there yet. */
  readonly out: string
}

export interface Exported {
  readonly out: string
  readonly splits: readonly {
    readonly split: 'train' | 'test'
    readonly images: number
    readonly poisoned: number
  }[]
}

/**
 * What `abd attack export` does: the poisoned training set, the stamped test images of other classes, or both, as arrays
 * or pictures, with poison.json beside them. All that the user said is checked first; the folder appears whole or not at
 * all. Throws E_OUT_EXISTS, E_ATTACKS, and what `preparePoisoning` throws.
 */
export async function exportPoisoned(
  request: ExportRequest,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): Promise<Exported> {
  const {split, formats, out} = request
  const poisoning = await preparePoisoning(request, {registry, context})
  if (split !== 'train' && request.triggers.length !== 1)
    throw usageError({
      code: 'E_ATTACKS',
      message: `A stamped test set is that of one trigger, and ${request.triggers.length} are named.`,
      hints: ['Export one folder for each trigger, or --split train.'],
    })
  await checkNewFolder(out)

  const poisoned = await poisoning()
  const splits = [
    ...(split === 'test' ? [] : [trainingSplit(poisoned)]),
    ...(split === 'train' ? [] : [testSplit(poisoned)]),
  ]
  await folderAtOnce(out, async (folder) => {
    for (const one of splits) {
      context.signal.throwIfAborted()
      if (formats.includes('npy')) await writeArrays(folder, one)
      if (formats.includes('png')) await writePictures(folder, one, context)
    }
    if (poisoned.order) {
      const order = BigInt64Array.from(poisoned.order, BigInt)
      await writeNpy(join(folder, 'order.npy'), [order.length], order)
    }
    await writeFile(
      join(folder, 'poison.json'),
      `${JSON.stringify(record(request, poisoned, {splits, seed: context.random.seed}), null, 2)}\n`,
    )
    context.signal.throwIfAborted()
  })
  return {
    out,
    splits: splits.map(({name, images, poisoned: {length}}) => ({
      split: name,
      images: images.count,
      poisoned: length,
    })),
  }
}

function trainingSplit({dataset, order, train, attacks}: PoisonedDataset): ExportedSplit {
  return {
    name: 'train',
    ...train,
    originalLabels: dataset.train.labels,
    numbers: order ?? Int32Array.from(train.labels.keys()),
    poisoned: Int32Array.from(attacks.flatMap(({poisoned, covered}) => [...poisoned, ...covered])).sort(),
  }
}

function testSplit({dataset: {test}, attacks}: PoisonedDataset): ExportedSplit {
  const {trigger, target, sources} = attacks[0]!
  const numbers = othersThan(target, test.labels, sources)
  const images = attackedTestSet(test, trigger, target, sources)
  return {
    name: 'test',
    images,
    labels: new Int32Array(images.count).fill(target),
    originalLabels: Int32Array.from(numbers, (number) => test.labels[number]!),
    numbers,
    poisoned: Int32Array.from(numbers.keys()),
  }
}

/** poison.json: what was done, for whoever reads the folder. */
const record = (
  {ratio, selection, holdout, triggerSettings, rules}: ExportRequest,
  {dataset, order, attacks}: PoisonedDataset,
  {splits, seed}: {readonly splits: readonly ExportedSplit[]; readonly seed: number | string},
) => ({
  version: 1,
  dataset: dataset.name,
  classNames: dataset.classNames,
  normalisation: dataset.normalisation,
  seed,
  ratio,
  selection,
  holdout,
  order: order ? 'order.npy' : 'given',
  triggerSettings,
  ...(Object.keys(givenRules(rules)).length > 0 ? {rules} : {}),
  attacks: attacks.map(({trigger, target, poisoned, covered}) => ({
    trigger: trigger.name,
    target,
    labels: trigger.labels,
    poisonedTrainingImages: poisoned.length,
    // Positions in the exported training set.
    ...(splits.some(({name}) => name === 'train') ? {poisoned: [...poisoned]} : {}),
    ...(covered.length > 0 ? {coverTrainingImages: covered.length} : {}),
    ...(covered.length > 0 && splits.some(({name}) => name === 'train') ? {covered: [...covered]} : {}),
  })),
  splits: Object.fromEntries(
    splits.map(({name, images: {count, height, width, channels}}) => [
      name,
      {count, height, width, channels},
    ]),
  ),
})
