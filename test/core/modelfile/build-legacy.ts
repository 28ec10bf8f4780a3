import {dictOf, op, pickle} from './build-pickle.ts'

const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex')

export interface LegacyStorage {
  readonly key: string
  readonly bytes: Uint8Array
  /** In items, as the file says it. */
  readonly count: number
}

/** A file as torch.save wrote it before PyTorch 1.6: five pickles, then each storage's count and bytes. */
export const legacy = (object: Uint8Array, storages: readonly LegacyStorage[] = []): Buffer =>
  Buffer.concat([
    magic,
    pickle(op.int(1001)),
    pickle(dictOf({little_endian: op.true})),
    pickle(object),
    pickle(
      storages.length === 0
        ? op.emptyList
        : op.raw(op.emptyList, op.mark, ...storages.map(({key}) => op.text(key)), op.appends),
    ),
    ...storages.flatMap(({count, bytes}) => {
      const head = Buffer.alloc(8)
      head.writeBigInt64LE(BigInt(count))
      return [head, bytes]
    }),
  ])
