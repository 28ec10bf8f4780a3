import {anything, before, flag, number, numbers, oneOf, type Declared} from '../declared-attributes.ts'

/**
 * The attributes of each operator (https://onnx.ai/onnx/operators), with the values that are computed exactly. Defaults
 * lie with the operators. What changes no output of inference is any value: the momentum of running statistics, the ratio
 * of a dropout, the order of a MaxPool's indices.
 */

/** Before opset 6: which inputs may be written over. */
const consumed = before(6, anything)
const none: Declared = {}
const old: Declared = {consumed_inputs: consumed}

/** Before opset 7 the smaller operand was said to be broadcast; along an axis of choice it is not. */
const binary: Declared = {...old, broadcast: before(7, flag)}

const padding = oneOf('NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID')
const sizes = numbers({count: 2, least: 1})
const window: Declared = {
  auto_pad: padding,
  dilations: sizes,
  kernel_shape: sizes,
  pads: numbers({count: 4, least: 0}),
  strides: sizes,
}

const reduction: Declared = {axes: numbers(), keepdims: flag, noop_with_empty_axes: flag}
const axis: Declared = {axis: number}

export const onnxAttributes: Readonly<Record<string, Declared>> = {
  Identity: none,
  Dropout: {...old, is_test: oneOf(1), ratio: anything, seed: anything},
  Relu: old,
  LeakyRelu: {...old, alpha: number},
  Elu: {...old, alpha: number},
  Selu: {...old, alpha: number, gamma: number},
  PRelu: old,
  Sigmoid: old,
  HardSigmoid: {...old, alpha: number, beta: number},
  HardSwish: none,
  Gelu: {approximate: oneOf('none', 'tanh')},
  Softplus: none,
  Tanh: old,
  Erf: none,
  Exp: old,
  Log: old,
  Sqrt: old,
  Abs: old,
  Neg: old,
  Reciprocal: old,
  Floor: old,
  Ceil: old,
  Clip: {...old, max: before(11, number), min: before(11, number)},
  // To half precision and back only rounds; `round_mode` and `saturate` are for types of eight bits, which are refused.
  Cast: {to: oneOf(1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16), saturate: anything, round_mode: anything},
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Pow: binary,
  Sum: old,
  Max: old,
  Min: old,
  Mod: {fmod: flag},
  Equal: binary,
  Greater: binary,
  Less: binary,
  Not: none,
  Where: none,
  Conv: {...window, group: number},
  MaxPool: {...window, ceil_mode: flag, storage_order: anything},
  AveragePool: {...window, ceil_mode: flag, count_include_pad: flag},
  GlobalAveragePool: none,
  GlobalMaxPool: none,
  BatchNormalization: {
    ...old,
    epsilon: number,
    is_test: oneOf(1),
    momentum: anything,
    spatial: oneOf(1),
    training_mode: oneOf(0),
  },
  Pad: {mode: oneOf('constant', 'reflect'), pads: before(11, numbers()), value: before(11, number)},
  Resize: {
    antialias: oneOf(0),
    coordinate_transformation_mode: oneOf('half_pixel', 'pytorch_half_pixel', 'asymmetric'),
    cubic_coeff_a: anything,
    exclude_outside: oneOf(0),
    extrapolation_value: anything,
    keep_aspect_ratio_policy: oneOf('stretch'),
    mode: oneOf('nearest', 'linear'),
    nearest_mode: oneOf('round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'),
  },
  LRN: {alpha: number, beta: number, bias: number, size: number},
  Reshape: {...old, allowzero: flag, shape: before(5, numbers())},
  Flatten: axis,
  Transpose: {perm: numbers()},
  Concat: axis,
  Unsqueeze: {axes: before(13, numbers())},
  Squeeze: {axes: before(13, numbers())},
  Slice: {axes: before(10, numbers()), ends: before(10, numbers()), starts: before(10, numbers())},
  Gather: axis,
  Split: {axis: number, split: before(13, numbers()), num_outputs: number},
  Expand: none,
  ConstantOfShape: none,
  Shape: {start: number, end: number},
  Size: none,
  Range: none,
  Constant: {value_float: number, value_floats: numbers(), value_int: number, value_ints: numbers()},
  Gemm: {
    alpha: number,
    beta: number,
    broadcast: before(7, flag),
    transA: flag,
    transB: flag,
  },
  MatMul: none,
  ReduceMean: reduction,
  ReduceSum: reduction,
  ReduceMax: reduction,
  ReduceL2: reduction,
  Softmax: axis,
  LogSoftmax: axis,
  LayerNormalization: {axis: number, epsilon: number, stash_type: oneOf(1)},
}
