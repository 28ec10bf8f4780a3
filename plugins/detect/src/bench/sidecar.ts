import {GivenNormalisation} from '@abd/core/audit'
import {z} from 'zod'

const {mean, std} = GivenNormalisation.shape

/** What is known of a model that a benchmark is run on, in `NAME.json` beside it. What else stands there is let be. */
export const Sidecar = z
  .looseObject({
    /** `clean`, or what the attack is called. */
    attack: z.string().min(1).max(100),
    /** The class that the trigger leads to. */
    target: z.int().min(0).nullish(),
    /** Attack success rate on the test images, as a fraction. */
    asr: z.number().min(0).max(1).nullish(),
    /** Was the attack made to be hard to find, by more than a low success rate? */
    adaptive: z.boolean().optional(),
    arch: z.string().max(100).optional(),
    dataset: z.string().max(100).optional(),
    /** Of the input: what the network was trained with, as an audit takes it. */
    mean: mean.optional(),
    std: std.optional(),
  })
  .refine(({mean, std}) => mean?.length === std?.length, {message: 'mean and std go together'})
export type Sidecar = z.infer<typeof Sidecar>

/** How hard a backdoor is to find by the way it was made. */
export const kinds = ['usual', 'low ASR', 'adaptive'] as const
export type Kind = (typeof kinds)[number]

/** Below it triggers count as weak: what an audit asks of a demonstration, too. */
const LOW_ASR = 0.7

/** Null for a clean model. An attack whose success rate is not told is taken for a usual one. */
export function kindOf({attack, asr, adaptive}: Sidecar): Kind | null {
  if (!isPoisoned({attack})) return null
  if (adaptive) return 'adaptive'
  return (asr ?? 1) < LOW_ASR ? 'low ASR' : 'usual'
}

export const isPoisoned = ({attack}: {readonly attack: string}): boolean => attack !== 'clean'
