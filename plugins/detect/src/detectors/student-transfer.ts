import {defineMethod} from '@abd/core'
import {movedShares} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {takeImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {z} from 'zod'
import {applyInverted} from '../inversion/apply-inverted.ts'
import {illustrateTrigger} from '../inversion/illustrate-trigger.ts'
import {LEAST_SPREAD} from '../inversion/inspect-by-inversion.ts'
import {invertTriggers} from '../inversion/invert-triggers.ts'
import type {InvertedTrigger} from '../inversion/invert-triggers.ts'
import {inversionOptions} from '../inversion/options.ts'
import {notApplicable, tooFewClasses} from './not-applicable.ts'
import {outlier} from './outlier.ts'

/** Held-out images that triggers are tried on. */
const HELD_OUT = 200

/**
 * Triggers inverted on one student, tried on the teacher and on a second student that was distilled from another seed. What
 * one student took up by chance moves nobody else; a backdoor of the teacher moves them all, and one that only students show
 * (SCAR, NeurIPS 2025) both students. For each class log(largest / size) of its trigger times the larger of the two shares of
 * held-out images moved; the statistic is the largest class's distance from the others as a robust z-score.
 */
export const studentTransfer = defineMethod({
  kind: 'detector',
  name: 'student_transfer',
  summary: 'A small trigger inverted on a student that also moves the teacher, or a second student',
  options: z.strictObject(inversionOptions),
  create: (options) => ({
    version: 1,
    needs: 'gradient',
    async inspect(teacher, evidence, context) {
      if (teacher.network.architecture.classes < 3) return tooFewClasses
      const students = await evidence.students?.(2)
      if (!students) return notApplicable('no students are distilled in this profile')
      const [first, second] = students as readonly [Model, Model]
      const triggers = await invertTriggers(
        first,
        evidence.base,
        {...options, form: 'mask'},
        {context, label: 'Trigger inversion on a student'},
      )
      const held = takeImages(evidence.heldOut, HELD_OUT)
      const onTeacher = await sharesOn(teacher, held, triggers)
      const onSecond = await sharesOn(second, held, triggers)
      const perClass = triggers.map(
        ({size, largest}, c) => Math.log(largest / size) * Math.max(onTeacher[c]!, onSecond[c]!),
      )
      const {statistic, target} = outlier(perClass, LEAST_SPREAD)
      const suspect = triggers[target]!
      const found = suspect.size < suspect.largest
      const before = await predict(first, held)
      return {
        statistic,
        target: found ? target : null,
        perClass,
        details: {
          size: suspect.size,
          onStudent: await shareOf(suspect, {model: first, images: held, before}),
          onTeacher: onTeacher[target]!,
          onSecondStudent: onSecond[target]!,
        },
        ...(found
          ? {
              illustrations: [
                illustrateTrigger(suspect, {
                  images: held,
                  before,
                  moved: `moves ${(100 * onTeacher[target]!).toFixed(0)} % of held-out images on the teacher into class ${target}, ${(100 * onSecond[target]!).toFixed(0)} % on a second student`,
                  name: `inverted on a student:${target}`,
                  size: 'mask',
                }),
              ],
            }
          : {}),
      }
    },
  }),
})

/** For each trigger the share of images that it moves into its class. */
async function sharesOn(
  model: Model,
  images: Images,
  triggers: readonly InvertedTrigger[],
): Promise<number[]> {
  const before = await predict(model, images)
  const shares: number[] = []
  for (const trigger of triggers) shares.push(await shareOf(trigger, {model, images, before}))
  return shares
}

async function shareOf(
  trigger: InvertedTrigger,
  {model, images, before}: {model: Model; images: Images; before: Int32Array},
): Promise<number> {
  const after = await predict(model, applyInverted(images, trigger))
  return movedShares(before, after, model.network.architecture.classes)[trigger.target]!
}
