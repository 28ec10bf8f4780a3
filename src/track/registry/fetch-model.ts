import {createWriteStream} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {cardPaths} from '../../audit/card.ts'
import {environmentError, usageError} from '../../errors.ts'
import type {MlflowClient} from '../client/mlflow-client.ts'
import {TrackingError} from '../client/tracking-error.ts'
import {findVersion} from './find-version.ts'
import type {ModelAddress} from './model-address.ts'

export interface FetchedModel extends AsyncDisposable {
  /** In a folder of its own, which goes when this is disposed of. */
  readonly file: string
  /** What a report calls it: `models:/signs/3/teacher.pt`. */
  readonly label: string
  /** Where a verdict on it belongs. */
  readonly target: {readonly model: string; readonly version: string} | {readonly runId: string} | undefined
}

/** What can be a file of weights. */
const modelLike = /\.(safetensors|pt|pth|onnx|h5|keras|bin|ckpt|pkl)$/i
const MOST_ENTRIES = 2000
const MOST_BYTES = 32e9

/**
 * Downloads the one file of weights that an address leads to, and the model card beside it. Nothing in it is read here,
 * and nothing that a server says leads out of the temporary folder. Throws E_MODEL_CHOICE where there are several
 * files or none, and TrackingError.
 */
export async function fetchModel(address: ModelAddress, client: MlflowClient): Promise<FetchedModel> {
  const {root, name, target} = await locate(address, client)
  const path = await choose({root, within: address.path, name}, client)
  const folder = await mkdtemp(join(tmpdir(), 'abd-model-'))
  const dispose = () => rm(folder, {recursive: true, force: true})
  try {
    const file = join(folder, basename(path))
    await download(client, {root, path, file})
    await fetchCard({root, path, folder}, client)
    return {file, label: `${name}/${path}`, target, [Symbol.asyncDispose]: dispose}
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The first card that there is of those that an audit would look for. */
async function fetchCard(
  {root, path, folder}: {readonly root: string; readonly path: string; readonly folder: string},
  client: MlflowClient,
): Promise<void> {
  for (const card of cardPaths(path)) {
    const file = join(folder, basename(card))
    try {
      await download(client, {root, path: card, file})
      return
    } catch (error) {
      if (!(error instanceof TrackingError && error.status !== undefined && error.status < 500)) throw error
      await rm(file, {force: true})
    }
  }
}

interface Located {
  /** Of its artifacts. */
  readonly root: string
  readonly name: string
  readonly target: FetchedModel['target']
}

async function locate(address: ModelAddress, client: MlflowClient): Promise<Located> {
  switch (address.kind) {
    case 'run': {
      const {info} = await client.getRun(address.runId)
      return {root: info.artifact_uri, name: `runs:/${address.runId}`, target: {runId: address.runId}}
    }
    case 'logged': {
      const {info} = await client.getLoggedModel(address.id)
      return {root: info.artifact_uri, name: `models:/${address.id}`, target: undefined}
    }
    case 'version':
    case 'alias':
    case 'latest':
      return ofVersion(await findVersion(address, client), client)
  }
}

/** A version's source is a logged model, a folder of a run, or an address of artifacts. */
async function ofVersion(
  {name, version, source}: {name: string; version: string; source: string},
  client: MlflowClient,
): Promise<Located> {
  const base = {name: `models:/${name}/${version}`, target: {model: name, version}}
  const [, id] = /^models:\/(m-[\w]+)$/.exec(source) ?? []
  if (id !== undefined) return {...base, root: (await client.getLoggedModel(id)).info.artifact_uri}
  const [, runId, path = ''] = /^runs:\/([\w-]+)\/?(.*)$/.exec(source) ?? []
  if (runId !== undefined) {
    const {info} = await client.getRun(runId)
    return {...base, root: path === '' ? info.artifact_uri : `${info.artifact_uri}/${path}`}
  }
  return {...base, root: source}
}

async function choose(
  {root, within, name}: {root: string; within: string; name: string},
  client: MlflowClient,
): Promise<string> {
  const found: string[] = []
  let seen = 0
  const visit = async (folder: string): Promise<void> => {
    for (const {path, isFolder} of await client.listArtifacts(root, folder)) {
      if (++seen > MOST_ENTRIES) throw tooMany(name)
      if (isFolder) await visit(path)
      else if (modelLike.test(path)) found.push(path)
    }
  }
  // A path that is a file lists nothing, or itself, by the server's store.
  if (modelLike.test(within)) return within
  await visit(within)
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return only
  throw usageError({
    code: 'E_MODEL_CHOICE',
    message:
      only === undefined
        ? `${name}${within && `/${within}`} holds no file of weights.`
        : `${name} holds ${found.length} files of weights: ${found.slice(0, 8).join(', ')}.`,
    hints: [
      only === undefined ? 'Name the file, as in runs:/RUN_ID/model/weights.pt' : `Name one: ${name}/${only}`,
    ],
  })
}

const tooMany = (name: string) =>
  environmentError({
    code: 'E_MODEL_CHOICE',
    message: `${name} holds more than ${MOST_ENTRIES} files.`,
    hints: ['Name the file of weights in it.'],
  })

const download = (
  client: MlflowClient,
  {root, path, file}: {root: string; path: string; file: string},
): Promise<void> =>
  client.getArtifact(root, path, (body) => {
    let bytes = 0
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        done(
          bytes > MOST_BYTES
            ? environmentError({
                code: 'E_TOO_LARGE',
                message: `${path} is larger than ${MOST_BYTES} bytes.`,
                hints: ['It was not kept.'],
              })
            : null,
          chunk,
        )
      },
    })
    return pipeline(body, counted, createWriteStream(file))
  })
