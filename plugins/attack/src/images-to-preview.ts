import type {Context} from '@abd/core'
import type {Images} from '@abd/core/data'
import {loadSigns, readDataFiles, takeImages} from '@abd/core/data'

/** A few images of `signs`, or of whatever is at a path, chosen by the seed. */
export async function imagesToPreview(dataset: string, count: number, context: Context): Promise<Images> {
  const all =
    dataset === 'signs'
      ? await signs(count, context)
      : (await readDataFiles(dataset, undefined, context)).train.images
  return takeImages(all, context.random.fork('preview').permutation(all.count).subarray(0, count))
}

async function signs(count: number, context: Context): Promise<Images> {
  const options = {perClass: Math.ceil(count / 10), testPerClass: 0, seed: context.random.seed}
  return (await loadSigns(options, context)).train.images
}
