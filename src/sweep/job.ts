import {z} from 'zod'

/** What one job may take. */
export const JobBudget = z.strictObject({
  /** Null: as long as it takes. */
  seconds: z.number().min(1).nullable(),
  cores: z.int().min(1),
  megabytes: z.int().min(1),
  gpus: z.int().min(0),
})
export type JobBudget = z.infer<typeof JobBudget>

/** One command of a sweep. */
export const Job = z.strictObject({
  /** Hash of the resolved configuration: the same work has the same one, in every sweep. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** For people, and of its folder with the id behind it. */
  name: z.string(),
  /** Its name in the plan. */
  stage: z.string(),
  /** Labels of the parameters that it depends on, by itself or by what it needs. */
  parameters: z.record(z.string(), z.string()),
  /** Null: abd itself. */
  program: z.string().nullable(),
  /** Arguments, with {out} and {NEED} for folders. */
  words: z.array(z.string()),
  /** Ids by their names in the plan. */
  needs: z.record(z.string(), z.string()),
  results: z.record(z.string(), z.string()).nullable(),
  curve: z.string().nullable(),
  /** Files in its folder that others need. */
  outputs: z.array(z.string()),
  resume: z.strictObject({when: z.string(), words: z.array(z.string())}).nullable(),
  budget: JobBudget,
  retries: z.int().min(0),
})
export type Job = z.infer<typeof Job>

export const folderName = ({name, id}: Pick<Job, 'name' | 'id'>): string => `${name}-${id.slice(0, 8)}`
