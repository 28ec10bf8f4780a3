import type {Images} from './images.ts'

/**
 * A binary PGM (P5, grey) or PPM (P6, RGB) of one byte a sample, the form of GTSRB's pictures; other maxima than 255 are
 * scaled to it. Throws Error where it is none, where it is cut off and where a sample takes two bytes.
 */
export function decodePnm(bytes: Uint8Array): Images {
  const {tokens, start} = headerOf(bytes)
  const [magic, ...numbers] = tokens
  const [width, height, maximum] = numbers.map(Number) as [number, number, number]
  if (numbers.some((token) => !/^\d{1,9}$/.test(token)) || width * height === 0 || maximum === 0)
    throw new Error('it begins with no size')
  if (maximum > 255) throw new Error(`its samples go up to ${maximum}, not 255`)
  const channels = magic === 'P6' ? 3 : 1
  const wanted = width * height * channels
  if (bytes.length - start < wanted)
    throw new Error(`it should hold ${wanted} samples, but holds ${bytes.length - start}`)
  const samples = bytes.subarray(start, start + wanted)
  return {
    count: 1,
    height,
    width,
    channels,
    data: Uint8Array.from(samples, (value) => Math.min(255, Math.round((value * 255) / maximum))),
  }
}

/** Four words between white space and comments, then one byte of white space. */
function headerOf(bytes: Uint8Array): {readonly tokens: readonly string[]; readonly start: number} {
  const tokens: string[] = []
  let at = 0
  const isSpace = () => at < bytes.length && /\s/.test(String.fromCharCode(bytes[at]!))
  const isComment = () => bytes[at] === 0x23
  while (tokens.length < 4 && at < bytes.length) {
    if (isComment()) while (at < bytes.length && bytes[at] !== 0x0a) at++
    else if (isSpace()) at++
    else {
      const from = at
      while (at < bytes.length && !isSpace() && !isComment()) at++
      tokens.push(String.fromCharCode(...bytes.subarray(from, Math.min(at, from + 32))))
    }
  }
  if (tokens.length < 4) throw new Error('it is cut off')
  return {tokens, start: at + 1}
}
