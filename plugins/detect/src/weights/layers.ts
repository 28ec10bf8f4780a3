import type {Network} from '@abd/core/nn'

/** A convolution's filters as they are kept: [h, w, inputs, outputs]. */
export interface Filters {
  readonly name: string
  readonly shape: readonly [height: number, width: number, inputs: number, outputs: number]
  readonly values: ArrayLike<number>
}

/** One BatchNorm: a number for every channel. */
export interface BatchNorm {
  readonly name: string
  /** γ, 1 where there is none. */
  readonly scale: ArrayLike<number>
  readonly mean: ArrayLike<number>
  readonly variance: ArrayLike<number>
}

export type Layer = {readonly filters: Filters} | {readonly batchNorm: BatchNorm}

/** A network's convolutions and BatchNorms in the order of its parameters. */
export async function layersOf({architecture, parameters}: Network): Promise<readonly Layer[]> {
  const layers: Layer[] = []
  for (const [name, {role}] of architecture.parameters) {
    const tensor = parameters.get(name)!
    if (role === 'convolution')
      layers.push({
        filters: {name, shape: tensor.shape as unknown as Filters['shape'], values: await tensor.data()},
      })
    if (role !== 'running-mean') continue
    const layer = name.slice(0, -'running_mean'.length)
    const of = async (part: string) => parameters.get(`${layer}${part}`)?.data()
    const mean = await tensor.data()
    const variance = await of('running_var')
    if (!variance) continue
    const scale = (await of('weight')) ?? new Float32Array(mean.length).fill(1)
    layers.push({batchNorm: {name: layer.replace(/\.$/, ''), scale, mean, variance}})
  }
  return layers
}
