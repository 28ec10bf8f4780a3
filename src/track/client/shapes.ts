import {z} from 'zod'

/** What of MLflow's answers is used; ids are text, times milliseconds since 1970. */

const Pair = z.object({key: z.string(), value: z.string().default('')})
const pairs = z
  .array(Pair)
  .default([])
  .transform((list) => Object.fromEntries(list.map(({key, value}) => [key, value])))

/** JSON knows no NaN and no infinity, and the server writes them as words. */
export const MetricValue = z.union([z.number(), z.string().transform(Number)])

export const Experiment = z.object({
  experiment_id: z.string(),
  name: z.string(),
  lifecycle_stage: z.string().default('active'),
  tags: pairs,
})
export type Experiment = z.infer<typeof Experiment>

export const Run = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: z.string(),
    run_name: z.string().default(''),
    status: z.string().default(''),
    start_time: z.coerce.number().optional(),
    end_time: z.coerce.number().optional(),
    artifact_uri: z.string().default(''),
    lifecycle_stage: z.string().default('active'),
  }),
  data: z
    .object({
      metrics: z
        .array(z.object({key: z.string(), value: MetricValue, step: z.coerce.number().default(0)}))
        .default([]),
      params: pairs,
      tags: pairs,
    })
    .prefault({}),
})
export type Run = z.infer<typeof Run>

export const LoggedModel = z.object({
  info: z.object({
    model_id: z.string(),
    experiment_id: z.string(),
    name: z.string().default(''),
    artifact_uri: z.string(),
    status: z.union([z.string(), z.number()]).optional(),
    source_run_id: z.string().optional(),
  }),
})
export type LoggedModel = z.infer<typeof LoggedModel>

export const ModelVersion = z.object({
  name: z.string(),
  version: z.coerce.string(),
  source: z.string().default(''),
  run_id: z.string().default(''),
  description: z.string().default(''),
  creation_timestamp: z.coerce.number().default(0),
  tags: pairs,
  aliases: z.array(z.string()).default([]),
})
export type ModelVersion = z.infer<typeof ModelVersion>

export const Webhook = z.object({
  webhook_id: z.string(),
  name: z.string(),
  url: z.string(),
  status: z.string().optional(),
})
export type Webhook = z.infer<typeof Webhook>

export const Files = z.object({
  files: z
    .array(
      z.object({
        path: z.string(),
        is_dir: z.boolean().default(false),
        file_size: z.coerce.number().optional(),
      }),
    )
    .default([]),
})

export const Nothing = z.unknown()
