import {cmiVgg, vggDepths, type VggDepth} from '../cmi-vgg.ts'
import {anySize, type Family} from './family.ts'

export const cmiVggs: Family = {
  claims: (tensors) => tensors.get('block0.0.weight')?.shape.length === 4 && tensors.has('block4.0.weight'),
  first: 'block0.0.weight',
  head: () => 'classifier.weight',
  input: anySize,
  make({tensors, classes, input}) {
    const depths = Object.keys(vggDepths).map((depth) => Number(depth) as VggDepth)
    const has = (block: number, convolution: number) => tensors.has(`block${block}.${3 * convolution}.weight`)
    const depth = depths.findLast((known) => vggDepths[known].every((block, i) => has(i, block.length - 1)))
    return cmiVgg({depth: depth ?? 8, classes, input})
  },
}
