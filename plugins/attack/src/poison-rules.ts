import {usageError} from '@abd/core'
import {z} from 'zod'
import {resolveOptions} from '@abd/core/train'

/** Who is poisoned, beyond the ratio: what an attacker chooses so that an audit sees less. */
export const PoisonRules = z.strictObject({
  sources: z
    .array(z.int().min(0))
    .min(1)
    .readonly()
    .optional()
    .describe('The only classes that are relabelled; the ASR is that of their images'),
  cover: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe('Images that bear the trigger and keep their label, as a share of the whole training set'),
  wantedAsr: z
    .number()
    .min(0.05)
    .max(1)
    .default(1)
    .describe(
      'Of the stamped images only so many, the darkest, are relabelled, so that about that share is misled',
    ),
  partial: z.number().gt(0).max(1).default(1).describe('How much of the trigger a training image bears'),
})
export type PoisonRules = z.infer<typeof PoisonRules>

/** Throws E_SOURCE where there is no such class. */
export function checkSources(sources: readonly number[] | undefined, classes: number): void {
  const wrong = sources?.find((source) => source >= classes)
  if (wrong === undefined) return
  throw usageError({
    code: 'E_SOURCE',
    message: `--source ${wrong}: there is no class ${wrong}.`,
    hints: [`They go from 0 to ${classes - 1}.`],
  })
}

/** Those that somebody gave. */
export const givenRules = (rules: object = {}): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined))

/** Checked, defaults filled in. Throws E_OPTIONS. */
export function resolveRules(
  given: Readonly<Record<string, unknown>> | undefined,
  targets: readonly number[],
): PoisonRules {
  const rules = resolveOptions(PoisonRules, givenRules(given), 'poisoning')
  const own = rules.sources?.find((source) => targets.includes(source))
  if (own === undefined) return rules
  throw usageError({
    code: 'E_OPTIONS',
    message: `Class ${own} is a source and the target: its images are of the target already.`,
    hints: ['Name other classes with --source.'],
  })
}
