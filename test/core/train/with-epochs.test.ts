import {expect, it} from 'vitest'
import {withEpochs} from '../../../src/train/index.ts'

it('adds the flag to the settings', () => {
  expect(withEpochs(['batch=4'], 3)).toEqual(['batch=4', 'epochs=3'])
  expect(withEpochs(['epochs=4'])).toEqual(['epochs=4'])
})

it('refuses --epochs beside --set epochs', () => {
  expect(() => withEpochs(['epochs=4'], 3)).toThrow(
    expect.objectContaining({
      code: 'E_SETTING',
      message: '--epochs 3 and --set epochs=4 say the same thing twice.',
    }),
  )
})
