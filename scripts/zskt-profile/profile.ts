import {z} from 'zod'

const Milliseconds = z.number().min(0)

/** Where the time of one cycle of ZSKT goes, a mean over some: by part, and in each by what was running. */
export const Profile = z.strictObject({
  machine: z.string(),
  cycles: z.int().min(1),
  parts: z.array(
    z.strictObject({
      name: z.string(),
      /** JavaScript: the step's own, following the record, handing over tensors. */
      javascript: Milliseconds,
      /** Of the time in TensorFlow's graph: oneDNN's primitives, and the rest. Where two run at once, each has half. */
      graph: z.record(z.string(), Milliseconds),
    }),
  ),
})
export type Profile = z.infer<typeof Profile>
