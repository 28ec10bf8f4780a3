import {environmentError} from '../../errors.ts'
import {iBauVgg} from '../i-bau-vgg.ts'
import {anySize, type Family, type Input} from './family.ts'

export const iBauVggs: Family = {
  // VGG-16 has features.19 too, of 512 channels.
  claims: (tensors) => tensors.get('features.19.weight')?.shape[0] === 128,
  first: 'features.0.weight',
  head: () => 'classifier.weight',
  input: (channels, sizes) => poolingInput(channels, (sizes('classifier.weight', 1) ?? 0) / 128),
  make: ({classes, input}) => iBauVgg({classes, input}),
}

/** After three poolings `pixels` are left, which several image sizes give: 32 x 32 is taken, or 28 x 28 with one channel. */
function poolingInput(channels: number, pixels: number): Input {
  const usual = anySize(channels)
  if (Math.floor(usual[0] / 8) ** 2 === pixels) return usual
  const side = Math.sqrt(pixels) * 8
  throw environmentError({
    code: 'E_ARCHITECTURE_AMBIGUOUS',
    message: `The model is an i-bau-vgg for images ${
      Number.isInteger(side) ? `of ${side} to ${side + 7} pixels a side` : 'that are not square'
    }, and its file does not say of which size.`,
    hints: [`Give it with --input HEIGHTxWIDTHx${channels}`],
  })
}
