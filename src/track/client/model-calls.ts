import {z} from 'zod'
import type {Http} from './http.ts'
import {LoggedModel, Nothing} from './shapes.ts'

const models = '/api/2.0/mlflow/logged-models'

/** Logged models, which MLflow has since 3.0. */
export const modelCalls = (http: Http) => ({
  /** Not repeated after an answer is lost: look for one of its tags before another try. */
  createLoggedModel: async ({
    experimentId,
    name,
    type,
    runId,
    params,
    tags,
  }: {
    readonly experimentId: string
    readonly name: string
    readonly type: string
    readonly runId: string
    readonly params: Readonly<Record<string, string>>
    readonly tags: Readonly<Record<string, string>>
  }): Promise<LoggedModel> => {
    const list = (values: Readonly<Record<string, string>>) =>
      Object.entries(values).map(([key, value]) => ({key, value}))
    const json = {
      experiment_id: experimentId,
      name,
      model_type: type,
      source_run_id: runId,
      params: list(params),
      tags: list(tags),
    }
    return (await http.json({method: 'POST', path: models, json, once: true}, z.object({model: LoggedModel})))
      .model
  },
  getLoggedModel: async (id: string): Promise<LoggedModel> =>
    (
      await http.json(
        {method: 'GET', path: `${models}/${encodeURIComponent(id)}`},
        z.object({model: LoggedModel}),
      )
    ).model,
  searchLoggedModels: async (experimentIds: readonly string[], filter: string): Promise<LoggedModel[]> =>
    (
      await http.json(
        {
          method: 'POST',
          path: `${models}/search`,
          json: {experiment_ids: experimentIds, filter, max_results: 50},
        },
        z.object({models: z.array(LoggedModel).default([])}),
      )
    ).models,
  finishLoggedModel: (id: string, status: 'LOGGED_MODEL_READY' | 'LOGGED_MODEL_UPLOAD_FAILED') =>
    http.json(
      {method: 'PATCH', path: `${models}/${encodeURIComponent(id)}`, json: {model_id: id, status}},
      Nothing,
    ),
})
