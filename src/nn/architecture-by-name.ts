import {usageError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import type {Architecture} from './architecture.ts'
import {cifarResNet} from './cifar-resnet.ts'
import {iBauVgg} from './i-bau-vgg.ts'
import {wideResNet} from './wide-resnet.ts'

/** The common ones; wrn-d-w and resnet-d exist for every valid depth and width. */
export const architectureNames = [
  'wrn-16-1',
  'wrn-16-2',
  'wrn-40-1',
  'wrn-40-2',
  'resnet-14',
  'resnet-20',
  'resnet-32',
  'resnet-56',
  'resnet-110',
  'resnet-20-b',
  'resnet-32-b',
  'resnet-56-b',
  'i-bau-vgg',
] as const

interface Dimensions {
  readonly classes: number
  /** Height, width, channels; by default 32 x 32 x 3. */
  readonly input?: readonly [number, number, number]
}

/**
 * The architecture of that name, in any case and with `_` or nothing for `-`: `wrn-16-1`, `WRN16_1`, `resnet14`.
 * Throws E_ARCHITECTURE_UNKNOWN with the nearest name, E_ARCHITECTURE_DEPTH where there is none of that depth.
 */
export function architectureByName(name: string, dimensions: Dimensions): Architecture {
  const plain = name.toLowerCase().replaceAll(/[\s_-]+/g, '-')
  const wide = /^(?:wrn|wide-?resnet)-?(\d{2})-?(\d{1,2})$/.exec(plain)
  if (wide) return wideResNet({depth: Number(wide[1]), width: Number(wide[2]), ...dimensions})
  const residual = /^resnet-?(\d{1,4})-?(b?)$/.exec(plain)
  if (residual)
    return cifarResNet({
      depth: Number(residual[1]),
      shortcut: residual[2] === 'b' ? 'b' : 'a',
      ...dimensions,
    })
  if (plain.replaceAll('-', '') === 'ibauvgg') return iBauVgg(dimensions)

  const close = nearest(plain, architectureNames)
  throw usageError({
    code: 'E_ARCHITECTURE_UNKNOWN',
    message: `There is no architecture named '${name}'.`,
    hints: [
      ...(close ? [`Did you mean '${close}'?`] : []),
      `Known: ${architectureNames.join(', ')}; any wrn-d-w of depth 6n + 4 and any resnet-d of depth 6n + 2.`,
    ],
  })
}

/** Throws as `architectureByName` does, before there is a model to tell the classes. */
export function checkArchitectureName(name: string): void {
  architectureByName(name, {classes: 2})
}
