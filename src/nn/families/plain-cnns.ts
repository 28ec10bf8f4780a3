import {environmentError} from '../../errors.ts'
import type {StateDict} from '../../modelfile/state-dict.ts'
import {flattenedSize, plainCnn, type PlainConvolution} from '../plain-cnn.ts'
import type {Family, Input} from './family.ts'

interface Layers {
  readonly convolutions: readonly {readonly layer: string; readonly outputs: number; readonly size: number}[]
  readonly linears: readonly {readonly layer: string; readonly inputs: number; readonly outputs: number}[]
}

/** Convolutions with square, odd filters, then linear layers, all with bias, each fitting the one before; else undefined. */
function layersOf(tensors: StateDict): Layers | undefined {
  const weights = [...tensors].filter(([name]) => name.endsWith('.weight'))
  if (tensors.size !== 2 * weights.length) return undefined
  const convolutions: Layers['convolutions'][number][] = []
  const linears: Layers['linears'][number][] = []
  let channels: number | undefined
  for (const [name, {shape}] of weights) {
    const layer = name.slice(0, -'.weight'.length)
    const [outputs = 0, inputs = 0, height = 0, width] = shape
    if (tensors.get(`${layer}.bias`)?.shape[0] !== outputs) return undefined
    if (shape.length === 4) {
      const fits = channels === undefined || channels === inputs
      if (linears.length > 0 || !fits || height !== width || height % 2 === 0) return undefined
      convolutions.push({layer, outputs, size: height})
      channels = outputs
    } else if (shape.length === 2) {
      if (linears.length > 0 && inputs !== channels) return undefined
      linears.push({layer, inputs, outputs})
      channels = outputs
    } else return undefined
  }
  return convolutions.length > 0 && linears.length > 0 ? {convolutions, linears} : undefined
}

/** Where padding and pooling usually are: after every convolution, or not after the last (LeNet-5). */
function placings({convolutions}: Layers): PlainConvolution[][] {
  const last = convolutions.length - 1
  return [true, false].flatMap((padded) =>
    [(_: number) => true, (i: number) => i < last, (i: number) => i % 2 === 1].map((pooled) =>
      convolutions.map((convolution, i) => ({...convolution, padded, pooled: pooled(i)})),
    ),
  )
}

const fits = (layers: Layers, input: Input, placing: readonly PlainConvolution[]): boolean => {
  const [height, width] = flattenedSize(input, placing)
  return height > 0 && width > 0 && height * width * placing.at(-1)!.outputs === layers.linears[0]!.inputs
}

/** Square images, the usual sizes first. */
const sides = [28, 32, 24, 48, 64, 96, 128, 224]

function usualInput(layers: Layers, channels: number): Input | undefined {
  const ordered = channels === 1 ? sides : sides.toSorted((a, b) => Number(b === 32) - Number(a === 32))
  return ordered
    .map((side): Input => [side, side, channels])
    .find((input) => placings(layers).some((placing) => fits(layers, input, placing)))
}

/**
 * LeNets and their like. Neither names nor shapes say where ReLU and pooling are: the first of the usual placings that
 * gives the linear layer its inputs is taken.
 */
export const plainCnns: Family = {
  claims: (tensors) => layersOf(tensors) !== undefined,
  first: (tensors) => `${layersOf(tensors)!.convolutions[0]!.layer}.weight`,
  head: (tensors) => `${layersOf(tensors)!.linears.at(-1)!.layer}.weight`,
  input(channels, _, tensors) {
    const input = usualInput(layersOf(tensors)!, channels)
    if (input) return input
    throw environmentError({
      code: 'E_ARCHITECTURE_AMBIGUOUS',
      message:
        'The model is a chain of convolutions and linear layers, and its file does not say for which size of images.',
      hints: [`Give it with --input HEIGHTxWIDTHx${channels}`],
    })
  },
  make({tensors, classes, input}) {
    const layers = layersOf(tensors)!
    const convolutions = placings(layers).find((placing) => fits(layers, input, placing))
    if (!convolutions)
      throw environmentError({
        code: 'E_ARCHITECTURE_AMBIGUOUS',
        message: `The model is a chain of convolutions and linear layers that does not fit images of ${input.join(' x ')}, wherever padding and pooling usually are.`,
        hints: ['Check --input, or export the model as ONNX, which says it all.'],
      })
    return plainCnn({classes, input, convolutions, linears: layers.linears})
  },
}
