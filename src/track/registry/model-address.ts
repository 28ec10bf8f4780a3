import {usageError} from '../../errors.ts'
import {checkArtifactPath} from '../client/artifact-path.ts'

/** A model that MLflow has, as MLflow writes it. `path` is a file or folder within it; empty for all of it. */
export type ModelAddress =
  | {readonly kind: 'version'; readonly name: string; readonly version: string; readonly path: string}
  | {readonly kind: 'alias'; readonly name: string; readonly alias: string; readonly path: string}
  | {readonly kind: 'latest'; readonly name: string; readonly path: string}
  | {readonly kind: 'logged'; readonly id: string; readonly path: string}
  | {readonly kind: 'run'; readonly runId: string; readonly path: string}

/**
 * `models:/NAME/VERSION`, `models:/NAME@ALIAS`, `models:/NAME/latest`, `models:/m-ID`, `runs:/RUN/PATH`; undefined for
 * what is no such address, as a file is. Throws E_MODEL_ADDRESS for one that is wrong.
 */
export function parseModelAddress(text: string): ModelAddress | undefined {
  const [, scheme, rest] = /^(models|runs):\/+(.*)$/s.exec(text) ?? []
  if (scheme === undefined || rest === undefined) return undefined
  const parts = rest.replace(/\/+$/, '').split('/')
  const [first = '', second = '', ...others] = parts
  const within = (path: readonly string[]) => (path.length === 0 ? '' : checkArtifactPath(path.join('/')))
  if (scheme === 'runs' && /^[\w-]+$/.test(first))
    return {kind: 'run', runId: first, path: within(parts.slice(1))}
  if (scheme === 'models') {
    const [, name, alias] = /^(.+)@([\w-]+)$/.exec(first) ?? []
    if (name !== undefined && alias !== undefined)
      return {kind: 'alias', name, alias, path: within(parts.slice(1))}
    if (/^m-[0-9a-f]+$/.test(first)) return {kind: 'logged', id: first, path: within(parts.slice(1))}
    if (first !== '' && /^\d+$/.test(second))
      return {kind: 'version', name: first, version: second, path: within(others)}
    if (first !== '' && second === 'latest') return {kind: 'latest', name: first, path: within(others)}
  }
  throw usageError({
    code: 'E_MODEL_ADDRESS',
    message: `${text} is no address of a model in MLflow.`,
    hints: [
      'Known: models:/NAME/VERSION, models:/NAME@ALIAS, models:/NAME/latest, models:/m-ID, runs:/RUN_ID/PATH',
    ],
  })
}
