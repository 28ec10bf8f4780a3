import {describe, expect, it} from 'vitest'
import {contactSheet} from '../../../src/data/contact-sheet.ts'
import {drawText, textWidth} from '../../../src/data/small-font.ts'
import {grey, ramp} from './ramp.ts'

const drawn = (text: string) => {
  const rows = Array.from({length: 8}, () => new Array<string>(textWidth(text)).fill('.'))
  drawText(text, (x, y) => {
    rows[y]![x] = '#'
  })
  return rows.map((row) => row.join(''))
}

describe('the small font', () => {
  it('draws letters, large ones small', () => {
    expect(drawn('T1')).toEqual([
      '.#......#..',
      '.#.....##..',
      '###.....#..',
      '.#......#..',
      '.#......#..',
      '.#..#...#..',
      '..##...###.',
      '...........',
    ])
    expect(drawn('t1')).toEqual(drawn('T1'))
  })

  it('has a shape of its own for every letter, digit and sign, and a question mark for the rest', () => {
    const known = 'abcdefghijklmnopqrstuvwxyz0123456789_-.,:;%()/+=<>?# '
    const shapes = new Set([...known].map((character) => drawn(character).join('\n')))

    expect(shapes.size).toBe(known.length)
    expect(drawn('é')).toEqual(drawn('?'))
  })
})

describe('contactSheet', () => {
  it('shows each pixel as a square, in its place', () => {
    const {width, height, data} = contactSheet({rows: [{caption: '', images: grey([255, 10])}], scale: 2})
    const at = (x: number, y: number) => data[(y * width + x) * 3]

    // A margin of 12 on all sides, 12 for the captions; one image of 4x2 pixels.
    expect([width, height]).toEqual([12 + 12 + 4 + 12, 12 + 2 + 12])
    expect([at(24, 12), at(25, 13), at(26, 12), at(27, 13)]).toEqual([255, 255, 10, 10])
    expect(at(28, 12)).toBe(at(0, 0))
  })

  it('keeps groups of columns apart, and heads over them', () => {
    const images = ramp(4, 8, 8, 3)
    const wide = contactSheet({rows: [{caption: 'a', images}], heads: ['x', 'y'], group: 2, scale: 1})
    const even = contactSheet({rows: [{caption: 'a', images}], scale: 1})

    // One gap of 16 in place of one of 4 … 3 gaps: 4 + 16 + 4 against 16 + 16 + 16.
    expect(even.width - wide.width).toBe(3 * 16 - (4 + 16 + 4))
    // A line of 8 pixels, twice as large, and a gap of 4.
    expect(wide.height - even.height).toBe(20)
  })
})
