import {describe, expect, it} from 'vitest'
import {defaultLimits} from '../../../src/modelfile/limits.ts'
import {loadPlan} from '../../../src/modelfile/load-plan.ts'
import {noWeightsPlan, plainStorage, type Plan} from '../../../src/modelfile/plan.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {dictOf, pickle, tensor} from './build-pickle.ts'
import {refusal, scratch} from './scratch.ts'

const {read} = scratch()

/** Of a file of 100 bytes, which nobody gets to read. */
const load = (plan: Partial<Plan>) => {
  const file = {
    path: 'model.pt',
    bytes: 100,
    load: async () => {
      throw new Error('read')
    },
  }
  const payload = new Uint8Array(8)
  return loadPlan({...noWeightsPlan([]), ...plan}, {file, others: [], payload}, defaultLimits)
}

const part = (start: number, end: number) => plainStorage({start, end}, 'storage')

// The process that parsed may have been taken over by the file: it may answer anything that the schema lets through.
describe('a plan that is made up', () => {
  it.each([
    ['reaches beyond the file', [part(50, 101)], 'E_FILE_TRUNCATED'],
    ['starts beyond it', [part(2 ** 52, 2 ** 52 + 1)], 'E_FILE_TRUNCATED'],
    ['reaches beyond the payload', [{...part(4, 9), file: -2}], 'E_FILE_TRUNCATED'],
    ['names a file that it does not list', [{...part(0, 1), file: 0}], 'E_FILE_TRUNCATED'],
    [
      'claims the file a million times',
      Array.from({length: 1_000_000}, () => part(0, 100)),
      'E_FILE_OVERLAP',
    ],
    ['unpacks to more than the limit', [{...part(0, 9), deflated: true, bytes: 2 ** 40}], 'E_LIMIT'],
  ])('%s', async (_, storages, code) => {
    expect((await refusal(load({storages}))).code).toBe(code)
  })

  it('puts a tensor into a storage that there is not', async () => {
    const w = {name: 'w', dtype: 'float32' as const, shape: [1], stride: null, storage: 1, offset: 0}

    expect((await refusal(load({tensors: [w], storages: [part(0, 4)]}))).code).toBe('E_PICKLE')
  })
})

describe('weights that the machine cannot hold', () => {
  it('are refused before anything is allocated', async () => {
    const w = tensor({count: 2, size: [2], stride: [1]})
    const file = zip(torchEntries(pickle(dictOf({w})), {0: floats(1, 2)}))

    expect((await refusal(read('model.pt', file, {limits: {loadedBytes: 7}}))).message).toContain(
      'has 8 bytes of weights; there are 7 bytes of memory',
    )
    expect((await read('model.pt', file, {limits: {loadedBytes: 8}})).stateDict.size).toBe(1)
  })
})
