import {createRandom} from '@abd/core/engine'
import {encodeNpy} from '@abd/core/data'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {orderOf, parseOrder} from '../../../plugins/attack/src/training-order.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-order-'))
})
afterAll(() => rm(folder, {recursive: true}))

const stored = async (name: string, ...indices: readonly number[]) => {
  const path = join(folder, name)
  await writeFile(path, Buffer.concat(encodeNpy([indices.length], Int32Array.from(indices))))
  return path
}

describe('the order of a training set', () => {
  const byClass = Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2)

  it('is shuffled by the seed where the images come class by class', () => {
    const order = orderOf('auto', byClass, createRandom(7))!

    expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect([...order]).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(orderOf('auto', byClass, createRandom(7))).toEqual(order)
    expect(orderOf('auto', byClass, createRandom(8))).not.toEqual(order)
  })

  it('stays where classes are mixed, or where it is asked for', () => {
    expect(orderOf('auto', Int32Array.of(0, 1, 0, 1), createRandom(7))).toBeUndefined()
    expect(orderOf('given', byClass, createRandom(7))).toBeUndefined()
    expect(orderOf('shuffled', Int32Array.of(0, 1, 0, 1), createRandom(7))).toHaveLength(4)
  })

  it('may be a stored permutation', async () => {
    const order = await parseOrder(await stored('order.npy', 2, 0, 1))

    expect(orderOf(order, Int32Array.of(5, 6, 7), createRandom(0))).toEqual(Int32Array.of(2, 0, 1))
    expect(() => orderOf(order, byClass, createRandom(0))).toThrow(
      expect.objectContaining({
        code: 'E_ORDER',
        message: expect.stringContaining('orders 3 images, but the training set has 8') as string,
      }),
    )
  })

  it.each([
    ['names an image twice', [0, 1, 1]],
    ['leaves one out', [0, 1, 3]],
    ['counts from -1', [-1, 0, 1]],
  ])('that %s is refused', async (_, indices) => {
    const path = await stored('wrong.npy', ...indices)

    await expect(parseOrder(path)).rejects.toMatchObject({code: 'E_ORDER', exit: 2})
  })

  it('that is not known is refused, naming the nearest', async () => {
    await expect(parseOrder('shufled')).rejects.toMatchObject({
      code: 'E_ORDER',
      hints: ["Did you mean 'shuffled'?"],
    })
    await expect(parseOrder('nowhere.npy')).rejects.toMatchObject({code: 'E_PATH'})
  })
})
