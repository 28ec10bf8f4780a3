import type {ImageShape} from '@abd/core'
import type {Trigger} from '@abd/core/data'
import {stamp} from '@abd/core/data'
import type {Probe} from './probe.ts'

/** Radians a pixel from one frequency to the next: a period more over 32 pixels. */
const STEP = 0.2
/** The highest frequency is close to a pixel's own, π. */
const STEPS = 15

/** A probe that is a trigger, too, so that it has random controls. */
export type Wave = Probe & {readonly trigger: Trigger}

/**
 * Sinusoids over the whole image, as SIG stamps them (Barni et al., ICIP 2019), 90 in six series; a series goes through 15
 * frequencies, 0.2 to 3 radians a pixel, so that the neighbours of a wave in it are the same at other frequencies. Stripes stand or lie,
 * and are added with an amplitude of 20 or 40 bytes, or blended with a weight of 0.2 after their negative half has
 * wrapped to 236 … 255, as in the reference implementation (whose 0.8 radians are among them).
 */
export function waveSeries(shape: ImageShape): readonly (readonly Wave[])[] {
  const forms: readonly Form[] = [
    {name: '±20', keep: 1, add: (s) => 20 * s},
    {name: '±40', keep: 1, add: (s) => 40 * s},
    {name: 'wrapped', keep: 0.8, add: (s) => 0.2 * wrapped(Math.trunc(20 * s))},
  ]
  return forms.flatMap((form) =>
    (['vertical', 'horizontal'] as const).map((stripes) =>
      Array.from({length: STEPS}, (_, n) => wave(shape, form, {stripes, frequency: STEP * (n + 1)})),
    ),
  )
}

interface Form {
  readonly name: string
  readonly keep: number
  /** Of a sine, -1 to 1. */
  add(sine: number): number
}

const wrapped = (byte: number): number => (byte < 0 ? byte + 256 : byte)

function wave(
  {height, width, channels}: ImageShape,
  form: Form,
  {stripes, frequency}: {stripes: 'vertical' | 'horizontal'; frequency: number},
): Wave {
  const add = new Float64Array(height * width * channels)
  for (let i = 0; i < add.length; i++) {
    const pixel = Math.floor(i / channels)
    const at = stripes === 'vertical' ? pixel % width : Math.floor(pixel / width)
    add[i] = form.add(Math.sin(frequency * at))
  }
  const name = `${stripes} wave ${frequency.toFixed(1)} ${form.name}`
  const trigger: Trigger = {
    name,
    height,
    width,
    channels,
    keep: new Float64Array(add.length).fill(form.keep),
    add,
    rescale: false,
    labels: 'dirty',
  }
  return {name, family: 'pattern', trigger, apply: (images) => stamp(images, trigger)}
}
