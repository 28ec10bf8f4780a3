import type {Initial, ParameterSpec} from './architecture.ts'

/** Parameters of one layer, by name, in state-dict order. */
export type Specification = readonly (readonly [string, ParameterSpec])[]

const zero: Initial = {constant: 0}
const one: Initial = {constant: 1}

interface ConvolutionShape {
  readonly inputs: number
  readonly outputs: number
  readonly size: number
}

/** PyTorch's default for convolutions and linear layers: U(±1/√fan-in), for the bias too. */
const pytorchDefault = (fanIn: number): Initial => ({uniform: 1 / Math.sqrt(fanIn)})

/** A square convolution with a bias, drawn as PyTorch draws it by default. */
export const biasedConvolution = (name: string, {inputs, outputs, size}: ConvolutionShape): Specification => {
  const initial = pytorchDefault(inputs * size * size)
  return [
    [`${name}.weight`, {role: 'convolution', shape: [outputs, inputs, size, size], initial}],
    [`${name}.bias`, {role: 'bias', shape: [outputs], initial}],
  ]
}

/** A square convolution without a bias, drawn from N(0, 2 / (size² · fan)): He et al., 2015. */
export const convolution = (
  name: string,
  {inputs, outputs, size}: ConvolutionShape,
  fan: 'in' | 'out' = 'out',
): Specification => {
  const normal = Math.sqrt(2 / (size * size * (fan === 'out' ? outputs : inputs)))
  return [[`${name}.weight`, {role: 'convolution', shape: [outputs, inputs, size, size], initial: {normal}}]]
}

/** A convolution without a bias, drawn as PyTorch draws it by default. */
export const plainConvolution = (name: string, shape: ConvolutionShape): Specification =>
  biasedConvolution(name, shape).slice(0, 1)

export const batchNorm = (name: string, channels: number): Specification => [
  [`${name}.weight`, {role: 'bn-weight', shape: [channels], initial: one}],
  [`${name}.bias`, {role: 'bn-bias', shape: [channels], initial: zero}],
  [`${name}.running_mean`, {role: 'running-mean', shape: [channels], initial: zero}],
  [`${name}.running_var`, {role: 'running-variance', shape: [channels], initial: one}],
]

interface LinearShape {
  readonly inputs: number
  readonly outputs: number
  readonly flattened?: ParameterSpec['flattened']
  /** Of the bias; PyTorch's default is that of the weight. */
  readonly bias?: Initial
}

/** A linear layer, drawn as PyTorch draws it by default. */
export const linear = (name: string, {inputs, outputs, flattened, bias}: LinearShape): Specification => {
  const initial = pytorchDefault(inputs)
  return [
    [`${name}.weight`, {role: 'linear', shape: [outputs, inputs], initial, ...(flattened && {flattened})}],
    [
      `${name}.bias`,
      {role: 'bias', shape: [outputs], initial: bias ?? initial, ...(flattened?.axis === 0 && {flattened})},
    ],
  ]
}
