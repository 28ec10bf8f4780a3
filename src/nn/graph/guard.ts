import {environmentError} from '../../errors.ts'

/** A gibibyte of float32: more than any classifier of images holds at once. */
const MOST = 2 ** 28

/** Throws E_LIMIT before a tensor of that shape is made. */
export function guard(shape: readonly number[], what: string): void {
  const size = shape.reduce((a, b) => a * b, 1)
  if (size <= MOST) return
  throw environmentError({
    code: 'E_LIMIT',
    message: `The graph of the model makes ${size} numbers at once (${what}, [${shape.join(', ')}]).`,
    hints: ['No classifier of images needs that many; give smaller images with --input, or a smaller model.'],
  })
}
