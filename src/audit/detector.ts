import type {Images, LabelledImages} from '../data/images.ts'
import type {Trigger} from '../data/trigger.ts'
import type {Context} from '../context.ts'
import type {Model} from '../nn/model.ts'
import type {AskDetector} from './ask-detectors.ts'
import type {Demonstration, Illustration} from './report-schema.ts'

/** What an audit may look at beside the model, by access level. */
export interface Evidence {
  /** Images that have nothing to do with the task (procedural or photo patches): what a detector searches on. */
  readonly base: Images
  /** Others of the same kind, held out: what a trigger found on `base` is confirmed on. */
  readonly heldOut: Images
  /** `--images`: unlabelled images of the task. */
  readonly images?: Images
  /** `--data`: labelled ones. */
  readonly data?: LabelledImages
  /** Students distilled from the model without its data, each from a seed of its own; where the plan distils any. */
  readonly students?: (count: number) => Promise<readonly Model[]>
  /** So many images of a generator that the model has taught, where one may be trained. */
  readonly drawn?: (count: number) => Promise<Images>
  /** What other detectors say of the same model; where several run on it. */
  readonly ask?: AskDetector
  /** The library of known triggers, made for the model's input. */
  readonly triggers: readonly Trigger[]
}

/** What one detector says. Larger statistics are more suspicious, for every detector. */
export interface Observation {
  readonly statistic: number
  /** The class it points at, or null. */
  readonly target: number | null
  /** The statistic for each class, where it has one. */
  readonly perClass?: readonly number[]
  /** Numbers and words for the report; no judgement. */
  readonly details: Readonly<Record<string, number | string | boolean>>
  /** Triggers that were confirmed on images they were not found on, whatever their strength; the policy judges them. */
  readonly demonstrations?: readonly Demonstration[]
  readonly illustrations?: readonly Illustration[]
}

export interface Detector {
  /** Bumped when the statistic changes: cached outputs and calibrations of other versions do not count. */
  readonly version: number
  readonly needs: 'forward' | 'gradient'
  /** Says nothing without images of the task (`Evidence.data` or `images`): a calibration, made from model files alone, has no null of it. */
  readonly needsTaskImages?: true
  inspect(model: Model, evidence: Evidence, context: Context): Promise<Observation>
}
