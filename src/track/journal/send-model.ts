import {createHash} from 'node:crypto'
import type {MlflowClient} from '../client/mlflow-client.ts'
import {TrackingError, isUnknownCall} from '../client/tracking-error.ts'
import {within} from './folder.ts'
import {UID} from './open-run.ts'
import type {OpenRun} from './open-run.ts'
import type {Operation} from './operations.ts'

type ModelOperation = Extract<Operation, {op: 'model'}>

const TRIES = 8

/**
 * A logged model with its files and an MLmodel, without which the registry's page breaks. On a server that has no logged
 * models (2.x) the same files go to the run's artifacts.
 */
export async function sendModel(
  operation: ModelOperation,
  {
    folder,
    client,
    run,
    sleep,
  }: {
    readonly folder: string
    readonly client: MlflowClient
    readonly run: OpenRun
    readonly sleep: (milliseconds: number) => Promise<unknown>
  },
): Promise<void> {
  const model = await findOrCreate(operation, {client, run, sleep}).catch((error: unknown) => {
    if (isUnknownCall(error)) return undefined
    throw error
  })
  const root = model ? model.artifactUri : run.artifactUri
  const under = model ? '' : `${operation.name}/`
  for (const {path, sha256} of operation.files)
    await client.putArtifact(root, `${under}${path}`, {file: within(folder).blob(sha256)})
  const content = Buffer.from(await mlmodelOf(operation, {runId: run.runId, modelId: model?.id, root}))
  await client.putArtifact(root, `${under}MLmodel`, {content})
  if (!model) return
  await client.finishLoggedModel(model.id, 'LOGGED_MODEL_READY')
  await client.logOutputs(run.runId, [{model_id: model.id, step: operation.step}])
}

async function findOrCreate(
  operation: ModelOperation,
  {client, run, sleep}: Pick<Parameters<typeof sendModel>[1], 'client' | 'run' | 'sleep'>,
): Promise<{id: string; artifactUri: string}> {
  for (let attempt = 0; ; attempt++) {
    const [there] = await client.searchLoggedModels(
      [run.experimentId],
      `tags.\`${UID}\` = '${operation.uid}'`,
    )
    if (there) return {id: there.info.model_id, artifactUri: there.info.artifact_uri}
    try {
      const {info} = await client.createLoggedModel({
        experimentId: run.experimentId,
        name: operation.name,
        type: 'abd',
        runId: run.runId,
        params: operation.params,
        tags: {[UID]: operation.uid},
      })
      return {id: info.model_id, artifactUri: info.artifact_uri}
    } catch (error) {
      if (!(error instanceof TrackingError && error.kind === 'away' && attempt < TRIES)) throw error
      await sleep(Math.min(8000, 250 * 2 ** attempt))
    }
  }
}

/** What `mlflow.models.get_model_info` reads. The flavour is ours: weights are data, and no code is loaded with them. */
async function mlmodelOf(
  {name, params, files, at, uid}: ModelOperation,
  {runId, modelId, root}: {runId: string; modelId: string | undefined; root: string},
): Promise<string> {
  const {stringify} = await import('yaml')
  return stringify({
    artifact_path: modelId === undefined ? name : root,
    flavors: {abd: {weights: files[0]?.path ?? null, ...params}},
    ...(modelId === undefined ? {} : {model_id: modelId}),
    model_uuid: createHash('sha256').update(uid).digest('hex').slice(0, 32),
    run_id: runId,
    utc_time_created: new Date(at).toISOString().replace('T', ' ').replace('Z', '000'),
  })
}
