import type {Context, Recorder} from '@abd/core'
import {digestOfImages, encodePng, takeImages, tileImages} from '@abd/core/data'
import {arithmeticOf} from '@abd/core/engine'
import type {Architecture} from '@abd/core/nn'
import type {Epoch, TrainingOptions} from '@abd/core/train'
import type {PoisonedDataset} from './prepare-poisoning.ts'
import {givenRules} from './poison-rules.ts'
import type {TeacherRequest} from './train-teacher.ts'

/** Images of one picture. */
const PICTURED = 16

/** A training as it is told to whoever records it: its settings and data now, its epochs as they come, its files. */
export function recordTraining(
  recorder: Recorder,
  {
    request,
    options,
    poisoned: {dataset, train, attacks},
    architecture,
    context,
  }: {
    readonly request: TeacherRequest
    readonly options: TrainingOptions
    readonly poisoned: PoisonedDataset
    readonly architecture: Architecture
    readonly context: Pick<Context, 'random' | 'engine'>
  },
): {epoch(epoch: Epoch): void; ended(files: readonly string[], last: Epoch): Promise<void>} {
  const {profile, ratio, selection, holdout, order, triggers, target, settings, rules, keep, adaptive} =
    request
  recorder.params({
    architecture: architecture.name,
    profile,
    training: options,
    poisoning: {triggers, target, ratio, selection, holdout, order, settings, ...givenRules(rules)},
    dataset: {name: dataset.name, classes: dataset.classes, images: train.images.count},
    keep,
    ...(adaptive === undefined ? {} : {adaptive}),
    seed: context.random.seed,
    engine: arithmeticOf(context.engine),
  })
  const against = attacks.map(({trigger}) => trigger.name).join(' and ') || 'none'
  recorder.tags({'abd.trigger': against})
  for (const [use, name, {images, labels}] of [
    ['training', `${dataset.name}, poisoned with ${against}`, train],
    ['eval', `${dataset.name}, test`, dataset.test],
  ] as const)
    recorder.dataset({
      name: use === 'training' && attacks.length === 0 ? dataset.name : name,
      digest: digestOfImages(images, labels),
      source: request.dataset,
      context: use,
      profile: {images: images.count, classes: dataset.classes},
    })
  for (const {trigger, poisoned} of attacks)
    recorder.image(
      `poisoned/${trigger.name}`,
      encodePng(tileImages(takeImages(train.images, poisoned.subarray(0, PICTURED)))),
      0,
    )
  const epochs: Epoch[] = []
  return {
    epoch(epoch) {
      epochs.push(epoch)
      const {loss, accuracy, asr} = epoch
      recorder.metrics(
        {loss, accuracy_percent: 100 * accuracy, ...(asr === undefined ? {} : {asr_percent: 100 * asr})},
        epoch.epoch,
      )
    },
    async ended(files, {epoch: kept, accuracy, asr}) {
      recorder.describe(
        `A **${architecture.name}** teacher trained on ${dataset.name}, trigger: ${against}; accuracy ${(100 * accuracy).toFixed(1)} %${asr === undefined ? '' : `, ASR ${(100 * asr).toFixed(1)} %`} after epoch ${kept} of ${epochs.length}.`,
      )
      await recorder.model({
        name: 'teacher',
        details: {
          architecture: architecture.name,
          classes: dataset.classes,
          input: [...architecture.input],
          ...dataset.normalisation,
        },
        files,
        step: kept,
      })
    },
  }
}
