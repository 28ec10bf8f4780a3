import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {copyFile, mkdir, readdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {usageError} from '../errors.ts'
import {writeAtomic} from '../write-atomic.ts'
import {checkArtifactPath} from './client/artifact-path.ts'
import {listJournals, readHeader, within} from './journal/folder.ts'
import {UID} from './journal/open-run.ts'
import type {Header, Operation} from './journal/operations.ts'
import {readOperations} from './journal/read-operations.ts'

export interface Exported {
  readonly runs: number
  readonly metrics: number
  readonly artifacts: number
  readonly folder: string
}

/** MLflow's numbers for them in files. */
const STATUS = {RUNNING: 1, FINISHED: 3, FAILED: 4, KILLED: 5} as const
const LOCAL = 4

/**
 * Writes journals as a folder `mlruns`, as MLflow's file store lays it out, for `mlflow migrate-filestore` and
 * `mlflow ui`. Ids are those of the journals, so that the same journals give the same folder. Addresses of artifacts are
 * relative to a server started on it (`--artifacts-destination`), so it can be moved. Throws E_OUT_IN_USE where there
 * is something else already.
 */
export async function exportMlruns(root: string, folder: string): Promise<Exported> {
  const there = existsSync(folder) ? await readdir(folder) : []
  if (there.length > 0 && !there.includes('.abd-export'))
    throw usageError({
      code: 'E_OUT_IN_USE',
      message: `${folder} is not empty, and not of an earlier export.`,
      hints: ['Name a new folder: --mlruns DIR.'],
    })
  await mkdir(join(folder, '.trash'), {recursive: true})
  await writeAtomic(join(folder, '.abd-export'), ['Written by abd track export.\n'])
  const counts = {runs: 0, metrics: 0, artifacts: 0}
  const folders = await listJournals(root)
  const headers = await Promise.all(folders.map(readHeader))
  const experiments = new Map<string, string>([['Default', '0']])
  for (const [i, header] of headers.entries()) {
    const {experimentName: name, startTime} = header
    if (!experiments.has(name)) {
      const id = idOf(name)
      experiments.set(name, id)
      await writeExperiment(folder, {id, name, startTime})
    }
    await exportRun(folders[i]!, header, join(folder, experiments.get(name)!), counts)
    counts.runs++
  }
  await writeExperiment(folder, {id: '0', name: 'Default', startTime: headers[0]?.startTime ?? 0})
  return {...counts, folder}
}

/** Digits only: eighteen of the name's hash. */
const idOf = (name: string): string =>
  (BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 16)}`) % 10n ** 18n)
    .toString()
    .padStart(18, '1')

const writeExperiment = (
  folder: string,
  {id, name, startTime}: {id: string; name: string; startTime: number},
) =>
  writeYaml(join(folder, id, 'meta.yaml'), {
    artifact_location: `mlflow-artifacts:/${id}`,
    creation_time: startTime,
    experiment_id: id,
    last_update_time: startTime,
    lifecycle_stage: 'active',
    name,
  })

async function exportRun(
  journal: string,
  header: Header,
  experiment: string,
  counts: {metrics: number; artifacts: number},
): Promise<void> {
  const id = header.runId ?? header.uid
  const run = join(experiment, id)
  const experimentId = experiment.split(/[\\/]/).at(-1)!
  const metrics = new Map<string, string[]>()
  const params = new Map<string, string>()
  const tags = new Map<string, string>([
    ...Object.entries(header.tags),
    ['mlflow.runName', header.name],
    [UID, header.uid],
    ...(header.parent ? [['mlflow.parentRunId', header.parent.runId ?? header.parent.uid] as const] : []),
  ])
  let end: Extract<Operation, {op: 'end'}> | undefined
  const putFile = async (path: string, sha256: string) => {
    const target = join(run, 'artifacts', checkArtifactPath(path))
    await mkdir(dirname(target), {recursive: true})
    await copyFile(within(journal).blob(sha256), target)
    counts.artifacts++
  }
  if (existsSync(within(journal).operations))
    for await (const {operation} of readOperations(within(journal).operations))
      switch (operation?.op) {
        case 'metrics':
          for (const [key, value] of Object.entries(operation.values)) {
            const words =
              typeof value === 'number' ? String(value) : value.toLowerCase().replace('infinity', 'inf')
            const lines = metrics.get(key) ?? []
            lines.push(`${operation.at} ${words} ${operation.step}\n`)
            metrics.set(key, lines)
            counts.metrics++
          }
          break
        case 'params':
          for (const [key, value] of Object.entries(operation.values))
            if (!params.has(key)) params.set(key, value)
          break
        case 'tags':
          for (const [key, value] of Object.entries(operation.values)) tags.set(key, value)
          break
        case 'artifact':
          await putFile(operation.path, operation.sha256)
          break
        case 'model':
          for (const {path, sha256} of operation.files) await putFile(`${operation.name}/${path}`, sha256)
          break
        case 'input':
          await writeInput(experiment, run, id, operation)
          break
        case 'end':
          end = operation
          break
        case 'verdict':
        case undefined:
      }
  await mkdir(join(run, 'artifacts'), {recursive: true})
  const names = apart([...metrics.keys()])
  for (const [key, lines] of metrics) await writeText(join(run, 'metrics', names.get(key)!), lines.join(''))
  const parameters = apart([...params.keys()])
  for (const [key, value] of params) await writeText(join(run, 'params', parameters.get(key)!), value)
  const labels = apart([...tags.keys()])
  for (const [key, value] of tags) await writeText(join(run, 'tags', labels.get(key)!), value)
  await writeYaml(join(run, 'meta.yaml'), {
    artifact_uri: `mlflow-artifacts:/${experimentId}/${id}/artifacts`,
    deleted_time: null,
    end_time: end?.at ?? null,
    entry_point_name: '',
    experiment_id: experimentId,
    lifecycle_stage: 'active',
    run_id: id,
    run_name: header.name,
    run_uuid: id,
    source_name: header.tags['mlflow.source.name'] ?? '',
    source_type: LOCAL,
    source_version: '',
    start_time: header.startTime,
    status: STATUS[end?.status ?? 'RUNNING'],
    tags: [],
    user_id: header.tags['mlflow.user'] ?? '',
  })
}

/** In files `a` and `a/b` cannot both be: the first is `a_` then. */
function apart(keys: readonly string[]): Map<string, string> {
  const isFolder = (key: string) => keys.some((other) => other.startsWith(`${key}/`))
  return new Map(keys.map((key) => [key, isFolder(key) ? `${key}_` : key]))
}

async function writeInput(
  experiment: string,
  run: string,
  runId: string,
  {name, digest, source, sourceType, profile, context}: Extract<Operation, {op: 'input'}>,
): Promise<void> {
  const dataset = md5(name + digest)
  await writeYaml(join(experiment, 'datasets', dataset, 'meta.yaml'), {
    digest,
    name,
    profile: profile ?? null,
    schema: null,
    source,
    source_type: sourceType,
  })
  await writeYaml(join(run, 'inputs', md5(dataset + runId), 'meta.yaml'), {
    destination_id: dataset,
    destination_type: 'RUN',
    source_id: dataset,
    source_type: 'DATASET',
    tags: {'mlflow.data.context': context},
  })
}

/** MLflow's own naming, no matter of security. */
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), {recursive: true})
  await writeAtomic(path, [text])
}

async function writeYaml(path: string, value: unknown): Promise<void> {
  const {stringify} = await import('yaml')
  await writeText(path, stringify(value))
}
