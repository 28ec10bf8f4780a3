import type {Illustration} from '@abd/core/audit'
import {illustrate} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {concatImages, takeImages, tileImages} from '@abd/core/data'
import {applyInverted} from './apply-inverted.ts'
import type {InvertedTrigger} from './invert-triggers.ts'

/** Images that are shown before and after. */
const SHOWN = 3

/**
 * A sheet of three rows: the trigger on mid-grey, an image that is not of the class, the same with the trigger on it. `moved` says
 * what the trigger does, as in 'moves 91 % of 180 held-out images into class 4'.
 */
export function illustrateTrigger(
  trigger: InvertedTrigger,
  {
    images,
    before,
    moved,
    name,
    size,
  }: {images: Images; before: Int32Array; moved: string; name: string; size: 'mask' | 'perturbation'},
): Illustration {
  const others = [...before.keys()].filter((i) => before[i] !== trigger.target).slice(0, SHOWN)
  const grey: Images = {...images, count: 1, data: new Uint8Array(trigger.keep.length).fill(128)}
  const rows = Array.from({length: SHOWN}, (_, row) => {
    const plain = takeImages(images, [others[row % others.length] ?? 0])
    return [applyInverted(grey, trigger), plain, applyInverted(plain, trigger)] as const
  })
  const [first, ...rest] = rows.flat()
  const sheet = tileImages(concatImages(first!, ...rest))
  const measure =
    size === 'mask'
      ? `covers ${trigger.size.toFixed(1)} pixels in sum`
      : `has a Euclidean norm of ${trigger.size.toFixed(2)}`
  return illustrate(sheet, {
    kind: 'trigger',
    trigger: name,
    caption: `${name}, inverted from the model: it ${measure} and ${moved}. Left: alone, on grey; then an image before and after. By itself it blocks nothing: clean networks have such triggers, too`,
  })
}
