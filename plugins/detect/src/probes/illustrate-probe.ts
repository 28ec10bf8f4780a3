import type {Illustration} from '@abd/core/audit'
import {illustrate} from '@abd/core/audit'
import {sideBySide, takeImages} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Probe} from './probe.ts'

/** The first of some images without and with the probe, and how many of them it moves: `images` says which they are. */
export function illustrateProbe(
  probe: Probe,
  on: Images,
  {share, target, images}: {share: number; target: number; images: string},
): Illustration {
  const plain = takeImages(on, 1)
  const pair = sideBySide(plain, probe.apply(plain))
  return illustrate(pair, {
    kind: 'probe',
    trigger: probe.name,
    caption: `${probe.name}: left without, right with it; moves ${(100 * share).toFixed(0)} % of the ${images} into class ${target}`,
  })
}
