import {openEngine} from '@abd/core/engine'
import type {Capture, Engine} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'

const tensorflow = await openEngine('tensorflow').then(
  () => true,
  () => false,
)
if (!tensorflow) console.warn('SKIPPED: steps are captured on the tensorflow engine, which is not installed.')

let engine: Engine
let capture: Capture
let notes: string[]

beforeEach(() => {
  notes = []
  capture = engine.capture({label: 'The step', times: 100, note: (line) => notes.push(line)})
  return () => capture[Symbol.dispose]()
})

/** Counts what reaches TensorFlow one by one, and what as a graph, once `from()` has been called. */
function counted() {
  const backend = tf.backend() as unknown as {binding: Record<string, (...values: unknown[]) => unknown>}
  const {binding} = backend
  const counts = {operations: 0, graphs: 0}
  const counters: Record<string, keyof typeof counts> = {executeOp: 'operations', runSavedModel: 'graphs'}
  // The binding's own properties cannot be written.
  backend.binding = new Proxy(
    {},
    {
      get: (_, name: string) => {
        const counter = counters[name]
        if (!counter) return binding[name]
        return (...values: unknown[]) => {
          counts[counter]++
          return binding[name]!(...values)
        }
      },
    },
  )
  return {
    counts,
    from: () => Object.assign(counts, {operations: 0, graphs: 0}),
    [Symbol.dispose]() {
      backend.binding = binding
    },
  }
}

