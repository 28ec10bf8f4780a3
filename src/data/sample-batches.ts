import type {Images} from './images.ts'
import {concatImages, takeImages} from './take-images.ts'

/** The first so many images of batches 0, 1, …, none of which is empty. */
export async function sampleBatches(
  count: number,
  batchAt: (index: number) => Images | Promise<Images>,
): Promise<Images> {
  const first = await batchAt(0)
  const sets: [Images, ...Images[]] = [first]
  for (let have = first.count; have < count; have += sets.at(-1)!.count) sets.push(await batchAt(sets.length))
  return takeImages(concatImages(...sets), count)
}
