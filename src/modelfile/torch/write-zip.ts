import {basename, extname} from 'node:path'
import {encode} from '../dtype.ts'
import {usageError} from '../../errors.ts'
import type {StateDict} from '../state-dict.ts'
import {writeAtomic} from '../../write-atomic.ts'
import {storedArchive} from '../zip/stored-archive.ts'
import {pickleStateDict, storageClasses} from './write-pickle.ts'

const STORAGE_ALIGNMENT = 64

/**
 * Writes a state dict as torch.save does (zip, stored, aligned), atomically; torch.load(path, weights_only=True) reads
 * it. Throws E_TENSOR for dtypes that PyTorch has no storage class for.
 */
export async function writeTorchZip(path: string, stateDict: StateDict): Promise<void> {
  const tensors = [...stateDict].map(([name, tensor], index) => {
    const {dtype, bytes} = encode(name, tensor)
    const storageClass = storageClasses[dtype]
    if (!storageClass)
      throw usageError({
        code: 'E_TENSOR',
        message: `The tensor '${name}' cannot be written to a .pt file: PyTorch has no storage of ${dtype}.`,
        hints: ['Write safetensors.'],
      })
    return {name, key: String(index), storageClass, shape: tensor.shape, bytes}
  })
  // PyTorch takes the archive's name from the first entry, and writes the file's there.
  const root = basename(path, extname(path)) || 'archive'
  const text = (name: string, content: string) => ({name: `${root}/${name}`, bytes: Buffer.from(content)})
  const entries = [
    {name: `${root}/data.pkl`, bytes: pickleStateDict(tensors)},
    text('.format_version', '1'),
    text('.storage_alignment', String(STORAGE_ALIGNMENT)),
    text('byteorder', 'little'),
    ...tensors.map(({key, bytes}) => ({name: `${root}/data/${key}`, bytes})),
    text('version', '3\n'),
  ]
  await writeAtomic(path, storedArchive(entries, STORAGE_ALIGNMENT))
}
