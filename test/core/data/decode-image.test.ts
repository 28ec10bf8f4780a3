import {encode} from 'fast-png'
import fc from 'fast-check'
import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {AbdError} from '../../../src/errors.ts'
import {decodeImage} from '../../../src/data/decode-image.ts'

const bytes = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'))

/** Written by Pillow: 2x3 black and white (0 255 0 / 255 255 0), and 2x2 of a palette (red, green / blue, red). */
const oneBit = bytes(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR4nGNwYDgAAAGEAQEKf5BQAAAAAElFTkSuQmCC',
)
const palette = bytes(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACAgMAAAAP2OW3AAAACVBMVEUA/wD/AAAAAP9s7qtnAAAADElEQVR4nGNwYAoAAAEYAJPGkKaWAAAAAElFTkSuQmCC',
)
/** A progressive JPEG, 16x8: the left half (200, 30, 30), the right half (20, 40, 210). */
const progressive = bytes(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wgARCAAIABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAVAQEBAAAAAAAAAAAAAAAAAAAIBv/aAAwDAQACEAMQAAABkMKqg7qEv//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAQUCP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQMBAT8BP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQIBAT8BP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEABj8CP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8hP//aAAwDAQACAAMAAAAQA//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQMBAT8QP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQIBAT8QP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8QP//Z',
)

describe('decodeImage', () => {
  it('unpacks grey of one bit, row by row', () => {
    expect(decodeImage(oneBit, 'a')).toEqual({
      count: 1,
      height: 2,
      width: 3,
      channels: 1,
      data: Uint8Array.of(0, 255, 0, 255, 255, 0),
    })
  })

  it('looks colours up in the palette', () => {
    expect([...decodeImage(palette, 'a').data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 0, 0])
  })

  it('makes 16 bits 8', () => {
    const data = Uint16Array.of(0, 257, 65_535, 128 * 257)

    expect([...decodeImage(encode({width: 2, height: 2, channels: 1, depth: 16, data}), 'a').data]).toEqual([
      0, 1, 255, 128,
    ])
  })

  it('keeps alpha', () => {
    const data = Uint8Array.of(1, 2, 3, 4)

    expect(decodeImage(encode({width: 1, height: 1, channels: 4, data}), 'a')).toMatchObject({
      channels: 4,
      data,
    })
  })

  it('reads progressive JPEG', () => {
    const {height, width, channels, data} = decodeImage(progressive, 'a')
    const near = (at: number, colour: readonly number[]) =>
      colour.forEach((value, k) => expect(Math.abs(data[at + k]! - value)).toBeLessThan(6))

    expect([height, width, channels]).toEqual([8, 16, 3])
    near(0, [200, 30, 30])
    near(15 * 3, [20, 40, 210])
  })

  it.each([
    ['an empty file', new Uint8Array(), 'x.png is empty'],
    ['text', Buffer.from('version https://git-lfs.github.com/spec/v1'), 'x.png is neither PNG, JPEG nor PPM'],
    ['half a PNG', palette.subarray(0, 60), 'x.png cannot be decoded'],
    ['half a JPEG', progressive.subarray(0, 200), 'x.png cannot be decoded'],
    [
      'a PNG with a flipped bit',
      palette.map((byte, i) => (i === 80 ? byte ^ 1 : byte)),
      'x.png cannot be decoded',
    ],
  ])('names the file and says what is wrong with %s', (_, broken, message) => {
    expect(() => decodeImage(broken, 'x.png')).toThrow(
      expect.objectContaining({code: 'E_IMAGE', exit: 4, message: expect.stringContaining(message)}),
    )
  })

  it('does not unpack a picture that claims to be enormous', () => {
    const claim = palette.slice()
    new DataView(claim.buffer).setUint32(16, 2 ** 20)
    new DataView(claim.buffer).setUint32(20, 2 ** 20)

    expect(() => decodeImage(claim, 'bomb.png')).toThrow('bomb.png is too large: 1048576x1048576 pixels')
  })

  it('either decodes or says E_IMAGE, whatever is changed in the file', async () => {
    const photo = await readFile(new URL('../../../src/assets/photos/flower.jpg', import.meta.url))
    const files = [oneBit, palette, progressive, photo.subarray(0, 3000)]
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), {maxLength: 6}),
        (file, changes) => {
          const changed = Uint8Array.from(file)
          for (const [at, value] of changes) changed[at % changed.length] = value
          try {
            const {height, width, channels, data} = decodeImage(changed, 'x')
            expect(data.length).toBe(height * width * channels)
          } catch (error) {
            if (!(error instanceof AbdError)) throw error
            expect(error.code).toBe('E_IMAGE')
          }
        },
      ),
      {numRuns: 200},
    )
  })
})
