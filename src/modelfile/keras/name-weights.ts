import type {Graph, PlannedTensor} from '../plan.ts'

const order: Readonly<Record<string, readonly string[]>> = {
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  SeparableConv2D: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  DepthwiseConv2D: ['kernel', 'bias'],
}

/** Weights as `layer/kernel`, whatever nesting and suffixes the file's version of Keras has given them. */
export function nameWeights(graph: Graph, tensors: readonly PlannedTensor[]): PlannedTensor[] {
  const layers = new Set(graph.nodes.map(({name}) => name))
  const places = placesOfVersion3(graph)
  return tensors.map((tensor) => {
    const parts = tensor.name.split('/')
    const last = parts.at(-1)!.replace(/:\d+$/, '')
    const version3 = parts.length >= 3 && parts.at(-2) === 'vars' ? places.get(parts[0]!) : undefined
    if (version3) {
      const names = order[version3.op] ?? ['kernel', 'bias']
      const used = version3.op === 'BatchNormalization' ? names.filter((name) => version3.has(name)) : names
      return {...tensor, name: `${version3.name}/${used[Number(last)] ?? last}`}
    }

    return layers.has(parts[0]!) ? {...tensor, name: `${parts[0]}/${last}`} : tensor
  })
}

/** Keras 3 names groups by class: conv2d, conv2d_1, … in the order of the layers. */
function placesOfVersion3(graph: Graph) {
  const counts = new Map<string, number>()
  return new Map(
    graph.nodes.map(({op, name, attributes}) => {
      const snake = op
        .replace(/\W+/g, '')
        .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
        .replace(/([a-z])([A-Z])/g, '$1_$2')
        .toLowerCase()
      const count = counts.get(snake) ?? 0
      counts.set(snake, count + 1)
      const has = (weight: string) =>
        weight === 'gamma'
          ? attributes['scale'] !== false
          : weight === 'beta'
            ? attributes['center'] !== false
            : true
      return [count === 0 ? snake : `${snake}_${count}`, {op, name, has}] as const
    }),
  )
}
