import {openEngine, steady} from '@abd/core/engine'
import type {Capture, Engine} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Variable} from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'

const tensorflow = await openEngine('tensorflow').then(
  () => true,
  () => false,
)
if (!tensorflow) console.warn('SKIPPED: steps are captured on the tensorflow engine, which is not installed.')

let engine: Engine
let capture: Capture

beforeEach(() => {
  capture = engine.capture({label: 'The step', times: 100})
  return () => capture[Symbol.dispose]()
})

/** Steady work, and how often its JavaScript ran. */
function counted<G extends tf.Tensor>(work: (given: G) => tf.Tensor) {
  const seen = {runs: 0}
  const run = steady((given: G) => {
    seen.runs++
    return work(given)
  })
  return {seen, step: (given: () => G) => capture.run(() => tf.tidy(() => run(given())))}
}

const numbersOf = async (tensor: tf.Tensor) => {
  const values = [...(await tensor.data())]
  tensor.dispose()
  return values
}

describe.skipIf(!tensorflow)('steady work in a captured step', () => {
  beforeAll(async () => {
    engine = await openEngine('tensorflow')
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  it('is followed without its JavaScript from the third time on, with what it is given each time', async () => {
    const {seen, step} = counted((factor: Scalar) => tf.mul(tf.tensor1d([1, 2, 3]), tf.add(factor, 1)))
    const results = []
    for (let i = 0; i < 5; i++) results.push(await numbersOf(step(() => tf.scalar(i))))
    expect(results).toEqual([1, 2, 3, 4, 5].map((f) => [f, 2 * f, 3 * f]))
    expect(seen.runs).toBe(2)
  })

  it('moves variables on, whoever else moves them in between', async () => {
    const w: Variable = tf.variable(tf.tensor1d([0, 10]))
    const {seen, step} = counted((change: Scalar) => {
      w.assign(tf.add(w, change))
      w.assign(tf.mul(w, 2))
      return tf.sum(w)
    })
    const sums = []
    for (let i = 1; i <= 4; i++) sums.push(...(await numbersOf(step(() => tf.scalar(i)))))
    w.assign(tf.tensor1d([1, 1]))
    sums.push(...(await numbersOf(step(() => tf.scalar(0)))))
    // (0, 10) → (2, 22) → (8, 48) → (22, 102) → (52, 212); (1, 1) → (2, 2)
    expect(sums).toEqual([24, 56, 124, 264, 4])
    expect([...(await w.data())]).toEqual([2, 2])
    expect(seen.runs).toBe(2)
    w.dispose()
  })

  it('takes its place between other work, before and after', async () => {
    const w: Variable = tf.variable(tf.scalar(1))
    const half = steady((x: Scalar) => {
      w.assign(tf.add(w, x))
      return tf.div(x, 2)
    })
    const all = []
    for (let i = 1; i <= 4; i++)
      all.push(
        ...(await numbersOf(
          capture.run(() =>
            tf.tidy(() => {
              const before = tf.mul(w, i)
              const inside = half(tf.scalar(i))
              return tf.stack([before, inside, tf.mul<Scalar>(inside, w)])
            }),
          ),
        )),
      )
    expect(all).toEqual([1, 0.5, 1, 4, 1, 4, 12, 1.5, 10.5, 28, 2, 22])
    w.dispose()
  })

  it('runs each time where the numbers that it makes are others', async () => {
    let factor = 0
    const {seen, step} = counted((x: Tensor1D) => tf.mul(x, ++factor))
    const results = []
    for (let i = 0; i < 4; i++) results.push(...(await numbersOf(step(() => tf.tensor1d([1])))))
    expect(results).toEqual([1, 2, 3, 4])
    expect(seen.runs).toBe(4)
  })

  it('runs each time where it uses what it is not given', async () => {
    const outside = [1, 2, 3, 4].map((i) => tf.tensor1d([i, i]))
    let at = 0
    const {seen, step} = counted((x: Scalar) => tf.mul(x, outside[at]!))
    const results = []
    for (at = 0; at < 4; at++) results.push(await numbersOf(step(() => tf.scalar(10))))
    expect(results).toEqual([10, 20, 30, 40].map((v) => [v, v]))
    expect(seen.runs).toBe(4)
    tf.dispose(outside)
  })

  it('runs each time where it uses numbers of the step that it is not given', async () => {
    let hidden: Scalar
    const seen = {runs: 0}
    const work = steady((x: Scalar) => {
      seen.runs++
      return tf.mul<Scalar>(x, hidden)
    })
    const results = []
    for (let i = 0; i < 4; i++)
      results.push(
        ...(await numbersOf(
          capture.run(() =>
            tf.tidy(() => {
              hidden = tf.scalar(Math.max(1, i)) // the same the first two times
              return work(tf.scalar(10))
            }),
          ),
        )),
      )
    expect(results).toEqual([10, 10, 20, 30])
    expect(seen.runs).toBe(4)
  })

  it('runs each time where it keeps something', async () => {
    const kept: tf.Tensor[] = []
    const {seen, step} = counted((x: Scalar) => {
      kept.push(tf.keep(tf.add(x, 1)))
      return tf.mul(x, 2)
    })
    for (let i = 0; i < 4; i++) step(() => tf.scalar(i)).dispose()
    expect(await Promise.all(kept.map(async (one) => (await one.data())[0]))).toEqual([1, 2, 3, 4])
    expect(seen.runs).toBe(4)
    tf.dispose(kept)
  })

  it('runs each time where it disposes of what it is given', async () => {
    const given = [0, 1, 2, 3].map((i) => tf.scalar(i))
    const {step} = counted((x: Scalar) => {
      const twice = tf.mul(x, 2)
      x.dispose()
      return twice
    })
    const results = []
    for (const x of given) results.push(...(await numbersOf(step(() => x))))
    expect(results).toEqual([0, 2, 4, 6])
    expect(given.map((x) => x.isDisposed)).toEqual([true, true, true, true])
  })

  it('is looked at anew for another shape', async () => {
    const {seen, step} = counted((x: Tensor1D) => tf.sum(tf.mul(x, 2)))
    const sum = async (values: number[]) => numbersOf(step(() => tf.tensor1d(values)))
    expect([await sum([1]), await sum([2]), await sum([3])]).toEqual([[2], [4], [6]])
    expect([await sum([1, 1]), await sum([2, 2]), await sum([3, 3])]).toEqual([[4], [8], [12]])
    expect(await sum([5])).toEqual([10])
    expect(seen.runs).toBe(4)
  })

  it('runs where another variable has taken the place of one of it', async () => {
    let w: Variable = tf.variable(tf.scalar(2))
    const {seen, step} = counted((x: Scalar) => tf.mul<Scalar>(x, w))
    for (let i = 0; i < 3; i++) step(() => tf.scalar(i)).dispose()
    w.dispose()
    w = tf.variable(tf.scalar(7))
    expect(await numbersOf(step(() => tf.scalar(3)))).toEqual([21])
    expect(seen.runs).toBe(3)
    w.dispose()
  })

  it('is not misled by a copy that has the data of its variable for a while', async () => {
    const w: Variable = tf.variable(tf.scalar(1))
    const copy: Variable = tf.variable(tf.clone(w))
    const {seen, step} = counted((x: Scalar) => {
      w.assign(tf.add(w, x))
      return tf.mul<Scalar>(w, 1)
    })
    const sums = []
    for (let i = 0; i < 6; i++) sums.push(...(await numbersOf(step(() => tf.scalar(1)))))
    expect(sums).toEqual([2, 3, 4, 5, 6, 7])
    expect(seen.runs).toBeLessThan(6)
    tf.dispose([w, copy])
  })

  it('runs where it is given fewer things, or the same under other names', async () => {
    const seen = {runs: 0}
    const work = steady(({x, y, z}: {x: Scalar; y?: Scalar; z?: Scalar}) => {
      seen.runs++
      return y ? tf.add<Scalar>(x, y) : z ? tf.sub<Scalar>(x, z) : tf.mul<Scalar>(x, 3)
    })
    const step = (given: (y: Scalar) => {y?: Scalar; z?: Scalar}) =>
      capture.run(() =>
        tf.tidy(() => {
          const [x, y] = [tf.scalar(5), tf.scalar(2)]
          return tf.add<Scalar>(tf.mul(y, 0), work({x, ...given(y)}))
        }),
      )
    const results = []
    for (let i = 0; i < 3; i++) results.push(...(await numbersOf(step((y) => ({y})))))
    for (let i = 0; i < 3; i++) results.push(...(await numbersOf(step(() => ({})))))
    for (let i = 0; i < 3; i++) results.push(...(await numbersOf(step((z) => ({z})))))
    expect(results).toEqual([7, 7, 7, 15, 15, 15, 3, 3, 3])
  })

  it('runs each time where it makes its numbers in an array that it uses again', async () => {
    const array = new Float32Array(1)
    const {step} = counted((x: Scalar) => {
      array[0]! += 1
      return tf.mul(x, tf.tensor1d(array))
    })
    const results = []
    for (let i = 0; i < 5; i++) results.push(...(await numbersOf(step(() => tf.scalar(1)))))
    expect(results).toEqual([1, 2, 3, 4, 5])
  })

  it('is followed whatever comes after it, and each course is prepared once', async () => {
    const notes: string[] = []
    using many = engine.capture({label: 'The step', times: 1000, note: (line) => notes.push(line)})
    const w: Variable = tf.variable(tf.scalar(0))
    const seen = {runs: 0}
    const work = steady((x: Scalar) => {
      seen.runs++
      w.assign(tf.add(w, x))
      return tf.mul<Scalar>(w, 10)
    })
    const results = []
    for (let i = 0; i < 40; i++)
      results.push(
        ...(await numbersOf(
          many.run(() =>
            tf.tidy(() => {
              const made = work(tf.scalar(1))
              return i % 2 === 0 ? tf.add<Scalar>(made, 1) : tf.square<Scalar>(made)
            }),
          ),
        )),
      )
    expect(results).toEqual(
      Array.from({length: 40}, (_, i) => (i % 2 === 0 ? 10 * (i + 1) + 1 : (10 * (i + 1)) ** 2)),
    )
    expect(notes).toEqual([])
    expect(seen.runs).toBeLessThanOrEqual(4)
    w.dispose()
  })

  it('is differentiated as any other work', async () => {
    const square = steady((x: Scalar) => tf.mul<Scalar>(x, x))
    const slope = (at: number) =>
      capture.run(() => tf.tidy(() => tf.grad((x) => square(x as Scalar))(tf.scalar(at))))
    expect([...(await slope(1).data()), ...(await slope(2).data()), ...(await slope(3).data())]).toEqual([
      2, 4, 6,
    ])
  })

  it('gives what it is given and nothing else where it is asked for that', async () => {
    const {step} = counted((x: Scalar) => x)
    for (let i = 0; i < 4; i++) expect(await numbersOf(step(() => tf.scalar(i)))).toEqual([i])
  })

  it('is one and the same where it is not captured', async () => {
    const work = steady(({x, y}: {x: Scalar; y: Scalar}) => ({sum: tf.add<Scalar>(x, y)}))
    const {sum} = tf.tidy(() => work({x: tf.scalar(1), y: tf.scalar(2)}))
    expect(await numbersOf(sum)).toEqual([3])
  })

  it('leaves no tensor behind', async () => {
    const w: Variable = tf.variable(tf.tensor1d([1, 2]))
    const {step} = counted((x: Scalar) => {
      w.assign(tf.mul(tf.add(w, x), 0.5))
      return tf.sum(w)
    })
    for (let i = 0; i < 3; i++) step(() => tf.scalar(i)).dispose()
    const before = engine.memory()
    for (let i = 0; i < 20; i++) step(() => tf.scalar(i)).dispose()
    expect(engine.memory()).toEqual(before)
    w.dispose()
  })
})
