import {anything, number, numbers, oneOf, truth, type Accepts, type Declared} from '../declared-attributes.ts'

/**
 * The attributes of each operator (tensorflow/core/ops), with the values that are computed exactly. What TensorFlow.js does
 * where TensorFlow would do something else is what counts: it runs these graphs.
 */

/** How numbers are stored, on what they are computed, how many inputs there are; and names that begin with a line. */
const bookkeeping = new Set([
  ...['T', 'U', 'N', 'SrcT', 'Tshape', 'Tidx', 'Tperm', 'Tpaddings', 'Tdim', 'Taxis', 'Tparams', 'Tindices'],
  ...['Index', 'TArgs', 'host_args', 'num_args', 'num_host_args', 'out_type', 'use_cudnn_on_gpu'],
  ...['exponential_avg_factor', 'grad_a', 'grad_b'],
])
export const isBookkeeping = (name: string): boolean => bookkeeping.has(name) || name.startsWith('_')

const none: Declared = {}
const list = (value: Parameters<Accepts>[0]) => (Array.isArray(value) ? value : [])

/** [1, h, w, 1]: neither images nor channels are skipped. */
const inner: Accepts = (value, opset) =>
  numbers({count: 4, least: 1})(value, opset) && list(value)[0] === 1 && list(value)[3] === 1

/** Before and after each axis, of which images and channels have none; empty where nothing is said. */
const explicit: Accepts = (value, opset) =>
  numbers({least: 0})(value, opset) &&
  (list(value).length === 0 ||
    (list(value).length === 8 && [0, 1, 6, 7].every((place) => list(value)[place] === 0)))

const layout: Declared = {data_format: oneOf('NHWC')}
const padded: Declared = {
  ...layout,
  explicit_paddings: explicit,
  padding: oneOf('SAME', 'VALID', 'EXPLICIT'),
  strides: inner,
}
const convolution: Declared = {...padded, dilations: inner}
const fused: Declared = {epsilon: number, fused_ops: anything, leakyrelu_alpha: number}
const pooling: Declared = {...padded, dilations: (value) => list(value).every((n) => n === 1), ksize: inner}
const matrices: Declared = {transpose_a: truth, transpose_b: truth}
const batches: Declared = {adj_x: truth, adj_y: truth}
const normalisation: Declared = {...layout, epsilon: number, is_training: oneOf(false)}
const reduction: Declared = {keep_dims: truth}

export const tensorflowAttributes: Readonly<Record<string, Declared>> = {
  ...Object.fromEntries(
    [
      ...[
        'Identity',
        'StopGradient',
        'Snapshot',
        'Relu',
        'Relu6',
        'Elu',
        'Selu',
        'Prelu',
        'Sigmoid',
        'Softplus',
      ],
      ...['Tanh', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Reciprocal', 'Floor', 'Rsqrt', 'Square', 'Add'],
      ...['AddV2', 'AddN', 'Sub', 'Mul', 'RealDiv', 'FloorDiv', 'Pow', 'Maximum', 'Minimum', 'Pad', 'PadV2'],
      ...['Softmax', 'LogSoftmax', 'Reshape', 'Shape', 'ExpandDims', 'Transpose', 'ConcatV2'],
    ].map((op) => [op, none]),
  ),
  LeakyRelu: {alpha: number},
  BiasAdd: layout,
  Cast: {DstT: anything, Truncate: oneOf(false)},
  Conv2D: convolution,
  _FusedConv2D: {...convolution, ...fused},
  DepthwiseConv2dNative: convolution,
  FusedDepthwiseConv2dNative: {...convolution, ...fused},
  MatMul: matrices,
  _FusedMatMul: {...matrices, ...fused},
  BatchMatMul: batches,
  BatchMatMulV2: batches,
  FusedBatchNorm: normalisation,
  FusedBatchNormV2: normalisation,
  FusedBatchNormV3: normalisation,
  MaxPool: pooling,
  AvgPool: pooling,
  Mean: reduction,
  Sum: reduction,
  Max: reduction,
  MirrorPad: {mode: oneOf('REFLECT', 'SYMMETRIC')},
  Squeeze: {axis: numbers(), squeeze_dims: numbers()},
  GatherV2: {batch_dims: oneOf(0)},
  Split: {num_split: number},
  StridedSlice: {
    begin_mask: number,
    ellipsis_mask: oneOf(0),
    end_mask: number,
    new_axis_mask: oneOf(0),
    shrink_axis_mask: number,
  },
  Pack: {axis: number},
}
