import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Variable} from '@tensorflow/tfjs-core'

/** What a synthesis had where its loss was lowest: copies, which later steps leave alone. */
export interface Best<Name extends string> extends Disposable {
  /** The loss and all that is kept with it: what a checkpoint keeps. */
  readonly variables: Readonly<Record<Name | 'loss', Variable>>
  /** From now on any loss is lower. */
  reset(): void
  /** Takes over what comes first, or has a lower loss, without reading it back; no loss is lower than NaN. */
  offer(loss: Scalar, what: Readonly<Record<Name, Tensor>>): void
}

export function createBest<Name extends string>(
  shapes: Readonly<Record<Name, readonly number[]>>,
): Best<Name> {
  const zeros = (shape: readonly number[]) => tf.tidy(() => tf.variable(tf.zeros([...shape]), false))
  const names = Object.keys(shapes) as Name[]
  const loss = zeros([])
  const kept = Object.fromEntries(names.map((name) => [name, zeros(shapes[name])])) as Record<Name, Variable>
  return {
    variables: {...kept, loss},
    reset() {
      tf.tidy(() => {
        loss.assign(tf.scalar(Infinity))
      })
    },
    offer(now, what) {
      tf.tidy(() => {
        const isFirst = tf.equal(loss, Infinity)
        const isBetter = tf.logicalOr(isFirst, tf.less(now, loss))
        const better = tf.cast(isBetter, 'float32')
        for (const name of names) {
          const before = kept[name]
          before.assign(tf.add(tf.mul(what[name], better), tf.mul(before, tf.sub(1, better))))
        }
        loss.assign(tf.where<Tensor>(isBetter, now, loss))
      })
    },
    [Symbol.dispose]: () => tf.dispose([loss, ...Object.values<Variable>(kept)]),
  }
}
