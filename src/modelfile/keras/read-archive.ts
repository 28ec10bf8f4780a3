import {environmentError, type AbdError} from '../../errors.ts'
import {noWeightsPlan} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {brokenZip, type ArchiveEntry} from '../zip/open-archive.ts'
import {readEntry} from '../zip/unpack.ts'

/**
 * Keras 3's archive: config.json, metadata.json and the weights as HDF5. Undefined for an archive that is none. Keras builds
 * what config.json says before it asks for weights, so that is looked at wherever they are, and whatever else is there.
 */
export async function readKeras(
  file: ParsedFile,
  archive: {find(name: string): ArchiveEntry | undefined; readonly pickle: ArchiveEntry | undefined},
  options: ReadOptions,
): Promise<Parsed | undefined> {
  const {find, pickle} = archive
  const [entry, weights] = [find('config.json'), find('model.weights.h5')]
  if (!entry) return undefined
  const isKeras = weights !== undefined && pickle === undefined
  const config = await json(file, entry, options, isKeras)
  if (!isKeras && !isKerasConfig(config)) return undefined
  if (!isKeras) {
    const {inspectConfig} = await import('./inspect-config.ts')
    return {plan: noWeightsPlan(inspectConfig(config, undefined)), refusal: otherWeights(file.path)}
  }
  const about = find('metadata.json')
  const metadata = about && ((await json(file, about, options, true)) as {keras_version?: unknown} | null)
  const said = metadata?.keras_version
  const given = {config, version: typeof said === 'string' ? said : undefined}
  const {checkBytes, parseKeras} = await import('./parse-keras.ts')
  checkBytes(`${file.path}: entry '${weights.name}'`, weights.bytes, options.limits)
  const limits = {...options.limits, pickleBytes: options.limits.structureBytes}
  return parseKeras(file.path, await readEntry(file, weights, limits), options, given)
}

const isKerasConfig = (config: unknown): boolean =>
  typeof config === 'object' && config !== null && 'class_name' in config

async function json(
  file: ParsedFile,
  entry: ArchiveEntry,
  {limits}: ReadOptions,
  isKeras: boolean,
): Promise<unknown> {
  const text = Buffer.from(await readEntry(file, entry, limits)).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    if (isKeras) throw brokenZip(file.path, `its ${entry.name} is not JSON`)
    return undefined
  }
}

const otherWeights = (path: string): AbdError =>
  environmentError({
    code: 'E_FORMAT_UNSUPPORTED',
    message: `${path} is a Keras model (.keras) whose weights are not in model.weights.h5, which abd only scans.`,
    hints: ['Save it again with Keras 3: model.save(path), or convert it to ONNX.'],
  })
