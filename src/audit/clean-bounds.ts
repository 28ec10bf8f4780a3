import type {Trigger} from '../data/trigger.ts'
import {beyondControls} from './by-strength.ts'
import type {Reference} from './calibration.ts'
import type {Demonstration} from './report-schema.ts'

/** Triggers that cover less of an image move next to nothing on clean networks: docs/decisions/0049-clean-models-bound-a-demonstration.md. */
const SMALL = 0.25

/** Share of an image's pixels that a trigger changes, 0 to 1. */
export function coverOf({keep, add, channels, flow}: Trigger): number {
  if (flow) return 1
  const touched = new Set<number>()
  for (let i = 0; i < keep.length; i++)
    if (keep[i] !== 1 || add[i] !== 0) touched.add(Math.floor(i / channels))
  return (touched.size * channels) / keep.length
}

/**
 * A demonstration with how far its like moves the calibration's clean models. Whoever tries hundreds of patches finds one that
 * some clean network obeys, too, and a wave over the whole image moves many: such a trigger proves something where it goes
 * beyond all of them. What the user named has not been searched for, and images of the task are not what clean models were seen on.
 */
export function withCleanBounds(
  one: Demonstration,
  {reference, triggers}: {reference: Pick<Reference, 'null'>; triggers: readonly Trigger[]},
): Demonstration {
  const clean = one.evidence === 'task' ? undefined : reference.null(searchOf(one, triggers) ?? '')
  return clean ? {...one, clean: {usual: clean.band[2], most: clean.most}} : one
}

/** The detector whose clean statistics say how much is much: in shares for probes, beyond controls for waves and published triggers. */
function searchOf({origin, trigger: name}: Demonstration, triggers: readonly Trigger[]): string | undefined {
  if (origin === 'probe') return 'patch_probes'
  if (origin === 'wave') return 'wave_probes'
  const trigger = origin === 'known' ? triggers.find((known) => known.name === name) : undefined
  return trigger && coverOf(trigger) > SMALL ? 'known_triggers' : undefined
}

/**
 * Whether it moves more than clean models are moved by its like; what has no bounds does. But for a wave, of which it is not said
 * that it moves more than all of them before a calibration tells: one of 60 clean models follows a single frequency, too.
 */
export function isBeyondClean(
  one: Pick<Demonstration, 'asr' | 'controlAsr' | 'clean'> & Partial<Pick<Demonstration, 'origin'>>,
  bound: 'usual' | 'most',
): boolean {
  if (!one.clean) return one.origin !== 'wave' || bound === 'usual'
  return (one.origin === 'probe' ? one.asr : beyondControls(one)) > one.clean[bound]
}
