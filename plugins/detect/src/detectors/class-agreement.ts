import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {notApplicable, tooFewClasses} from './not-applicable.ts'
import {largestOf, standardScores} from './standard-scores.ts'

/** What is compared: how small a trigger leads to a class, and how its weights answer to whatever is active. */
export const agreeing = ['trigger_inversion', 'last_layer'] as const

/**
 * The class that `trigger_inversion` and `last_layer` point at together: Σ z(c) / √2 of the class c with the largest, where z are
 * the standard scores of each signal's values over the classes of this network.
 *
 * Both signals have a most extreme class in every network, clean ones too, and how extreme it is depends on the task: figures have
 * smaller triggers of their own than photos. Which class that is has in a clean network no reason to be the same for both; the
 * target of a backdoor stands out in either. The statistic looks at one network alone, so that its null moves little from
 * one task to another: docs/decisions/0053-two-signals-that-point-at-one-class.md has the figures.
 */
export const classAgreement = defineMethod({
  kind: 'detector',
  name: 'class_agreement',
  summary: 'One class that stands out twice: by the trigger that leads to it and by its weights',
  options: z.strictObject({}),
  create: () => ({
    version: 1,
    needs: 'gradient',
    async inspect(model, {ask}) {
      const {classes} = model.network.architecture
      if (classes < 3) return tooFewClasses
      if (!ask) return notApplicable('there is nobody to ask for what it compares')
      const answers = await Promise.all(agreeing.map((name) => ask(name)))
      const scores = answers.map(({perClass}) => standardScores(perClass!))
      const perClass = agreement(scores)
      const {value, at} = largestOf(perClass)
      return {
        statistic: value,
        target: value > 0 ? at : null,
        perClass,
        details: Object.fromEntries(agreeing.map((name, i) => [name, scores[i]![at]!])),
      }
    },
  }),
})

/** For every class the sum of its standard scores, with a variance of 1 where they have nothing to do with each other. */
export const agreement = (scores: readonly (readonly number[])[]): number[] =>
  scores[0]!.map((_, c) => scores.reduce((sum, one) => sum + one[c]!, 0) / Math.sqrt(scores.length))
