import type {Illustration} from '@abd/core/audit'
import {encodePng, takeImages} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Probe} from './probe.ts'

/** The probe on the first of some images, with how many of them it moves: `images` says which they are. */
export function illustrateProbe(
  probe: Probe,
  on: Images,
  {share, target, images}: {share: number; target: number; images: string},
): Illustration {
  const one = probe.apply(takeImages(on, 1))
  return {
    kind: 'probe',
    trigger: probe.name,
    caption: `${probe.name}: moves ${(100 * share).toFixed(0)} % of the ${images} into class ${target}`,
    width: one.width,
    height: one.height,
    png: Buffer.from(encodePng(one)).toString('base64'),
  }
}
