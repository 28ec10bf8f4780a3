/** Pixels up to which as many images as ever go through a network at once: 90 x 90. */
const PIXELS = 8192
const FEWEST = 8

/**
 * How many images of this size a forward pass takes: `most`, and of large ones so many fewer that the activations of a
 * network for photographs (224 x 224: a sixth) take no more memory than those of one for CIFAR.
 */
export const imagesAtOnce = (
  {height, width}: {readonly height: number; readonly width: number},
  most: number,
): number => Math.max(Math.min(FEWEST, most), Math.min(most, Math.floor((most * PIXELS) / (height * width))))
