import {convertIndexedToRgb, decode as decodePng, hasPngSignature} from 'fast-png'
import jpeg from 'jpeg-js'
import {AbdError, environmentError} from '../errors.ts'
import {decodePnm} from './decode-pnm.ts'
import type {Images} from './images.ts'

/** Larger pictures are not decoded: 64 million pixels, which a few kilobytes of file can claim to hold. */
const MAX_PIXELS = 64 * 2 ** 20
const MAX_BYTES = 256 * 2 ** 20

/**
 * One PNG, JPEG or binary PPM or PGM, told apart by its first bytes, as it is: grey (1 channel), grey and alpha (2), RGB (3) or RGBA (4);
 * 16 bits become 8, a palette its colours. `name` is for the message.
 * Throws E_IMAGE for anything else, for a broken or truncated file and for one that is too large.
 */
export function decodeImage(bytes: Uint8Array, name: string): Images {
  try {
    if (bytes.length > MAX_BYTES) throw tooLarge(name, `${Math.round(bytes.length / 2 ** 20)} MiB`)
    if (bytes.length > 24 && hasPngSignature(bytes)) return fromPng(bytes, name)
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return fromJpeg(bytes)
    if (bytes[0] === 0x50 && (bytes[1] === 0x35 || bytes[1] === 0x36)) return decodePnm(bytes)
  } catch (error) {
    if (error instanceof AbdError) throw error
    throw environmentError({
      code: 'E_IMAGE',
      message: `${name} cannot be decoded: ${error instanceof Error ? error.message : String(error)}.`,
      hints: ['Is the file whole? Save or download it again.'],
      cause: error,
    })
  }
  throw environmentError({
    code: 'E_IMAGE',
    message: bytes.length === 0 ? `${name} is empty.` : `${name} is neither PNG, JPEG nor PPM.`,
    hints: ['Convert it to PNG or JPEG.'],
  })
}

function fromPng(bytes: Uint8Array, name: string): Images {
  const header = new DataView(bytes.buffer, bytes.byteOffset + 16, 8)
  const [width, height] = [header.getUint32(0), header.getUint32(4)]
  if (width * height > MAX_PIXELS) throw tooLarge(name, `${width}x${height} pixels`)
  const png = decodePng(bytes, {checkCrc: true})
  if (png.palette) {
    const data = convertIndexedToRgb(png)
    return {count: 1, height, width, channels: data.length / (width * height), data}
  }
  return {
    count: 1,
    height,
    width,
    channels: png.channels,
    data: toEightBits(png.data, png.depth, png.width * png.channels),
  }
}

function toEightBits(data: ArrayLike<number>, depth: number, line: number): Uint8Array {
  if (depth === 8) return Uint8Array.from(data)
  if (depth === 16) return Uint8Array.from(data, (value) => Math.round(value / 257))
  // Grey of 1, 2 or 4 bits: packed, each row padded to whole bytes.
  const perByte = 8 / depth
  const stride = Math.ceil(line / perByte)
  const rows = data.length / stride
  const full = 2 ** depth - 1
  const out = new Uint8Array(rows * line)
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < line; x++) {
      const byte = data[y * stride + Math.floor(x / perByte)]!
      const value = (byte >> (8 - depth * ((x % perByte) + 1))) & full
      out[y * line + x] = Math.round((value / full) * 255)
    }
  return out
}

function fromJpeg(bytes: Uint8Array): Images {
  const {width, height, data} = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MAX_PIXELS / 1e6,
    maxMemoryUsageInMB: 1024,
  })
  return {count: 1, height, width, channels: data.length / (width * height), data: Uint8Array.from(data)}
}

const tooLarge = (name: string, size: string) =>
  environmentError({
    code: 'E_IMAGE',
    message: `${name} is too large: ${size}.`,
    hints: [`Scale it down; at most ${MAX_PIXELS / 2 ** 20} million pixels are read.`],
  })
