import {z} from 'zod'
import {batchesOf} from './batches-of.ts'
import type {Entries} from './batches-of.ts'
import type {Http} from './http.ts'
import {MetricValue, Nothing, Run} from './shapes.ts'

const runs = '/api/2.0/mlflow/runs'

export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'

export interface DatasetInput {
  readonly name: string
  /** At most 36 characters. */
  readonly digest: string
  readonly sourceType: string
  /** JSON, as the source type has it. */
  readonly source: string
  readonly schema?: string | undefined
  readonly profile?: string | undefined
  /** What it was for: `training`, `eval`. */
  readonly context: string
}

const Metric = z.object({
  key: z.string(),
  value: MetricValue,
  step: z.coerce.number().default(0),
  timestamp: z.coerce.number(),
})

const tagsOf = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => ({key, value}))

export const runCalls = (http: Http) => ({
  /** Not repeated after an answer is lost: look for one of its tags before another try (`searchRuns`). */
  createRun: async ({
    experimentId,
    name,
    startTime,
    tags,
  }: {
    readonly experimentId: string
    readonly name: string
    readonly startTime: number
    readonly tags: Readonly<Record<string, string>>
  }): Promise<Run> =>
    (
      await http.json(
        {
          method: 'POST',
          path: `${runs}/create`,
          json: {experiment_id: experimentId, run_name: name, start_time: startTime, tags: tagsOf(tags)},
          once: true,
        },
        z.object({run: Run}),
      )
    ).run,
  getRun: async (id: string): Promise<Run> =>
    (await http.json({method: 'GET', path: `${runs}/get`, query: {run_id: id}}, z.object({run: Run}))).run,
  /** All that match, page by page. */
  async searchRuns(experimentIds: readonly string[], filter: string): Promise<Run[]> {
    const found: Run[] = []
    for (let token: string | undefined; ;) {
      const page = await http.json(
        {
          method: 'POST',
          path: `${runs}/search`,
          json: {experiment_ids: experimentIds, filter, max_results: 1000, page_token: token},
        },
        z.object({runs: z.array(Run).default([]), next_page_token: z.string().optional()}),
      )
      found.push(...page.runs)
      token = page.next_page_token
      if (!token) return found
    }
  },
  /** In as many calls as the server's limits ask for; each may be repeated. */
  async logBatch(runId: string, entries: Entries): Promise<void> {
    for (const {metrics, params, tags} of batchesOf(entries))
      await http.json(
        {method: 'POST', path: `${runs}/log-batch`, json: {run_id: runId, metrics, params, tags}},
        Nothing,
      )
  },
  setTag: (runId: string, key: string, value: string) =>
    http.json({method: 'POST', path: `${runs}/set-tag`, json: {run_id: runId, key, value}}, Nothing),
  updateRun: (
    runId: string,
    {status, endTime, name}: {readonly status?: RunStatus; readonly endTime?: number; readonly name?: string},
  ) =>
    http.json(
      {
        method: 'POST',
        path: `${runs}/update`,
        json: {run_id: runId, status, end_time: endTime, run_name: name},
      },
      Nothing,
    ),
  logInputs: (runId: string, datasets: readonly DatasetInput[]) =>
    http.json(
      {
        method: 'POST',
        path: `${runs}/log-inputs`,
        json: {
          run_id: runId,
          datasets: datasets.map(({name, digest, sourceType, source, schema, profile, context}) => ({
            dataset: {name, digest, source_type: sourceType, source, schema, profile},
            tags: [{key: 'mlflow.data.context', value: context}],
          })),
        },
      },
      Nothing,
    ),
  logOutputs: (runId: string, models: readonly {readonly model_id: string; readonly step: number}[]) =>
    http.json({method: 'POST', path: `${runs}/outputs`, json: {run_id: runId, models}}, Nothing),
  async metricHistory(runId: string, key: string): Promise<z.infer<typeof Metric>[]> {
    const found: z.infer<typeof Metric>[] = []
    for (let token: string | undefined; ;) {
      const page = await http.json(
        {
          method: 'GET',
          path: '/api/2.0/mlflow/metrics/get-history',
          query: {run_id: runId, metric_key: key, max_results: 10_000, page_token: token},
        },
        z.object({metrics: z.array(Metric).default([]), next_page_token: z.string().optional()}),
      )
      found.push(...page.metrics)
      token = page.next_page_token
      if (!token) return found
    }
  },
})
