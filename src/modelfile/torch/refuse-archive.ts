import {environmentError, type AbdError} from '../../errors.ts'
import type {ArchiveEntry} from '../zip/open-archive.ts'

const refusal = (path: string, what: string, hint: string) =>
  environmentError({
    code: 'E_FORMAT_UNSUPPORTED',
    message: `${path} is ${what}, which this version of abd does not read.`,
    hints: [hint],
  })

/** Zip archives that are no checkpoint, with the way out. */
export function refuseArchive(path: string, entries: readonly ArchiveEntry[], isScript: boolean): AbdError {
  const has = (pattern: RegExp) => entries.some(({name}) => pattern.test(name))
  if (isScript)
    return refusal(
      path,
      'a TorchScript program',
      "Take the weights out of it: torch.save(torch.jit.load('model.pt', map_location='cpu').state_dict(), 'weights.pt').",
    )
  if (has(/^model\.weights\.h5$/) || (has(/^config\.json$/) && has(/^metadata\.json$/)))
    return refusal(
      path,
      'a part of a Keras model (.keras)',
      'Save the whole model with Keras 3: model.save(path).',
    )
  if (has(/\.npy$/))
    return refusal(
      path,
      'a NumPy archive (.npz)',
      'Save the arrays as safetensors: safetensors.numpy.save_file(dict(numpy.load(path)), out).',
    )
  return refusal(path, 'a zip archive without a data.pkl', 'Unpack it and audit the model files in it.')
}
