import type {Images, Trigger} from '@abd/core/data'
import {stamp} from '@abd/core/data'
import type {Random} from '@abd/core/engine'
import type {ImageShape} from '@abd/core'
import type {Probe} from './probe.ts'
import {warp} from './warp.ts'

/**
 * Patterns over the whole image, at the strength of published triggers: blends of weight 0.2 with random blocks and with
 * low-frequency colour fields, sinusoids of amplitude 20 and 40 in five directions, smooth warps. 44 probes.
 */
export function patternProbes(shape: ImageShape, random: Random): Probe[] {
  const {height, width, channels} = shape
  const field = (paint: (row: number, column: number, channel: number) => number) => {
    const values = new Float32Array(height * width * channels)
    for (let r = 0; r < height; r++)
      for (let c = 0; c < width; c++)
        for (let k = 0; k < channels; k++) values[(r * width + c) * channels + k] = paint(r, c, k)
    return values
  }
  const affine = (name: string, keep: number, add: Float32Array): Probe => {
    const trigger: Trigger = {
      name,
      ...shape,
      keep: new Float32Array(add.length).fill(keep),
      add,
      rescale: false,
      labels: 'dirty',
    }
    return {name, family: 'pattern', apply: (images: Images) => stamp(images, trigger)}
  }
  const probes: Probe[] = []

  for (let n = 0; n < 12; n++) {
    const cell = n % 2 ? 8 : 4
    const columns = Math.ceil(width / cell)
    const values = random.fork(`blocks ${n}`).uniforms(Math.ceil(height / cell) * columns * channels, 0, 255)
    const at = (r: number, c: number, k: number) =>
      values[(Math.floor(r / cell) * columns + Math.floor(c / cell)) * channels + k]!
    probes.push(
      affine(
        `blocks of ${cell} ${n}`,
        0.8,
        field((r, c, k) => 0.2 * at(r, c, k)),
      ),
    )
  }

  for (let n = 0; n < 8; n++) {
    // A sum of the four lowest cosines a channel, scaled to [0, 255].
    const waves = random.fork(`low frequency ${n}`).normals(4 * channels)
    const value = (r: number, c: number, k: number) => {
      const [a, b, d, e] = [0, 1, 2, 3].map((i) => waves[i * channels + k]!) as [
        number,
        number,
        number,
        number,
      ]
      const y = (Math.PI * (r + 0.5)) / height
      const x = (Math.PI * (c + 0.5)) / width
      return (
        127.5 + 60 * (a * Math.cos(x) + b * Math.cos(y) + d * Math.cos(2 * x) + e * Math.cos(x) * Math.cos(y))
      )
    }
    probes.push(
      affine(
        `low frequency ${n}`,
        0.8,
        field((r, c, k) => 0.2 * Math.min(255, Math.max(0, value(r, c, k)))),
      ),
    )
  }

  const directions = [0, 30, 45, 60, 90]
  for (const amplitude of [20, 40])
    for (const degrees of directions)
      for (const periods of [4, 6]) {
        const [x, y] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
        probes.push(
          affine(
            `sine ${degrees}° x${periods} ±${amplitude}`,
            1,
            field((r, c) => amplitude * Math.sin((2 * Math.PI * periods * (x * c + y * r)) / width)),
          ),
        )
      }

  for (let n = 0; n < 4; n++)
    probes.push({name: `warp ${n}`, family: 'pattern', apply: warp(shape, random.fork(`warp ${n}`))})
  return probes
}
