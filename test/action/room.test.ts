import {expect, it} from 'vitest'
import {roomFor} from '../../action/src/audit/room.ts'
import {sideBySide} from '../../action/src/audit/side-by-side.ts'

const GiB = 2 ** 30
const hosted = {cores: 4, memory: 16 * GiB, free: 14 * GiB}
const wasm = {native: false, limit: null}

it.each([
  [5, hosted, wasm, 4],
  [1, hosted, wasm, 1],
  [5, {cores: 2, memory: 8 * GiB, free: 7 * GiB}, wasm, 2],
  // Cores are no use without memory.
  [5, {...hosted, free: 3 * GiB}, wasm, 1],
  [5, {...hosted, free: GiB}, wasm, 1],
  [5, hosted, {native: false, limit: 7 * GiB}, 2],
  // TensorFlow takes all cores itself.
  [5, hosted, {native: true, limit: null}, 1],
])('audits as many models at once as cores and memory allow: %#', (models, machine, engine, atOnce) => {
  expect(roomFor(models, machine, engine).atOnce).toBe(atOnce)
})

it('shares four fifths of the memory, unless a limit is given', () => {
  expect(roomFor(4, hosted, wasm).memoryLimit).toBe(Math.floor((0.8 * 16 * GiB) / 4))
  expect(roomFor(4, hosted, {native: false, limit: GiB}).memoryLimit).toBe(GiB)
})

it('keeps the order of results, and never does more at a time than it may', async () => {
  let now = 0
  let most = 0
  const results = await sideBySide([30, 1, 20, 1, 10], 2, async (milliseconds, i) => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    now--
    return i
  })
  expect({results, most}).toEqual({results: [0, 1, 2, 3, 4], most: 2})
})
