import {AbdError} from '@abd/core'
import {demoSignClasses} from '@abd/core/data'
import {expect, it} from 'vitest'
import {chooseSigns} from '../../../plugins/attack/src/choose-signs.ts'

const request = {dataset: 'signs', targets: [0]}

it('takes the demo’s, all, or those that are named, in their order', () => {
  expect(chooseSigns(request)).toEqual(demoSignClasses)
  expect(chooseSigns({...request, classes: 'all'})).toHaveLength(43)
  expect(chooseSigns({...request, classes: '14, 2,42'})).toEqual([14, 2, 42])
})

it('leaves other datasets alone, whatever the target', () => {
  expect(chooseSigns({...request, dataset: 'photos/', targets: [999]})).toBeUndefined()
})

it.each([
  [{classes: 'a,b'}, 'E_CLASSES', "no traffic sign 'a'"],
  [{classes: '1,43'}, 'E_CLASSES', "no traffic sign '43'"],
  [{classes: '1,-2'}, 'E_CLASSES', "no traffic sign '-2'"],
  [{classes: '1,,2'}, 'E_CLASSES', "no traffic sign ''"],
  [{classes: '1,1e1'}, 'E_CLASSES', "no traffic sign '1e1'"],
  [{classes: '3'}, 'E_CLASSES', 'one sign only'],
  [{classes: '1,2,01'}, 'E_CLASSES', 'a sign twice'],
  [{targets: [3, 10]}, 'E_TARGET', 'make 10 classes, and the target 10 is none'],
  [{classes: '4,5', targets: [2]}, 'E_TARGET', 'make 2 classes'],
  [{dataset: 'photos/', classes: '1,2'}, 'E_CLASSES', 'photos/ are other images'],
  [
    {dataset: 'photos/', perClass: 20},
    'E_OPTIONS',
    '--per-class says how many signs to render, and photos/ are other images',
  ],
])('refuses %o', (change, code, message) => {
  const choose = () => chooseSigns({...request, ...change})

  expect(choose).toThrow(AbdError)
  expect(choose).toThrow(expect.objectContaining({code, message: expect.stringContaining(message) as string}))
})

it('asks for no target where nothing is poisoned', () => {
  expect(chooseSigns({dataset: 'signs', classes: '4,5', targets: []})).toEqual([4, 5])
})
