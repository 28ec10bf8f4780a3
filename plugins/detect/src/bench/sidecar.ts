import {z} from 'zod'

const triple = z.array(z.number()).min(1).max(4)

/** What is known of a model that a benchmark is run on, in `NAME.json` beside it. What else stands there is let be. */
export const Sidecar = z
  .looseObject({
    /** `clean`, or what the attack is called. */
    attack: z.string().min(1).max(100),
    /** The class that the trigger leads to. */
    target: z.int().min(0).nullish(),
    arch: z.string().max(100).optional(),
    dataset: z.string().max(100).optional(),
    /** Of the input: what the network was trained with. */
    mean: triple.optional(),
    std: triple.optional(),
  })
  .refine(({mean, std}) => mean?.length === std?.length, {message: 'mean and std go together'})
export type Sidecar = z.infer<typeof Sidecar>

export const isPoisoned = ({attack}: {readonly attack: string}): boolean => attack !== 'clean'
