import {artifactCalls} from './artifact-calls.ts'
import {experimentCalls} from './experiment-calls.ts'
import type {Http, HttpOptions} from './http.ts'
import {openHttp} from './http.ts'
import {modelCalls} from './model-calls.ts'
import {registryCalls} from './registry-calls.ts'
import {runCalls} from './run-calls.ts'
import type {TrackingSettings} from '../settings.ts'

/**
 * MLflow's REST interface, as far as `abd` needs it. Every call checks what comes back by a schema, splits what is too
 * much for one request, repeats itself where that does no harm, and throws TrackingError with no secret in it.
 */
export const mlflowClient = (http: Http) => ({
  settings: http.settings,
  /** As `3.17.2`. */
  version: async (): Promise<string> => (await http.text({method: 'GET', path: '/version'})).trim(),
  ...experimentCalls(http),
  ...runCalls(http),
  ...artifactCalls(http),
  ...modelCalls(http),
  ...registryCalls(http),
  [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
})
export type MlflowClient = ReturnType<typeof mlflowClient>

export const openMlflow = async (
  settings: TrackingSettings,
  options: HttpOptions = {},
): Promise<MlflowClient> => mlflowClient(await openHttp(settings, options))
