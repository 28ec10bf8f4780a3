import type {Images} from './images.ts'

/**
 * A trigger is data: on bytes in double precision, x' = trunc(clip(x · keep + add, 0, 255)), with one number of `keep`
 * and `add` for each pixel and channel (row-major, channels last); then, with `rescale`, min–max to [0, 255] over the
 * image. Truncation toward zero is the reference implementation's.
 */
export interface Trigger {
  readonly name: string
  readonly height: number
  readonly width: number
  readonly channels: number
  /** 1: the pixel stays; 0: `add` replaces it; between: it is blended. */
  readonly keep: Float32Array
  /** In bytes, 0 … 255. */
  readonly add: Float32Array
  readonly rescale: boolean
  /** Which training images a poisoner stamps: `dirty` relabels other classes, `clean` only stamps the target's. */
  readonly labels: 'dirty' | 'clean'
}

export type Stamp = (images: Images, trigger: Trigger) => Images
