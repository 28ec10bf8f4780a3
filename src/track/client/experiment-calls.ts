import {z} from 'zod'
import type {Http} from './http.ts'
import {Experiment, Nothing} from './shapes.ts'
import {TrackingError, isMissing, isThereAlready} from './tracking-error.ts'

const experiments = '/api/2.0/mlflow/experiments'

export const experimentCalls = (http: Http) => {
  const find = async (name: string): Promise<Experiment | undefined> => {
    try {
      const answer = await http.json(
        {method: 'GET', path: `${experiments}/get-by-name`, query: {experiment_name: name}},
        z.object({experiment: Experiment}),
      )
      return answer.experiment
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  return {
    findExperiment: find,
    getExperiment: async (id: string): Promise<Experiment> =>
      (
        await http.json(
          {method: 'GET', path: `${experiments}/get`, query: {experiment_id: id}},
          z.object({experiment: Experiment}),
        )
      ).experiment,
    /** The id of the experiment of that name, made where it is not there. Throws E_TRACKING_DELETED. */
    async ensureExperiment(name: string): Promise<string> {
      const there = await find(name)
      if (there) return idOf(there)
      try {
        const made = await http.json(
          {method: 'POST', path: `${experiments}/create`, json: {name}},
          z.object({experiment_id: z.string()}),
        )
        return made.experiment_id
      } catch (error) {
        // By somebody else meanwhile, or by us, whose answer was lost.
        const again = isThereAlready(error) ? await find(name) : undefined
        if (again) return idOf(again)
        throw error
      }
    },
    setExperimentTag: (id: string, key: string, value: string) =>
      http.json(
        {method: 'POST', path: `${experiments}/set-experiment-tag`, json: {experiment_id: id, key, value}},
        Nothing,
      ),
  }
}

function idOf({experiment_id: id, name, lifecycle_stage: stage}: Experiment): string {
  if (stage === 'active') return id
  throw new TrackingError({
    kind: 'refused',
    code: 'E_TRACKING_DELETED',
    message: `The experiment '${name}' was deleted in MLflow.`,
    hints: [
      `Restore it (mlflow experiments restore -x ${id}), or use another one (MLFLOW_EXPERIMENT_NAME, --experiment).`,
    ],
  })
}
