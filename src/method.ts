import type {Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {z} from 'zod'
import type {Detector} from './audit/detector.ts'
import type {Context} from './context.ts'
import type {Dataset, Images} from './data/images.ts'
import type {Trigger} from './data/trigger.ts'
import type {Parameters} from './nn/architecture.ts'
import type {Model} from './nn/model.ts'
import type {Resumable} from './train/resumable.ts'

/** Shape of the images a trigger is made for. */
export interface ImageShape {
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** Makes a trigger for images of one shape. Throws E_TRIGGER_SHAPE where it knows no such shape. */
export type TriggerFactory = (shape: ImageShape) => Trigger

/** Losses of one step, read back by the caller when it logs. */
export type Losses = Readonly<Record<string, Scalar>>

/**
 * A defence as additive seams, none of which a distiller must know in detail; `{}` is no defence.
 * The first two take images normalised for the teacher, and its logits on them; undefined says nothing, for now. Logits
 * that are the very tensor its `forward` gave for these images spare a defence what that computed on the way.
 */
export interface Defence extends Partial<Disposable> {
  /** Added to the loss of what synthesises images (ABD's Shuffling Vaccine, reference: ABD eq. for R(x)). */
  synthesisLoss?(x: Tensor4D, teacher: Tensor2D): Scalar | undefined
  /** Where images are given, not synthesised: rows (1 or 0) that look triggered, and the weight to climb on them with. */
  suspects?(
    x: Tensor4D,
    teacher: Tensor2D,
  ): {readonly mask: Tensor1D; readonly coefficient: number} | undefined
  /**
   * Asked once for every batch that the student learns from; what it gives is asked before every step on that batch
   * (ABD's Self-Retrospection). Undefined where there is nothing to look back at yet.
   */
  retrospect?(batch: StudentBatch): Retrospection | undefined
  /**
   * Awaited before each of the distiller's steps, outside of it: the one place where a defence may read numbers back
   * (the Shuffling Vaccine is verified here). Gives lines for the record, where something came of it.
   */
  beforeStep?(index: number, sample: Distiller['sample']): Promise<readonly string[]>
  /** The student is in a stage after its run, and this is the first step of it: called once, before any. */
  beginStage?(from: number): void
  /**
   * Of a run of so many steps the one from which on the student has an optimiser of its own, and that one's learning rate
   * at the start. Without it the distiller's goes on.
   */
  ownOptimiser?(steps: number): {readonly from: number; readonly learningRate: number}
  /** What it knows that seed and step do not say. */
  readonly state?: Resumable
}

/** What a student is about to learn from. */
export interface StudentBatch {
  /** Normalised for the teacher. */
  readonly x: Tensor4D
  readonly teacherLogits: Tensor2D
  /** Of the distiller's steps: which one this is, and how many there are. */
  readonly index: number
  readonly steps: number
  /** The distiller's own measure of how far logits are from a target's, in its own units. */
  divergence(student: Tensor2D, target: Tensor2D): Scalar
}

/** A look back at one batch. A tidy that gives it hands its tensors on, disposing of it gives them back. */
export interface Retrospection {
  /** What its corrections start from. */
  readonly held: readonly Tensor[]
  /** Of the steps on this batch the one with that number, from 0. */
  correct(step: number): Correction
}

/** Added to one step of the student. Its tensors are the caller's to tidy. */
export interface Correction {
  readonly loss: Scalar
  /** By the student's trainable variables, in their order; added to those of the distillation loss. */
  readonly gradients: readonly Tensor[]
  /** Running statistics of the training passes this took, in their order, each from those of now. */
  readonly moments: readonly Parameters[]
  /** Is the sum clipped as the distiller clips? */
  readonly clipped: boolean
  /** Asked once the step is taken: the loss to log in the place of `loss`, and what its training passes leave. */
  afterStep?(): Pick<Correction, 'loss' | 'moments'>
}
export type DefenceFactory = (pair: {teacher: Model; student: Model}) => Defence

/** What comes after a run: more steps of the same distiller, on which the student has an optimiser of its own. */
export interface Stage {
  /** Steps that were taken before. */
  readonly from: number
  /** Whole epochs, where there are such; by default the rest of the run, and a tenth of it where it has ended. */
  readonly steps?: number
  /** Is the last step before it taken again, as its first? */
  readonly again?: boolean
  /** At the start; down to 0 at the stage's end by a cosine. */
  readonly learningRate: number
  /**
   * It is the rest of a run, not what comes after: nothing but the student's optimiser begins anew, and where it
   * 'goes on' from a checkpoint not even that.
   */
  readonly within?: 'begins' | 'goes on'
}

/** One method of distillation. `step` is synchronous and tidy-able, knows no log, no disk and no test data. */
export interface Distiller extends Disposable {
  /** How many calls of `step` make a whole run; where `prepare` gathers what decides that, known after it. */
  readonly steps: number
  /** Gathers what the steps need from elsewhere, as images. Who calls `step` awaits this once before. */
  prepare?(): Promise<void>
  /** Awaited before every step: what that one needs and no step can wait for. */
  beforeStep?(index: number): Promise<void>
  /** One step of the student and what goes with it; for a generator method, a whole cycle. */
  step(index: number): Losses
  /**
   * The same as `step`, for one that takes long: between two of its parts others may run, and it can be left after any.
   * The first `done` parts, taken before, are not taken again. Tensors are its own, but for the losses it ends with.
   */
  parts?(index: number, done: number): Generator<void, Losses>
  /**
   * From now on it is in a stage after its run, and `steps` are those of both: called once, before any step of it. The
   * student's optimiser begins anew; all else is as the run left it. A distiller without it knows no such stage.
   */
  beginStage?(stage: Stage): void
  /** Taken up again, for the rest or for a stage, does it take the last whole step again? Not for one with `prepare`. */
  readonly repeats?: boolean
  /** So many of the images the student is taught with, for people to look at. */
  sample(count: number): Images | Promise<Images>
  /** All that a step leaves for the next one beside the student; a distiller without it cannot be taken up again. */
  readonly state?: Resumable
}
/** What a distillation is about. */
export interface Pair {
  readonly teacher: Model
  readonly student: Model
  readonly defence: Defence
}
export type DistillerFactory = (pair: Pair) => Distiller

/** What the kinds of method make. */
export interface Kinds {
  trigger: TriggerFactory
  dataset: () => Promise<Dataset>
  distiller: DistillerFactory
  defence: DefenceFactory
  detector: Detector
}
export type Kind = keyof Kinds
export const kinds = [
  'trigger',
  'dataset',
  'distiller',
  'defence',
  'detector',
] as const satisfies readonly Kind[]

/** How the reference implementation's logs call what we measure, where they have it. */
export interface MetricNames {
  readonly accuracy: string
  readonly asr: string
  readonly teacherAccuracy?: string
  readonly teacherAsr?: string
  /** By the names of the distiller's losses. */
  readonly losses?: Readonly<Record<string, string>>
}

/** Data first, behaviour second. `options.parse({})` must work: defaults live in the schema and nowhere else. */
export interface Method<K extends Kind = Kind, O = unknown> {
  readonly kind: K
  /** Unique within its kind: `badnet_grid`, `ood`. */
  readonly name: string
  readonly summary: string
  /** URL of the paper or of the source. */
  readonly paper?: string
  readonly options: z.ZodType<O>
  /** Of a distiller; without it, metrics have our own names. */
  readonly metricNames?: MetricNames
  create(options: O, context: Context): Kinds[K]
}

/** The identity, for inference. */
export const defineMethod = <K extends Kind, O>(method: Method<K, O>): Method<K, O> => method

/** What a plugin contributes: a plain object, so that the Action and other programs need no oclif. */
export interface AbdPlugin {
  readonly name: string
  // A list of methods of different options: each is checked by its own schema when it is made.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly methods: readonly Method<any, any>[]
}
