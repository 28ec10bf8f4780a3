import {environmentError} from '../../errors.ts'
import type {Limits} from '../limits.ts'
import type {ParsedFile} from '../reader.ts'

/** `what`: the pickle, with the file's path. */
export const brokenPickle = (what: string, why: string) =>
  environmentError({
    code: 'E_PICKLE',
    message: `${what} is broken: ${why}.`,
    hints: ['Copy or download it again, and compare its checksum with the source.'],
  })

/** Of a file that is one pickle, with the numbers in it. */
export const pickleTooLong = ({path, bytes}: ParsedFile, {pickleBytes}: Limits) =>
  environmentError({
    code: 'E_LIMIT',
    message: `${path} is a pickle of ${bytes} bytes, of which abd scans ${pickleBytes}; in these is nothing dangerous.`,
    hints: [
      'Where you trust it, load it and save the weights alone: torch.save(model.state_dict(), path), or as safetensors.',
    ],
  })
