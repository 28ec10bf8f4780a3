import * as tf from '@tensorflow/tfjs-core'

/**
 * To be called last in the forward pass of a gradient: as the way back passes an operation, what was saved for it and the
 * gradient of its result are let go, where tfjs holds all of them until it has arrived. Inside the forward pass of another
 * gradient it does nothing, since that one comes by the same operations once more.
 */
export function releaseGoingBack(): void {
  const {activeTape, gradientDepth} = tf.engine().state
  if (gradientDepth !== 1) return
  let releaseLast = () => {}
  for (const operation of activeTape) {
    const {gradient, saved = []} = operation
    if (!gradient) continue
    operation.gradient = (cotangents) => {
      releaseLast()
      const spent = new Set(cotangents)
      releaseLast = () => {
        tf.dispose([...saved, ...spent])
      }
      return Object.fromEntries(
        Object.entries(gradient(cotangents)).map(([input, compute]) => [
          input,
          () => {
            const result = compute()
            spent.delete(result) // handed on as it is
            return result
          },
        ]),
      )
    }
  }
}
