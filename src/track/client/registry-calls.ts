import {z} from 'zod'
import type {Http} from './http.ts'
import {ModelVersion, Nothing, Webhook} from './shapes.ts'
import {isThereAlready} from './tracking-error.ts'

const mlflow = '/api/2.0/mlflow'

export const registryCalls = (http: Http) => ({
  ensureRegisteredModel: async (name: string): Promise<void> => {
    try {
      await http.json(
        {method: 'POST', path: `${mlflow}/registered-models/create`, json: {name}, registry: true},
        Nothing,
      )
    } catch (error) {
      if (!isThereAlready(error)) throw error
    }
  },
  /** Not repeated after an answer is lost: look for one of its tags before another try. */
  createModelVersion: async (version: {
    readonly name: string
    readonly source: string
    readonly runId?: string
    readonly tags?: Readonly<Record<string, string>>
    readonly description?: string
  }): Promise<ModelVersion> =>
    (
      await http.json(
        {
          method: 'POST',
          path: `${mlflow}/model-versions/create`,
          json: {
            name: version.name,
            source: version.source,
            run_id: version.runId,
            description: version.description,
            tags: Object.entries(version.tags ?? {}).map(([key, value]) => ({key, value})),
          },
          once: true,
          registry: true,
        },
        z.object({model_version: ModelVersion}),
      )
    ).model_version,
  getModelVersion: async (name: string, version: string): Promise<ModelVersion> =>
    (
      await http.json(
        {method: 'GET', path: `${mlflow}/model-versions/get`, query: {name, version}, registry: true},
        z.object({model_version: ModelVersion}),
      )
    ).model_version,
  getModelVersionByAlias: async (name: string, alias: string): Promise<ModelVersion> =>
    (
      await http.json(
        {method: 'GET', path: `${mlflow}/registered-models/alias`, query: {name, alias}, registry: true},
        z.object({model_version: ModelVersion}),
      )
    ).model_version,
  /** All that match, page by page. */
  async searchModelVersions(filter?: string): Promise<ModelVersion[]> {
    const found: ModelVersion[] = []
    for (let token: string | undefined; ;) {
      const page = await http.json(
        {
          method: 'GET',
          path: `${mlflow}/model-versions/search`,
          query: {filter, max_results: 1000, page_token: token},
          registry: true,
        },
        z.object({model_versions: z.array(ModelVersion).default([]), next_page_token: z.string().optional()}),
      )
      found.push(...page.model_versions)
      token = page.next_page_token
      if (!token) return found
    }
  },
  /** Where a version's files are: `mlflow-artifacts:/…` where the server serves them. */
  getDownloadUri: async (name: string, version: string): Promise<string> =>
    (
      await http.json(
        {
          method: 'GET',
          path: `${mlflow}/model-versions/get-download-uri`,
          query: {name, version},
          registry: true,
        },
        z.object({artifact_uri: z.string()}),
      )
    ).artifact_uri,
  setModelVersionTag: (name: string, version: string, key: string, value: string) =>
    http.json(
      {
        method: 'POST',
        path: `${mlflow}/model-versions/set-tag`,
        json: {name, version, key, value},
        registry: true,
      },
      Nothing,
    ),
  describeModelVersion: (name: string, version: string, description: string) =>
    http.json(
      {
        method: 'PATCH',
        path: `${mlflow}/model-versions/update`,
        json: {name, version, description},
        registry: true,
      },
      Nothing,
    ),
  setAlias: (name: string, alias: string, version: string) =>
    http.json(
      {
        method: 'POST',
        path: `${mlflow}/registered-models/alias`,
        json: {name, alias, version},
        registry: true,
      },
      Nothing,
    ),
  deleteAlias: (name: string, alias: string) =>
    http.json(
      {method: 'DELETE', path: `${mlflow}/registered-models/alias`, json: {name, alias}, registry: true},
      Nothing,
    ),
  listWebhooks: async (): Promise<Webhook[]> =>
    (
      await http.json(
        {method: 'GET', path: `${mlflow}/webhooks`, query: {max_results: 100}, registry: true},
        z.object({webhooks: z.array(Webhook).default([])}),
      )
    ).webhooks,
  /** Calls `url` whenever a model version is made. Not repeated after an answer is lost: look for its name first. */
  createWebhook: async (hook: {
    readonly name: string
    readonly url: string
    readonly secret: string
  }): Promise<Webhook> =>
    (
      await http.json(
        {
          method: 'POST',
          path: `${mlflow}/webhooks`,
          json: {...hook, events: [{entity: 'MODEL_VERSION', action: 'CREATED'}], status: 'ACTIVE'},
          once: true,
          registry: true,
        },
        z.object({webhook: Webhook}),
      )
    ).webhook,
  deleteWebhook: (id: string) =>
    http.json(
      {method: 'DELETE', path: `${mlflow}/webhooks/${encodeURIComponent(id)}`, registry: true},
      Nothing,
    ),
})
