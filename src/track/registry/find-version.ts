import {usageError} from '../../errors.ts'
import type {MlflowClient} from '../client/mlflow-client.ts'
import type {ModelVersion} from '../client/shapes.ts'
import type {ModelAddress} from './model-address.ts'

/** The version that an address names: by its number, by an alias, or the newest. Throws E_MODEL_ADDRESS, TrackingError. */
export async function findVersion(
  address: Extract<ModelAddress, {kind: 'version' | 'alias' | 'latest'}>,
  client: MlflowClient,
): Promise<ModelVersion> {
  if (address.kind === 'version') return client.getModelVersion(address.name, address.version)
  if (address.kind === 'alias') return client.getModelVersionByAlias(address.name, address.alias)
  const versions = await client.searchModelVersions(`name = '${address.name.replaceAll("'", "''")}'`)
  const [newest] = versions.sort((a, b) => Number(b.version) - Number(a.version))
  if (newest) return newest
  throw usageError({
    code: 'E_MODEL_ADDRESS',
    message: `The registry has no version of a model '${address.name}'.`,
    hints: ['Check its name in MLflow.'],
  })
}
