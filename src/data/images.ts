/** `count` images of `height` x `width` x `channels` bytes, row-major, channels last: 0 black, 255 full. */
export interface Images {
  readonly count: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: Uint8Array
}

export interface LabelledImages {
  readonly images: Images
  /** One class, 0 … classes-1, an image. */
  readonly labels: Int32Array
}

/** How a network wants its input: pixel / 255, minus `mean`, divided by `std`, one number a channel. */
export interface Normalisation {
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

export interface Dataset {
  readonly name: string
  readonly classes: number
  readonly classNames: readonly string[]
  readonly normalisation: Normalisation
  readonly train: LabelledImages
  readonly test: LabelledImages
}
