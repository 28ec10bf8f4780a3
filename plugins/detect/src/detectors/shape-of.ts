import type {ImageShape} from '@abd/core'
import type {Model} from '@abd/core/nn'

export function shapeOf(model: Model): ImageShape {
  const [height, width, channels] = model.network.architecture.input
  return {height, width, channels}
}
