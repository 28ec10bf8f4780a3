import type {Suspect} from '../audit/measure-suspects.ts'
import {movedShares} from '../audit/moved-shares.ts'
import {checkInput} from '../audit/check-input.ts'
import {checkTarget, parseTrigger} from '../audit/parse-options.ts'
import type {Context} from '../context.ts'
import type {Images, LabelledImages} from '../data/images.ts'
import {digestOfImages} from '../data/digest-of-images.ts'
import {loadLabelled} from '../data/load-labelled.ts'
import {oodPatches} from '../data/patches.ts'
import {stamp} from '../data/stamp.ts'
import {takeImages} from '../data/take-images.ts'
import {testSigns} from '../data/test-signs.ts'
import {usageError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {Model} from '../nn/model.ts'
import type {Registry} from '../registry.ts'
import {attackSuccessRate} from '../train/attack-success-rate.ts'
import {evaluate} from '../train/evaluate.ts'
import {parseSettings} from '../train/parse-settings.ts'
import {predict} from '../train/predict.ts'

export interface Measured {
  /** Null where there is nothing to measure them with. */
  readonly accuracyPercent: number | null
  readonly asrPercent: number | null
}

/** How far a model is right, and how far it obeys. */
export interface Ruler {
  /** What ASR is measured on: `patches` where there are no images of the task. */
  readonly asrOn: 'data' | 'patches' | null
  measure(model: Model): Promise<Measured>
}

const PATCHES = 600

/** What the user gives to measure with. */
export interface Measuring {
  /** Labelled data: `signs` or a path. */
  readonly data?: string
  readonly trigger?: string
  /** `name=value` of that trigger, where it is named. */
  readonly triggerSettings?: readonly string[]
}

/**
 * Checks what the user gave to measure with (E_SETTING for settings of a trigger where there is none), and loads it once
 * there is a teacher; of rendered signs those that its labels name. ASR on data is the share of stamped images of other
 * classes that are taken for the target; on patches, of those not taken for it anyway.
 */
export function createRuler(
  {data, trigger: text, triggerSettings = []}: Measuring,
  {registry, context}: {registry: Registry; context: Context},
): (teacher: Model, labels?: readonly string[]) => Promise<Ruler> {
  if (triggerSettings.length > 0 && text === undefined)
    throw usageError({
      code: 'E_SETTING',
      message: `--set trigger.${triggerSettings[0]} is for a trigger, and there is none.`,
      hints: ['Name it, as in --trigger blend:0.'],
    })
  if (data !== undefined && data !== 'signs') checkInput('--data', data)
  const trigger =
    text === undefined
      ? undefined
      : parseTrigger(text, registry, context, optionsOf(text, triggerSettings, registry))
  return (teacher, labels) => rulerFor(teacher, {data, trigger, labels}, context)
}

/** Throws E_SETTING for a picture, which has no options. */
function optionsOf(text: string, settings: readonly string[], registry: Registry) {
  if (settings.length === 0) return {}
  const name = text.replace(/:\d+$/, '')
  if (registry.has('trigger', name)) return {[registry.get('trigger', name).name]: parseSettings(settings)}
  throw usageError({
    code: 'E_SETTING',
    message: `--set trigger.${settings[0]} sets an option of a trigger, and ${name} is none that has some.`,
    hints: ['See: abd methods trigger'],
  })
}

async function rulerFor(
  teacher: Model,
  {
    data,
    trigger,
    labels,
  }: {
    data: string | undefined
    trigger: ((shape: ImageShape) => Suspect | Promise<Suspect>) | undefined
    labels: readonly string[] | undefined
  },
  context: Context,
): Promise<Ruler> {
  const {classes, input} = teacher.network.architecture
  const [height, width, channels] = input
  const shape = {height, width, channels}
  const suspect = await trigger?.(shape)
  if (suspect) checkTarget(suspect, classes)
  const labelled =
    data === undefined
      ? undefined
      : data === 'signs'
        ? await testSigns({labels, classes, shape}, context)
        : await loadLabelled(data, shape, classes, context)
  if (labelled)
    context.recorder?.dataset({
      name: data!,
      digest: digestOfImages(labelled.images, labelled.labels),
      source: data!,
      context: 'eval',
      profile: {images: labelled.images.count, classes},
    })
  const attacked =
    suspect?.target != null && labelled
      ? stamp(attackable(suspect.target, labelled, data!), suspect.trigger)
      : undefined
  const patches =
    suspect && !labelled ? await oodPatches({count: PATCHES, shape, seed: 'ruler'}, context) : undefined

  const asrOf = async (model: Model): Promise<number | null> => {
    if (suspect?.target == null) return null
    const {trigger: stampOf, target} = suspect
    if (attacked) return attackSuccessRate(model, attacked, target)
    const before = await predict(model, patches!)
    return movedShares(before, await predict(model, stamp(patches!, stampOf)), classes)[target] ?? null
  }
  return {
    asrOn: suspect ? (labelled ? 'data' : 'patches') : null,
    measure: async (model) => ({
      accuracyPercent: inPercent(labelled ? (await evaluate(model, labelled)).accuracy : null),
      asrPercent: inPercent(await asrOf(model)),
    }),
  }
}

const inPercent = (share: number | null): number | null => (share === null ? null : 100 * share)

/** The images of other classes. Throws E_TARGET where there are none. */
function attackable(target: number, {images, labels}: LabelledImages, data: string): Images {
  const others = [...labels.keys()].filter((i) => labels[i] !== target)
  if (others.length > 0) return takeImages(images, others)
  throw usageError({
    code: 'E_TARGET',
    message: `All images of ${data} are of class ${target}: there is none that a trigger could lead there.`,
    hints: ['Give images of other classes too.'],
  })
}
