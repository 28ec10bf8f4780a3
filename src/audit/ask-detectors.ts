import type {Context} from '../context.ts'
import type {Model} from '../nn/model.ts'
import type {Registry} from '../registry.ts'
import type {Evidence, Observation} from './detector.ts'

/** Runs a registered detector with these options; the same question is answered once. */
export type AskDetector = (name: string, options?: Readonly<Record<string, unknown>>) => Promise<Observation>

/**
 * Detectors of one model: each has random numbers of its own, by its name, so that none depends on which others run or in
 * what order. A detector may ask others (`Evidence.ask`), which run then or have run before.
 */
export function askDetectors(
  model: Model,
  evidence: Evidence,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): AskDetector {
  const asked = new Map<string, Promise<Observation>>()
  const ask: AskDetector = (name, options = {}) => {
    const key = JSON.stringify([name, options])
    const own = {...context, random: context.random.fork(name)}
    const answer =
      asked.get(key) ??
      registry.create('detector', name, options, own).inspect(model, {...evidence, ask}, own)
    asked.set(key, answer)
    return answer
  }
  return ask
}
