import type {Context} from '../context.ts'
import {createRandom} from '../engine/create-random.ts'
import {AbdError} from '../errors.ts'
import type {Images} from '../data/images.ts'
import {stamp} from '../data/stamp.ts'
import type {Trigger} from '../data/trigger.ts'
import type {ImageShape, Method} from '../method.ts'
import {insist} from './contract.ts'
import type {Clause} from './contract.ts'

export interface TriggerSubject {
  // As in AbdPlugin: the options are the method's own business.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly method: Method<'trigger', any>
  readonly options?: Readonly<Record<string, unknown>>
  /** With the random numbers of this seed. */
  context(seed: number): Context
  /** Shapes it must be able to make, 32x32x3 by default; others it may refuse. */
  readonly shapes?: readonly ImageShape[]
}

const published: ImageShape = {height: 32, width: 32, channels: 3}
/** Small, not square, grey, large, and smaller than most drawings. */
const unusual: readonly ImageShape[] = [
  {height: 28, width: 28, channels: 1},
  {height: 40, width: 33, channels: 3},
  {height: 96, width: 96, channels: 3},
  {height: 5, width: 4, channels: 3},
]

/** What every trigger promises to those who stamp it, train with it and look for it. */
export function triggerContract(subject: TriggerSubject): readonly Clause[] {
  const {method, options = {}, shapes = [published]} = subject
  const make = (shape: ImageShape, seed = 1): Trigger =>
    method.create(method.options.parse(options), subject.context(seed))(shape)
  const offered = (): readonly Trigger[] => [
    ...shapes.map((shape) => make(shape)),
    ...unusual.flatMap((shape) => attempt(() => make(shape))),
  ]

  return [
    {
      name: 'its options have defaults',
      async check() {
        insist(method.options.safeParse({}).success, 'options.parse({}) fails.')
      },
    },
    {
      name: 'it bears its name and the shape that was asked for, or refuses it with E_TRIGGER_SHAPE',
      async check() {
        for (const trigger of offered()) {
          const {height, width, channels, keep, add} = trigger
          insist(trigger.name === method.name, `It is called ${trigger.name}.`)
          for (const values of [keep, add])
            insist(
              values.length === height * width * channels,
              `${values.length} numbers for ${sizeOf(trigger)}.`,
            )
        }
        for (const shape of shapes)
          insist(sizeOf(make(shape)) === sizeOf(shape), `${sizeOf(shape)} became ${sizeOf(make(shape))}.`)
      },
    },
    {
      name: 'it keeps a share of each pixel and adds at most a byte',
      async check() {
        for (const {keep, add} of offered()) {
          insist(
            keep.every((value) => value >= 0 && value <= 1),
            '`keep` leaves 0 … 1.',
          )
          insist(
            add.every((value) => Math.abs(value) <= 255),
            '`add` leaves -255 … 255.',
          )
        }
      },
    },
    {
      name: 'the same options and seed make the same trigger',
      async check() {
        for (const shape of shapes) {
          const [first, second] = [make(shape), make(shape)]
          insist(
            equal(first.keep, second.keep) &&
              equal(first.add, second.add) &&
              first.rescale === second.rescale,
            'Made twice, it differs.',
          )
        }
      },
    },
    {
      name: 'it changes images, but not the ones that were given, and neither their number nor their shape',
      async check() {
        for (const trigger of offered()) {
          const images = noise(trigger)
          const before = images.data.slice()
          const stamped = stamp(images, trigger)
          insist(equal(images.data, before), 'The given images were changed.')
          insist(
            stamped.count === images.count && sizeOf(stamped) === sizeOf(images),
            `They became ${stamped.count} of ${sizeOf(stamped)}.`,
          )
          insist(!equal(stamped.data, images.data), `Nothing of ${sizeOf(images)} changed.`)
          insist(equal(stamp(images, trigger).data, stamped.data), 'Stamped twice, the same images differ.')
        }
      },
    },
  ]
}

function attempt(make: () => Trigger): readonly Trigger[] {
  try {
    return [make()]
  } catch (error) {
    if (error instanceof AbdError && error.code === 'E_TRIGGER_SHAPE') return []
    throw error
  }
}

function noise({height, width, channels}: ImageShape): Images {
  const random = createRandom('trigger contract')
  const data = Uint8Array.from({length: 4 * height * width * channels}, () => random.integer(256))
  return {count: 4, height, width, channels, data}
}

const sizeOf = ({height, width, channels}: ImageShape) => `${height}x${width}x${channels}`

const equal = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((value, i) => value === b[i])
