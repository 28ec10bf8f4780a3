import {usageError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import type {Architecture} from './architecture.ts'
import {cifarResNet} from './cifar-resnet.ts'
import {cmiVgg, vggDepths, type VggDepth} from './cmi-vgg.ts'
import {denseNet} from './dense-net.ts'
import {iBauVgg} from './i-bau-vgg.ts'
import {mobileNetV2} from './mobilenet-v2.ts'
import {preActResNet18} from './preact-resnet.ts'
import {resNet, resNetDepths, type ResNetDepth} from './resnet.ts'
import {shuffleNetV2} from './shufflenet-v2.ts'
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
  'resnet-8x4',
  'resnet-32x4',
  'resnet-18',
  'resnet-34',
  'resnet-50',
  'resnet-18-imagenet',
  'resnet-34-imagenet',
  'resnet-50-imagenet',
  'preact-resnet-18',
  'densenet-bc-100-12',
  'densenet-bc-121-32',
  'mobilenet-v2',
  'shufflenet-v2',
  'vgg-8',
  'vgg-11',
  'vgg-13',
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
  const deep = /^resnet-?(\d{2,3})(-imagenet)?$/.exec(plain)
  if (deep && Object.hasOwn(resNetDepths, deep[1]!))
    return resNet({
      depth: Number(deep[1]) as ResNetDepth,
      stem: deep[2] ? 'imagenet' : 'cifar',
      ...dimensions,
    })
  if (/^pre-?act-?resnet-?18$/.test(plain)) return preActResNet18(dimensions)
  if (/^mobilenet-?v2$/.test(plain)) return mobileNetV2(dimensions)
  if (/^shufflenet-?v2$/.test(plain)) return shuffleNetV2(dimensions)
  const dense = /^densenet-?(?:bc-?)?(\d{2,3})(?:-(\d{1,2}))?$/.exec(plain)
  if (dense)
    return denseNetByName(
      Number(dense[1]),
      Number(dense[2] ?? (Number(dense[1]) > 120 ? 32 : 12)),
      dimensions,
    )
  const vgg = /^vgg-?(\d{1,2})$/.exec(plain)
  if (vgg && Object.hasOwn(vggDepths, vgg[1]!))
    return cmiVgg({depth: Number(vgg[1]) as VggDepth, ...dimensions})
  const residual = /^resnet-?(\d{1,4})-?(b|x4)?$/.exec(plain)
  if (residual)
    return cifarResNet({
      depth: Number(residual[1]),
      ...(residual[2] === 'x4' ? {shortcut: 'b', width: 4} : {shortcut: residual[2] === 'b' ? 'b' : 'a'}),
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

/** ImageNet's have four uneven blocks, CIFAR's three even ones of (depth - 4) / 6 layers. */
const unevenBlocks: Readonly<Record<number, readonly number[]>> = {
  121: [6, 12, 24, 16],
  169: [6, 12, 32, 32],
  201: [6, 12, 48, 32],
}

function denseNetByName(
  depth: number,
  growth: number,
  {classes, input = [32, 32, 3]}: Dimensions,
): Architecture {
  const layers = (depth - 4) / 6
  if (!unevenBlocks[depth] && !(Number.isInteger(layers) && layers > 0))
    throw usageError({
      code: 'E_ARCHITECTURE_DEPTH',
      message: `There is no densenet-bc-${depth}: its depth is 121, 169 or 201, or 6n + 4.`,
      hints: ['Common ones: densenet-bc-100-12, densenet-bc-121-32.'],
    })
  const blocks = unevenBlocks[depth] ?? [layers, layers, layers]
  const transitions: number[] = []
  blocks.slice(0, -1).reduce((channels, count) => {
    const left = Math.floor((channels + count * growth) / 2)
    transitions.push(left)
    return left
  }, 2 * growth)
  return denseNet({
    dialect: 'cifar',
    classes,
    input,
    blocks,
    growth,
    stem: 2 * growth,
    transitions,
    bottleneck: 4 * growth,
  })
}

/** Throws as `architectureByName` does, before there is a model to tell the classes. */
export function checkArchitectureName(name: string): void {
  architectureByName(name, {classes: 2})
}
