import {
  anything,
  either,
  number,
  numbers,
  oneOf,
  truth,
  type Accepts,
  type Declared,
} from '../declared-attributes.ts'

/**
 * What each layer's configuration may say (keras.io/api/layers, and TensorFlow.js's), with the values that are computed
 * exactly.
 */

/** How a layer was made or trained; none of it is asked in inference. */
const untold = new Set([
  ...[
    'name',
    'trainable',
    'batch_input_shape',
    'batch_shape',
    'batchInputShape',
    'input_shape',
    'input_dtype',
  ],
  ...['activity_regularizer', 'momentum', 'seed', 'rank', 'dynamic', 'autocast', 'synchronized', 'weights'],
])
export const isUntold = (name: string): boolean =>
  untold.has(name) || /_(initializer|regularizer|constraint)$/.test(name)

const text: Accepts = (value) => typeof value === 'string'
const any: Declared = {
  dtype: oneOf('float16', 'bfloat16', 'float32', 'float64', 'mixed_float16', 'mixed_bfloat16'),
}
const sizes = either(number, numbers({least: 1}))
const layout: Declared = {...any, data_format: oneOf('channels_last')}
const padding: Accepts = (value) =>
  typeof value === 'string' && ['same', 'valid'].includes(value.toLowerCase())
const activated: Declared = {activation: text, use_bias: truth}
const convolution: Declared = {
  ...layout,
  ...activated,
  dilation_rate: sizes,
  groups: number,
  kernel_size: sizes,
  padding,
  strides: sizes,
}
const pooling: Declared = {...layout, padding, pool_size: sizes, strides: sizes}
const overall: Declared = {...layout, keepdims: truth}

/** Nothing in inference, whatever they say. */
const idle = [
  ...['Dropout', 'SpatialDropout2D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'],
  'ActivityRegularization',
]
export const isIdle = (layer: string): boolean => idle.includes(layer)

export const kerasLayerAttributes: Readonly<Record<string, Declared>> = {
  ...Object.fromEntries(idle.map((layer) => [layer, any])),
  InputLayer: {...any, optional: oneOf(false), ragged: oneOf(false), sparse: oneOf(false)},
  Identity: any,
  Conv2D: {...convolution, filters: anything},
  DepthwiseConv2D: {...convolution, depth_multiplier: anything, groups: oneOf(1)},
  SeparableConv2D: {...convolution, depth_multiplier: anything, filters: anything, groups: oneOf(1)},
  Dense: {...any, ...activated, units: anything},
  BatchNormalization: {
    ...any,
    axis: either(number, numbers({count: 1})),
    center: truth,
    epsilon: number,
    renorm: oneOf(false),
    scale: truth,
  },
  Activation: {...any, activation: text},
  ReLU: {...any, max_value: number, negative_slope: number, threshold: number},
  LeakyReLU: {...any, alpha: number, negative_slope: number},
  ELU: {...any, alpha: number},
  Softmax: {...any, axis: either(number, numbers({count: 1}))},
  MaxPooling2D: pooling,
  AveragePooling2D: pooling,
  GlobalAveragePooling2D: overall,
  GlobalMaxPooling2D: overall,
  Flatten: layout,
  Reshape: {...any, target_shape: numbers()},
  ZeroPadding2D: {...layout, padding: either(number, numbers({least: 0}))},
  Rescaling: {...any, offset: either(number, numbers()), scale: either(number, numbers())},
  Add: any,
  Subtract: any,
  Multiply: any,
  Maximum: any,
  Average: any,
  Concatenate: {...any, axis: number},
}
