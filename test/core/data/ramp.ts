import type {Images} from '../../../src/data/images.ts'

/** `count` images whose bytes count up from 0, wrapping at 256. */
export function ramp(count: number, height: number, width: number, channels: number): Images {
  const data = Uint8Array.from({length: count * height * width * channels}, (_, i) => i % 256)
  return {count, height, width, channels, data}
}

/** One grey image of these rows. */
export function grey(...rows: readonly (readonly number[])[]): Images {
  return {
    count: 1,
    height: rows.length,
    width: rows[0]!.length,
    channels: 1,
    data: Uint8Array.from(rows.flat()),
  }
}
