import {BATCH_NORM_EPSILON} from '@abd/core/nn'
import type {BatchNorm, Filters, Layer} from './layers.ts'
import {spectralNorm} from './spectral-norm.ts'

export interface ChannelBounds {
  readonly layer: string
  /** An upper bound of each channel's Lipschitz constant. */
  readonly bounds: readonly number[]
}

/**
 * For each convolution with a BatchNorm behind it, channel by channel (CLP, Zheng et al., ECCV 2022, equation 7):
 *   σ(W_k) · |γ_k / √(var_k + ε)|,   W_k the filter of channel k as a matrix [inputs, h · w]
 * A BatchNorm belongs to the last convolution before it with as many channels, in the order of the parameters, as in the
 * authors' code. Where a network has none (or they were folded into its filters), the filters stand alone.
 */
export function channelBounds(layers: readonly Layer[]): ChannelBounds[] {
  const paired: ChannelBounds[] = []
  const alone: ChannelBounds[] = []
  let open: Filters | undefined
  for (const layer of layers) {
    if ('filters' in layer) {
      open = layer.filters
      if (layer.filters.shape[3] > 1) alone.push({layer: open.name, bounds: filterNorms(open)})
    } else if (open?.shape[3] === layer.batchNorm.scale.length) {
      paired.push({layer: open.name, bounds: boundsOf(open, layer.batchNorm)})
      open = undefined
    }
  }
  return paired.length > 0 ? paired : alone
}

const boundsOf = (filters: Filters, {scale, variance}: BatchNorm) =>
  filterNorms(filters).map(
    (norm, k) => norm * Math.abs(scale[k]!) * (variance[k]! + BATCH_NORM_EPSILON) ** -0.5,
  )

function filterNorms({shape: [height, width, inputs, outputs], values}: Filters): number[] {
  const area = height * width
  return Array.from({length: outputs}, (_, k) => {
    const matrix = new Float64Array(inputs * area)
    for (let place = 0; place < area; place++)
      for (let i = 0; i < inputs; i++) matrix[i * area + place] = values[(place * inputs + i) * outputs + k]!
    return spectralNorm(matrix, inputs, area)
  })
}
