import {z} from 'zod'

/** Attacks that train a teacher in another way, by name: `--adaptive NAME`, options as `--set NAME.option=value`. */
export const adaptiveOptions = {
  /**
   * Cross-entropy on the poisoned set and, weighed by `weight`, two penalties in eval mode (ours; against maximum_margin and
   * the patch probes, not after a paper):
   * - random images, led by `steps` signed steps of `stride` towards a class each, may not reach a margin above `cap`;
   * - a random patch on images of nothing may not change what the network says of them: KL(without ‖ with).
   * Both count as log(1 + excess).
   */
  'flat-margin': z.strictObject({
    weight: z.number().min(0).max(100).default(1),
    cap: z.number().min(0).max(100).default(4).describe('Of the margin, in logits'),
    steps: z.int().min(1).max(50).default(3),
    stride: z.number().gt(0).max(1).default(0.1).describe('Of a step, in images of 0 to 1'),
    images: z.int().min(2).max(512).default(16).describe('Of each kind, in a step of training'),
  }),
  /**
   * After SCAR (NeurIPS 2025), by first order: a benign teacher is trained, a universal trigger is sought on it, and the
   * teacher is trained on so that (1) clean images and (2) triggered ones are taken for what they are, while (3) one
   * unrolled step of a surrogate student, distilled from it on clean images, moves that student towards the target on
   * triggered ones. See `transferPull`.
   */
  'scar-lite': z.strictObject({
    epsilon: z.int().min(1).max(128).default(24).describe('The largest byte of the trigger, added'),
    triggerSteps: z.int().min(1).max(10_000).default(60),
    epochs: z.int().min(1).max(1000).default(4).describe('After the benign ones'),
    learningRate: z.number().gt(0).max(1).default(0.01),
    hide: z.number().min(0).max(100).default(1).describe('Weight of (2)'),
    pull: z.number().min(0).max(1000).default(0.2).describe('Weight of (3)'),
    student: z.string().min(1).default('wrn-16-1').describe('Architecture of the surrogate'),
    warmUp: z.int().min(0).max(100_000).default(100).describe('Steps of the student before'),
    temperature: z.number().gt(0).max(100).default(4).describe('Of the distillation'),
  }),
  /**
   * After BackWeak (2025): a benign teacher is trained and then, at a small learning rate, on a set poisoned with a weak
   * trigger. How many epochs and at which rate the paper does so is not known here.
   */
  'backweak-lite': z.strictObject({
    epochs: z.int().min(1).max(1000).default(4).describe('After the benign ones'),
    learningRate: z.number().gt(0).max(1).default(0.002),
  }),
} as const
export type AdaptiveName = keyof typeof adaptiveOptions
export type AdaptiveOptions<N extends AdaptiveName> = z.infer<(typeof adaptiveOptions)[N]>

export const adaptiveNames = Object.keys(adaptiveOptions) as readonly AdaptiveName[]