describe.skipIf(!tensorflow)('a captured step', () => {
  beforeAll(async () => {
    engine = await openEngine('tensorflow')
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  it('runs as one graph from the second time on, with numbers that are new each time', async () => {
    using seen = counted()
    const x = tf.tensor1d([1, 2, 3])
    const step = (factor: number) =>
      capture.run(() => tf.tidy(() => tf.sum(tf.mul(tf.square(x), tf.scalar(factor)))))
    const [first] = await step(1).data()
    seen.from()

    const values = [await step(2).data(), await step(-0.5).data()].map(([value]) => value)

    expect([first, ...values]).toEqual([14, 28, -7])
    expect(seen.counts).toEqual({operations: 0, graphs: 2})
  })

  it('moves variables on, which stay what they are for everyone else', async () => {
    const w = tf.variable(tf.tensor1d([0, 10]))
    for (let i = 1; i <= 4; i++)
      capture.run(() =>
        tf.tidy(() => {
          w.assign(tf.add(w, i))
        }),
      )
    expect([...(await w.data())]).toEqual([10, 20])
    w.assign(tf.tensor1d([5, 5]))
    capture.run(() =>
      tf.tidy(() => {
        w.assign(tf.add(w, 1))
      }),
    )
    expect([...(await w.data())]).toEqual([6, 6])
  })

  it('may fill an array again once what was made of it has been used', async () => {
    // TensorFlow reads an array where it lies, if that begins at a multiple of 64 bytes: one of these does.
    const buffer = new ArrayBuffer(4096)
    const arrays = Array.from({length: 16}, (_, i) => new Float32Array(buffer, 4 * i, 500))
    const step = (number: number) =>
      capture.run(() =>
        tf.tidy(() => tf.stack(arrays.map((array, i) => tf.mean(tf.tensor1d(array.fill(number + i)))))),
      )
    for (const number of [1, 2, 3])
      expect([...(await step(number).data())]).toEqual(arrays.map((_, i) => number + i))
  })

  it('differentiates', async () => {
    const w = tf.variable(tf.scalar(3))
    const slope = () =>
      capture.run(() => tf.tidy(() => tf.grads((v: tf.Tensor) => tf.mul(tf.square(v), 0.5))([w])[0]!))
    expect([...(await slope().data()), ...(await slope().data())]).toEqual([3, 3])
  })

  it('notices another course at the first operation that differs, and catches up', async () => {
    using seen = counted()
    const x = tf.tensor1d([1, 4])
    const step = (root: boolean) =>
      capture.run(() => tf.tidy(() => (root ? tf.sqrt(tf.add(x, 0)) : tf.exp(tf.mul(tf.add(x, 0), 0)))))
    await step(true).data()

    expect([...(await step(false).data())]).toEqual([1, 1])
    seen.from()
    expect([...(await step(true).data())]).toEqual([1, 2])
    expect([...(await step(false).data())]).toEqual([1, 1])
    expect(seen.counts).toEqual({operations: 0, graphs: 2})
    expect(notes).toEqual([])
  })

  it.each([
    ['another shape', () => tf.tensor1d([1, 2, 3, 4, 5])],
    ['another type', () => tf.tensor1d([1, 2, 3], 'int32')],
  ])('notices %s of what it is given', async (_, other) => {
    const step = (x: tf.Tensor) => capture.run(() => tf.tidy(() => tf.max(tf.add(x, x))))
    await step(tf.tensor1d([1, 2, 3])).data()
    const x = other()

    const result = step(x)

    expect(result.dtype).toBe(x.dtype)
    expect((await result.data())[0]).toBe(2 * x.size)
  })

  it.each([
    ['pieces of a split', (i: number) => tf.split(tf.range(0, 20), [...Array(8).fill(1), 1 + i, 11 - i])],
    [
      'paddings of five axes',
      (i: number) => [
        tf.pad(tf.ones([1, 1, 2, 1, 1]), [
          [0, 0],
          [0, 0],
          [i, 2],
          [0, 0],
          [i, 0],
        ]),
      ],
    ],
  ])('takes other sizes for another course where they are many: %s', async (_, make) => {
    const read = async (made: tf.Tensor[]) =>
      Promise.all(made.map(async (one) => [one.shape, [...(await one.data())]]))
    const step = (i: number) => () => tf.tidy(() => make(i).map((one) => tf.neg(one)))
    for (const i of [0, 1, 2, 0]) expect(await read(capture.run(step(i)))).toEqual(await read(step(i)()))
    expect(notes).toEqual([])
  })

  it.each(['int32', 'bool'] as const)('takes means of %s', async (type) => {
    const values = [1, 0, 1, 1]
    const means = [1, 2, 3].map(() =>
      capture.run(() => tf.tidy(() => tf.mean(tf.reverse(tf.tensor1d(values, type))))),
    )
    expect(await Promise.all(means.map(async (mean) => (await mean.data())[0]))).toEqual([0.75, 0.75, 0.75])
    expect(notes).toEqual([])
  })

  it('takes other sizes for another course', async () => {
    const x = tf.tensor1d([1, 2, 3, 4])
    const shapes = [2, 4, 2].map(
      (rows) => capture.run(() => tf.tidy(() => tf.reshape(tf.neg(x), [rows, -1]))).shape,
    )
    expect(shapes).toEqual([
      [2, 2],
      [4, 1],
      [2, 2],
    ])
  })

  it('stops before its end like any other, where it ended before', async () => {
    const x = tf.scalar(2)
    const step = (whole: boolean) =>
      capture.run(() =>
        tf.tidy(() => {
          const square = tf.square(x)
          return whole ? tf.exp(tf.mul(square, 0)) : square
        }),
      )
    await step(true).data()
    expect((await step(false).data())[0]).toBe(4)
    expect((await step(true).data())[0]).toBe(1)
  })

  it('runs as it is where it reads a result before it is over, and says so once', async () => {
    const x = tf.tensor1d([1, 2])
    const step = () =>
      // eslint-disable-next-line no-restricted-syntax -- what a step must not do
      capture.run(() => tf.tidy(() => (tf.sum(x).dataSync()[0]! > 2 ? tf.mul(x, 10) : tf.mul(x, -1))))
    for (let i = 0; i < 3; i++) expect([...(await step().data())]).toEqual([10, 20])
    expect(notes).toEqual([
      expect.stringMatching(
        /^The step cannot be captured and runs operation by operation: it reads a result before it is over, after 1 of its operations, at capture\.test\.ts:\d+\.$/,
      ),
    ])
  })

  it('runs as it is where what a kernel gives has a size that depends on numbers, and says which', async () => {
    const x = tf.tensor1d([3, 1, 3])
    const step = () => capture.run(() => tf.tidy(() => tf.unique(tf.add(x, 1)).values))
    for (let i = 0; i < 2; i++) expect([...(await step().data())]).toEqual([4, 2])
    expect(notes).toEqual([
      expect.stringMatching(
        /: the shape of what Unique\w* gives depends on numbers, after 1 of its operations, at capture\.test\.ts:\d+\.$/,
      ),
    ])
  })

  it('runs as it is where every time is another, and says so', async () => {
    const x = tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for (let count = 1; count <= 9; count++) {
      const part = capture.run(() => tf.tidy(() => tf.sum(tf.slice(x, [0], [count]))))
      expect((await part.data())[0]).toBe((count * (count + 1)) / 2)
    }
    expect(notes).toEqual([
      expect.stringMatching(
        /: it took 7 different courses in 7 steps; the last left the others after 0 of its operations, at capture\.test\.ts:\d+\.$/,
      ),
    ])
  })

  it('keeps the courses that were of use last, where new ones come now and then', async () => {
    const {binding} = tf.backend() as unknown as {binding: Record<string, () => number>}
    const x = tf.tensor1d(Array.from({length: 12}, (_, i) => i + 1))
    for (let count = 1; count <= 12; count++)
      for (let time = 0; time < 12; time++) {
        const part = capture.run(() => tf.tidy(() => tf.sum(tf.slice(x, [0], [count]))))
        expect((await part.data())[0]).toBe((count * (count + 1)) / 2)
      }
    expect(notes).toEqual([])
    expect(binding['getNumOfSavedModels']!()).toBe(6)
  })

  it('that gives gigabytes, which is computed in stretches, gives what it gives', async () => {
    // 27 times 80 MB are more than the 2 GB of a stretch. What is added up, 1 to 13, comes out at 91.
    const size = 20e6
    const step = (from: number) =>
      capture.run(() =>
        tf.tidy(() => {
          let sum: tf.Tensor = tf.fill([size], from)
          const one = tf.fill([size], 1)
          for (let i = 1; i <= 13; i++) sum = tf.tidy(() => tf.add(sum, tf.mul(one, i)))
          return [tf.min(sum), tf.max(sum)]
        }),
      )
    for (const from of [0, 0.5, -91]) {
      const ends = await Promise.all(step(from).map(async (end) => (await end.data())[0]))
      expect(ends).toEqual([from + 91, from + 91])
    }
    expect(notes).toEqual([])
  })

  it('leaves things as far as the step came where the step throws', async () => {
    const w = tf.variable(tf.scalar(1))
    const step = (fails: boolean) => () =>
      tf.tidy(() => {
        w.assign(tf.mul(w, 2))
        if (fails) throw new Error('in the middle')
        w.assign(tf.add(w, 1))
      })
    capture.run(step(false))
    expect(() => capture.run(step(true))).toThrow('in the middle')
    expect((await w.data())[0]).toBe(6)
    capture.run(step(false))
    expect((await w.data())[0]).toBe(13)
  })

  it('where an operation fails on its numbers throws why, and keeps nothing of that step', async () => {
    const {binding} = tf.backend() as unknown as {binding: Record<string, () => number>}
    const rows = tf.tensor2d([[1], [2], [3]])
    const step = (index: number) => {
      // So many are data, of which a graph knows nothing before it runs.
      const indices = tf.tensor2d(Array<number>(10).fill(index), [10, 1], 'int32')
      return capture.run(() =>
        tf.tidy(() => {
          const found = tf.gatherND(tf.square(rows), indices)
          indices.dispose()
          return tf.sum(found)
        }),
      )
    }
    const native = () => binding['getNumOfTensors']!()
    for (const index of [0, 1]) expect((await step(index).data())[0]).toBe(10 * (index + 1) ** 2)
    const before = native()

    expect(() => step(9)).toThrow(/indices\[\d\] = \[9\] does not index/)
    expect(native()).toBe(before)
    expect((await step(2).data())[0]).toBe(90)
  })

  it('is part of the step it is in', async () => {
    const inner = engine.capture({label: 'Inner', times: 100})
    const step = () =>
      capture.run(() =>
        tf.tidy(() =>
          tf.add(
            inner.run(() => tf.square(tf.scalar(3))),
            1,
          ),
        ),
      )
    expect([...(await step().data()), ...(await step().data())]).toEqual([10, 10])
    inner[Symbol.dispose]()
  })

  it('runs as it is where the temporary folder takes no graph, and says which folder', async () => {
    vi.stubEnv('TMPDIR', join(tmpdir(), 'abd-not-there'))
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    for (const number of [1, 2, 3]) {
      const result = capture.run(() => tf.tidy(() => tf.square(tf.scalar(number))))
      expect((await result.data())[0]).toBe(number ** 2)
    }
    expect(notes).toEqual([
      expect.stringMatching(
        /: its graph cannot be written to the temporary folder \S+abd-not-there \(ENOENT: .+\); TMPDIR names another one\.$/,
      ),
    ])
  })

  it('keeps nothing: no tensor, no file, and after its disposal no graph', async () => {
    const {binding} = tf.backend() as unknown as {binding: Record<string, () => number>}
    const native = () => binding['getNumOfTensors']!()
    // A folder of its own: in the machine's, graphs of other processes come and go.
    const folder = mkdtempSync(join(tmpdir(), 'abd-capture-'))
    vi.stubEnv('TMPDIR', folder)
    onTestFinished(() => {
      vi.unstubAllEnvs()
      rmSync(folder, {recursive: true})
    })
    const x = tf.tensor2d([[1, 2]])
    const step = () => capture.run(() => tf.tidy(() => tf.sum(tf.matMul(x, x, false, true)))).dispose()
    step()
    step()
    const before = {native: native(), tensors: tf.memory().numTensors}
    for (let i = 0; i < 500; i++) step()

    expect({native: native(), tensors: tf.memory().numTensors}).toEqual(before)
    expect(readdirSync(folder)).toEqual([])
    expect(binding['getNumOfSavedModels']!()).toBe(1)
    capture[Symbol.dispose]()
    expect(binding['getNumOfSavedModels']!()).toBe(0)
  })
})

describe.each(['cpu', 'wasm'] as const)('on %s', (name) => {
  it('a step runs as it is', async () => {
    await using engine = await openEngine(name)
    using capture = engine.capture({label: 'The step', times: 100})
    const sum = () => capture.run(() => tf.tidy(() => tf.sum(tf.tensor1d([1, 2]))))
    expect([...(await sum().data()), ...(await sum().data())]).toEqual([3, 3])
  })
})

it.skipIf(!tensorflow).each([
  ['an eager engine captures nothing', {eager: true}, 100],
  ['what is made a few times is not captured', {}, 49],
])('%s', async (_, options, times) => {
  await using engine = await openEngine('tensorflow', options)
  using capture = engine.capture({label: 'The step', times})
  using seen = counted()
  for (let i = 0; i < 3; i++) capture.run(() => tf.tidy(() => tf.square(tf.scalar(2))))
  expect(seen.counts).toEqual({operations: 3, graphs: 0})
})
