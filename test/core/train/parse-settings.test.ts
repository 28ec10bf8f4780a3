import {parseSettings, resolveOptions, TrainingOptions} from '@abd/core/train'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'

describe('parseSettings', () => {
  test('tells numbers, truth and words apart; the last of several counts', () => {
    expect(
      parseSettings(['epochs=5', 'rate=1e-3', 'flip=true', 'loss=mean', 'source=a=b c', 'epochs=7', 'x=.5']),
    ).toEqual({
      epochs: 7,
      rate: 0.001,
      flip: true,
      loss: 'mean',
      source: 'a=b c',
      x: 0.5,
    })
  })

  test.each(['epochs', '=5', 'epochs=', '5=3', 'a b=1'])('refuses %j', (text) => {
    expect(() => parseSettings([text])).toThrow(expect.objectContaining({code: 'E_SETTING', exit: 2}))
  })

  test('any other value comes back as the word it is', () => {
    fc.assert(
      fc.property(
        fc
          .string({minLength: 1})
          .filter((word) => Number.isNaN(Number(word)) && !['true', 'false'].includes(word)),
        (word) => {
          expect(parseSettings([`name=${word}`])).toEqual({name: word})
        },
      ),
    )
  })
})

describe('resolveOptions', () => {
  test('fills in what was not said', () => {
    expect(resolveOptions(TrainingOptions, {epochs: 3}, 'training')).toMatchObject({epochs: 3, batch: 128})
  })

  test('names the nearest option', () => {
    expect(() => resolveOptions(TrainingOptions, {epoch: 3}, 'training')).toThrow(
      expect.objectContaining({code: 'E_OPTIONS', hints: ["Did you mean 'epochs'?"]}),
    )
  })

  test('says which value is wrong', () => {
    expect(() => resolveOptions(TrainingOptions, {epochs: 0}, 'training')).toThrow(/epochs: /)
  })
})
