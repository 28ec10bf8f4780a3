import type {Context, Registry} from '@abd/core'
import type {Dataset, LabelledImages, Trigger} from '@abd/core/data'
import {takeImages, takeLabelled} from '@abd/core/data'
import {chooseSigns} from './choose-signs.ts'
import {checkSubstitutes, loadSubstitutes} from './load-substitutes.ts'
import {parseAttacks} from './parse-attacks.ts'
import {checkShare, poison} from './poison.ts'
import type {PoisonRules} from './poison-rules.ts'
import {checkSources, resolveRules} from './poison-rules.ts'
import {orderOf, parseOrder} from './training-order.ts'

export interface PoisoningRequest {
  /** `signs`, or the path of a dataset. */
  readonly dataset: string
  /** Of signs: GTSRB's numbers, comma-separated, or `all`. */
  readonly classes?: string | undefined
  /** Of signs: training images each; as the data set has it by default. */
  readonly perClass?: number | undefined
  /** NAME[:TARGET]; none for a clean set. */
  readonly triggers: readonly string[]
  /** Where triggers without a target of their own lead to. */
  readonly target: number
  /** How much of the training set each trigger poisons. */
  readonly ratio: number
  readonly selection: 'first' | 'random'
  readonly holdout: number
  /** `auto`, `given`, `shuffled` or a .npy. */
  readonly order: string
  /** Options of the triggers: `sig.form=additive`. */
  readonly triggerSettings: readonly string[]
  /** Of who is relabelled; as the triggers have it by default. */
  readonly rules?: {readonly [rule in keyof PoisonRules]?: PoisonRules[rule] | undefined}
}

export interface PoisonedDataset {
  /** As it was before, in the order that the poisoning went by. */
  readonly dataset: Dataset
  /** Where each training image comes from in the given order; undefined where that is the order. */
  readonly order: Int32Array | undefined
  readonly train: LabelledImages
  readonly attacks: readonly {
    readonly trigger: Trigger
    readonly target: number
    /** Which training images it was put on, ascending. */
    readonly poisoned: Int32Array
    /** Which bear it and kept their label, ascending. */
    readonly covered: Int32Array
    /** Whom it is for; undefined: all but the target. */
    readonly sources: readonly number[] | undefined
  }[]
}

const SIGN_SHAPE = {height: 32, width: 32, channels: 3}

/**
 * Checks all that can be checked before anything is loaded or rendered, and answers what then loads the data set and
 * poisons it. Several triggers poison different images. Throws E_SOURCE, and what `parseAttacks`, `parseOrder`, `chooseSigns` and
 * `checkShare` throw; the function that it answers also E_TARGET, E_SOURCE, E_TRIGGER_SHAPE and what reading data throws.
 */
export async function preparePoisoning(
  request: PoisoningRequest,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): Promise<() => Promise<PoisonedDataset>> {
  const {dataset: name, classes, perClass, triggers, target, ratio, holdout, selection} = request
  checkShare('ratio', ratio)
  checkShare('holdout', holdout)
  const named = parseAttacks(
    {triggers, targets: [target], settings: request.triggerSettings},
    {registry, context},
  )
  const {sources, cover, wantedAsr, partial} = resolveRules(
    request.rules,
    named.map((attack) => attack.target),
  )
  const signs = chooseSigns({
    dataset: name,
    classes,
    perClass,
    targets: named.map((attack) => attack.target),
  })
  if (signs) checkSources(sources, signs.length)
  const order = await parseOrder(request.order)
  if (signs) for (const attack of named) checkSubstitutes(await attack.make(SIGN_SHAPE))

  return async () => {
    const given: Dataset = signs
      ? await registry.create(
          'dataset',
          'signs',
          {classes: signs, ...(perClass === undefined ? {} : {perClass})},
          context,
        )()
      : await registry.create('dataset', 'files', {path: name}, context)()
    checkSources(sources, given.classes)
    const indices = orderOf(order, given.train.labels, context.random)
    if (indices && order === 'auto')
      context.progress.note(
        'The training images come class by class: they are shuffled by the seed (--order given keeps them).',
      )
    const dataset = indices ? {...given, train: takeLabelled(given.train, indices)} : given

    let {train} = dataset
    const attacks: PoisonedDataset['attacks'][number][] = []
    for (const attack of named) {
      const {height, width, channels} = train.images
      const trigger = await attack.make({height, width, channels})
      const substitutes = await loadSubstitutes(trigger, given.train.images)
      const step = poison(
        train,
        {
          trigger,
          target: attack.target,
          ratio,
          selection,
          holdout,
          except: Int32Array.from(attacks.flatMap(({poisoned, covered}) => [...poisoned, ...covered])),
          sources,
          cover,
          relabel: wantedAsr,
          partial,
          substitutes: substitutes && indices ? takeImages(substitutes, indices) : substitutes,
        },
        context.random.fork('poison'),
      )
      train = step.train
      const {poisoned, covered, lacking} = step
      if (lacking > 0)
        context.progress.note(
          `Fewer images qualify for ${attack.name} than --ratio ${ratio} asks for: ${lacking} of ${Math.floor(ratio * train.labels.length)} are missing.`,
        )
      attacks.push({trigger, target: attack.target, poisoned, covered, sources})
    }
    return {dataset, order: indices, train, attacks}
  }
}
