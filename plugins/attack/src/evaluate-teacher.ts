import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {checkInput, checkTarget, loadTeacher} from '@abd/core/audit'
import type {TeacherFile} from '@abd/core/audit'
import {loadLabelled, testSigns} from '@abd/core/data'
import {attackSuccessRate, evaluate} from '@abd/core/train'
import type {AttackWords} from './parse-attacks.ts'
import {parseAttacks} from './parse-attacks.ts'
import {attackedTestSet} from './poison.ts'
import {checkSources} from './poison-rules.ts'

export interface EvaluationRequest extends AttackWords {
  readonly teacher: TeacherFile
  /** `signs`, or the path of labelled images; of a data set with a test set, that. */
  readonly data: string
  /** The classes that the attacks are for; all but the target by default. */
  readonly sources?: readonly number[] | undefined
}

export interface Evaluated {
  readonly model: string
  readonly architecture: string
  readonly data: string
  /** Test images. */
  readonly images: number
  /** Top-1 accuracy on all of them, in percent. */
  readonly accuracyPercent: number
  readonly attacks: readonly {
    readonly trigger: string
    readonly target: number
    /** Test images of other classes than the target, all of them stamped. */
    readonly images: number
    /** How many of those are taken for the target, in percent. */
    readonly asrPercent: number
  }[]
}

/**
 * What `abd attack evaluate` does: clean accuracy, and the success rate of each attack on the same test images. All that
 * the user said is checked before anything is measured. Throws E_TARGET, E_SOURCE, and what parsing triggers and reading models
 * and data throws.
 */
export async function evaluateTeacher(
  request: EvaluationRequest,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): Promise<Evaluated> {
  const {teacher, data} = request
  const named = parseAttacks(request, {registry, context})
  if (data !== 'signs') checkInput('--data', data)
  const {model, labels} = await loadTeacher(teacher, context)
  using loaded = model
  const {name, classes, input} = loaded.network.architecture
  const [height, width, channels] = input
  const shape = {height, width, channels}
  const suspects = await Promise.all(
    named.map(async ({make, ...attack}) => ({...attack, trigger: await make(shape)})),
  )
  for (const suspect of suspects) checkTarget(suspect, classes)
  checkSources(request.sources, classes)

  const test =
    data === 'signs'
      ? await testSigns({labels, classes, shape}, context)
      : await loadLabelled(data, shape, classes, context)
  const attacked = suspects.map(({name: trigger, target, ...suspect}) => {
    const images = attackedTestSet(test, suspect.trigger, target, request.sources)
    if (images.count > 0) return {trigger, target, images}
    throw usageError({
      code: 'E_TARGET',
      message: `${request.sources ? `No image of ${data} is of class ${request.sources.join(' or ')} and another than ${target}` : `All images of ${data} are of class ${target}`}: there is none that ${trigger} could lead there.`,
      hints: ['Give images of other classes too.'],
    })
  })
  const total = attacked.reduce((sum, {images}) => sum + images.count, test.images.count)
  const task = context.progress.start('Evaluating', total)
  const watch = {signal: context.signal, task}
  try {
    const {accuracy} = await evaluate(loaded, test, watch)
    const attacks: Evaluated['attacks'][number][] = []
    for (const {trigger, target, images} of attacked) {
      const asr = await attackSuccessRate(loaded, images, target, watch)
      attacks.push({trigger, target, images: images.count, asrPercent: 100 * asr})
    }
    return {
      model: teacher.path,
      architecture: name,
      data,
      images: test.images.count,
      accuracyPercent: 100 * accuracy,
      attacks,
    }
  } finally {
    task.end()
  }
}
