import type {Layout} from '@abd/core/nn'

/** How many numbers training changes: what PyTorch's tables call parameters. */
export const parameterCount = ({parameters}: Layout): number =>
  [...parameters.values()]
    .filter(({role}) => !role.startsWith('running'))
    .reduce((total, {shape}) => total + shape.reduce((a, b) => a * b, 1), 0)
