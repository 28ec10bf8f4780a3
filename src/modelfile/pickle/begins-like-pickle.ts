/** PROTO and a known version. Older pickles have no mark of their own: see `isTextPickle`. */
export const beginsLikePickle = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x80 && bytes[1]! >= 1 && bytes[1]! <= 5
