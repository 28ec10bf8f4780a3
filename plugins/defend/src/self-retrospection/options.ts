import {z} from 'zod'

/**
 * The defaults are the reference's sweeps with ZSKT, but for `start`: there it is a stage of its own, after the run. Its
 * CMI and OOD runs have penalty 0 and a target that is not fixed.
 */
export const SelfRetrospectionOptions = z.strictObject({
  start: z.number().min(0).lt(1).default(0.9).describe('Share of the steps after which it sets in'),
  learningRate: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "Of an optimiser of the student's own from then on, down to 0 by a cosine, as in the reference (5e-4); 0: the run's goes on",
    ),
  hypergradient: z
    .boolean()
    .default(true)
    .describe(
      'Follow how the perturbation depends on the student; false: ascend it on the student and unlearn it as it is, by fixed rates (from, rate, penalty, fixedTarget and share are not used)',
    ),
  curvature: z
    .boolean()
    .default(true)
    .describe(
      'Follow L_in’s curvature by four products with its Hessian; false: take it for straight, v = 5 ∂L_out/∂δ, which moves the gradient of a WRN-16-1 by 2.6e-5 of its norm at most (1.3e-4 in the reference) and takes about half of the time',
    ),
  from: z.enum(['teacher', 'student']).default('teacher').describe('Who the perturbation is found on'),
  rounds: z.int().min(1).max(1000).default(10).describe('Steps to find the perturbation in'),
  rate: z.number().positive().max(1000).default(0.1).describe("Of those steps' Adam"),
  noise: z
    .number()
    .min(0)
    .max(1)
    .default(1e-3)
    .describe('Standard deviation it starts with; from 0 nothing but rounding moves it'),
  penalty: z.number().min(0).max(10).default(1e-3).describe('Weight of ‖δ‖² while it is looked for'),
  fixedTarget: z
    .boolean()
    .default(true)
    .describe('Only the perturbed answer moves; false: the clean one moves towards it, too'),
  logsAfter: z
    .boolean()
    .default(false)
    .describe(
      'Evaluate the outer loss again after a step with a hypergradient, for the log, on rows drawn anew: two more updates of the running statistics, as in the reference with ZSKT',
    ),
  share: z.number().min(0).max(1).default(0.02).describe('Of the batch that is perturbed in the outer loss'),
})
export type SelfRetrospectionOptions = z.infer<typeof SelfRetrospectionOptions>
