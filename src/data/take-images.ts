import type {Images, LabelledImages} from './images.ts'

/** A copy of the first `which` images (all where there are fewer), or of those with these indices, in this order. */
export function takeImages(images: Images, which: number | ArrayLike<number>): Images {
  const {height, width, channels, data} = images
  const size = height * width * channels
  if (typeof which === 'number') {
    const count = Math.min(which, images.count)
    return {count, height, width, channels, data: data.slice(0, count * size)}
  }
  const count = which.length
  const taken = new Uint8Array(count * size)
  for (let i = 0; i < count; i++) {
    const from = indexWithin(which[i]!, images.count) * size
    taken.set(data.subarray(from, from + size), i * size)
  }
  return {count, height, width, channels, data: taken}
}

/** The same, with their labels. */
export function takeLabelled(
  {images, labels}: LabelledImages,
  which: number | ArrayLike<number>,
): LabelledImages {
  return {
    images: takeImages(images, which),
    labels: typeof which === 'number' ? labels.slice(0, which) : Int32Array.from(which, (i) => labels[i]!),
  }
}

/** One set of images after the other. They are of one shape, and there is at least one set. */
export function concatImages(...sets: readonly [Images, ...Images[]]): Images {
  const [{height, width, channels}] = sets
  for (const set of sets)
    if (set.height !== height || set.width !== width || set.channels !== channels)
      throw new RangeError(
        `Images of ${set.height}x${set.width}x${set.channels} among images of ${height}x${width}x${channels}.`,
      )
  const data = new Uint8Array(sets.reduce((bytes, set) => bytes + set.data.length, 0))
  let offset = 0
  for (const set of sets) {
    data.set(set.data, offset)
    offset += set.data.length
  }
  return {count: sets.reduce((count, set) => count + set.count, 0), height, width, channels, data}
}

function indexWithin(index: number, count: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= count)
    throw new RangeError(`Image ${index} of ${count} does not exist.`)
  return index
}
