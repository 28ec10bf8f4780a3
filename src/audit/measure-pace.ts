import type {Images} from '../data/images.ts'
import {architectureByName} from '../nn/architecture-by-name.ts'
import {createModel} from '../nn/create-model.ts'
import {createNetwork} from '../nn/create-network.ts'
import type {Network} from '../nn/model.ts'
import {predict} from '../train/predict.ts'
import type {Random} from '../engine/random.ts'

/** How fast this machine is, right now. */
export interface Pace {
  /** Seconds for `PACE_IMAGES` images through the network that is to be audited. */
  readonly teacher: number
  /** The same through a student of the transfer test, a WRN-16-1 on 32 x 32 x 3: what the costs of plans are known for. */
  readonly student: number
}

export const PACE_IMAGES = 40
const RUNS = 3

/** Best of three, after one that warms up: what else the machine does comes and goes. */
export async function measurePace(
  network: Network,
  {clock, random}: {clock: () => number; random: Random},
): Promise<Pace> {
  const architecture = architectureByName('wrn-16-1', {classes: 10, input: [32, 32, 3]})
  using student = createNetwork(architecture, random)
  return {teacher: await secondsOf(network, clock), student: await secondsOf(student, clock)}
}

async function secondsOf(network: Network, clock: () => number): Promise<number> {
  const [height, width, channels] = network.architecture.input
  const images: Images = {
    count: PACE_IMAGES,
    height,
    width,
    channels,
    data: new Uint8Array(PACE_IMAGES * height * width * channels).fill(128),
  }
  const plain = new Array<number>(channels).fill(0.5)
  const model = createModel(network, {mean: plain, std: plain})
  const timed = async () => {
    const began = clock()
    await predict(model, images)
    return clock() - began
  }
  // Of what takes a second by itself, warming up is a small part.
  const first = await timed()
  if (first >= 1) return first
  let best = first
  for (let i = 0; i < RUNS; i++) best = Math.min(best, await timed())
  return best
}
