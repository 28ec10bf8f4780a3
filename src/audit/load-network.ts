import type {Context} from '../context.ts'
import type {ModelFile} from '../modelfile/model-file.ts'
import {checkSingleImages} from '../nn/check-single-images.ts'
import {networkOf} from '../nn/graph/graph-architecture.ts'
import type {Network} from '../nn/model.ts'

/** A file's network that answers for each image by itself. Throws what `networkOf` and `checkSingleImages` throw. */
export async function loadNetwork(
  file: ModelFile,
  hints: Parameters<typeof networkOf>[1],
  {random}: Pick<Context, 'random'>,
): Promise<Network> {
  const network = networkOf(file, hints)
  try {
    await checkSingleImages(network, random.fork('single images'))
    return network
  } catch (error) {
    network[Symbol.dispose]()
    throw error
  }
}
