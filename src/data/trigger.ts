import type {Images} from './images.ts'

/**
 * A trigger is data: first, where there is a `flow`, each pixel is taken from elsewhere. Then, with one number of `keep` and
 * `add` for each pixel and channel (row-major, channels last), x' = x · keep + add in double precision; then, with `rescale`, min–max to [0, 255] over the image; then clipped to
 * [0, 255] and truncated toward zero, as the reference implementation does.
 */
export interface Trigger {
  readonly name: string
  readonly height: number
  readonly width: number
  readonly channels: number
  /**
   * 1: the pixel stays; 0: `add` replaces it; between: it is blended. Blends need doubles to be exact to the byte:
   * 0.8 as a float32 truncates 0.8 · 5 + 0.2 · 5 to another number.
   */
  readonly keep: Float32Array | Float64Array
  /** In bytes, -255 … 255. */
  readonly add: Float32Array | Float64Array
  readonly rescale: boolean
  /**
   * Where each pixel comes from, in pixels away from it, down and to the right: [height, width, 2], row-major. Between
   * pixels it is interpolated linearly, beyond the edge the edge is repeated.
   */
  readonly flow?: Float64Array | undefined
  /**
   * Of a trigger with a flow: images that are stamped as cover have a flow of their own, up to so many pixels away from
   * it at each pixel and axis, so that the flow and not warping as such is what a network learns (WaNet's noise mode).
   */
  readonly jitter?: number
  /**
   * The same in other measures, as a wave at other frequencies: what a clean network does for it, it does for these. They are
   * among its controls where nobody has named it.
   */
  readonly neighbours?: readonly Trigger[]
  /** Made by those who attack audits: no audit stamps it unasked, and no calibration has seen it. */
  readonly adaptive?: true
  /** Which training images a poisoner stamps: `dirty` relabels other classes, `clean` only stamps the target's. */
  readonly labels: 'dirty' | 'clean'
  /**
   * Path of a .npy of images, one for each of a training set in its own order, which a poisoner stamps in place of the
   * set's: adversarial ones, for a clean-label attack. Null where the attack has such images and none were named.
   * Test images are stamped as they are.
   */
  readonly substitutes?: string | null
}

export type Stamp = (images: Images, trigger: Trigger) => Images
