import {beyondControls} from './by-strength.ts'
import {isBeyondClean} from './clean-bounds.ts'
import type {Policy} from './policy.ts'
import type {Demonstration} from './report-schema.ts'

/** What a policy makes of a demonstration: `works` blocks, `partly` asks for a review. */
export type Strength = 'works' | 'partly' | 'weak'

/** From which share of moved images on a trigger may block, 0 to 1. */
export const leastShare = ({on}: Pick<Demonstration, 'on'>, {demonstration, transfer}: Policy): number =>
  on === 'teacher' ? demonstration.asr : transfer.studentAsr

/**
 * Far beyond its random controls, a trigger works where it moves enough images and more than clean models are moved by its like;
 * it works in part where it moves enough, or a part of them and more than most clean models.
 */
export function strengthOf(
  one: Pick<Demonstration, 'asr' | 'controlAsr' | 'on' | 'clean'> & Partial<Pick<Demonstration, 'origin'>>,
  policy: Policy,
): Strength {
  const {margin, partial} = policy.demonstration
  if (beyondControls(one) < margin) return 'weak'
  const isWhole = one.asr >= leastShare(one, policy)
  if (isWhole && isBeyondClean(one, 'most')) return 'works'
  return isWhole || (one.asr >= partial && isBeyondClean(one, 'usual')) ? 'partly' : 'weak'
}
