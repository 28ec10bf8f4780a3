import {environmentError, usageError} from '../errors.ts'
import type {StateDict} from '../modelfile/state-dict.ts'
import {architectureByName, architectureNames} from './architecture-by-name.ts'
import type {Architecture} from './architecture.ts'
import {cifarResNet} from './cifar-resnet.ts'
import {iBauVgg} from './i-bau-vgg.ts'
import {misfit, withoutBookkeeping} from './state-dict-fit.ts'
import {wideResNet} from './wide-resnet.ts'

type Input = readonly [number, number, number]

/** What the user or a card says about the model. */
export interface ArchitectureHints {
  readonly name?: string
  /** Height, width, channels. */
  readonly input?: Input
  readonly classes?: number
}

/**
 * The architecture that a file's tensors belong to, from their names and shapes. A network that averages over the
 * image fits every size: without a hint it is taken to be 32 x 32, or 28 x 28 with one channel (MNIST's).
 * Throws E_ARCHITECTURE_UNKNOWN, E_ARCHITECTURE_AMBIGUOUS and E_ARCHITECTURE_MISMATCH.
 */
export function inferArchitecture(stateDict: StateDict, hints: ArchitectureHints = {}): Architecture {
  const tensors = withoutBookkeeping(stateDict)
  const sizes: Sizes = (name, axis) => tensors.get(name)?.shape[axis]
  const family = families.find(({claims}) => claims(tensors))
  if (!family) throw unknown(tensors, hints)

  const classes = sizes(family.head(tensors), 0) ?? 0
  if (classes < 2)
    throw mismatch(
      'its last layer does not tell two classes apart',
      'Save the whole state dict of a classifier.',
    )
  if (hints.classes !== undefined && hints.classes !== classes)
    throw mismatch(`its last layer has ${classes} classes, not ${hints.classes}`, 'Leave --classes out.')
  const channels = sizes(family.first, 1) ?? 0
  if (hints.input && hints.input[2] !== channels)
    throw mismatch(
      `it takes images of ${channels} channels, not ${hints.input[2]}`,
      'Give their shape as --input HEIGHTxWIDTHxCHANNELS.',
    )

  const input = hints.input ?? family.input(channels, sizes)
  const found = family.make({tensors, classes, input})
  const problem = misfit(found, tensors)
  if (problem)
    throw mismatch(
      `it looks like a ${found.name}, but ${problem}`,
      hints.input
        ? 'Check --input, or leave it out.'
        : 'Save the whole state dict of the model: torch.save(model.state_dict(), FILE).',
    )
  if (hints.name !== undefined) {
    const wanted = architectureByName(hints.name, {classes, input}).name
    if (wanted !== found.name)
      throw mismatch(`it is a ${found.name}, not a ${wanted}`, `Use --arch ${found.name}`)
  }
  return found
}

type Sizes = (name: string, axis: number) => number | undefined

interface Family {
  readonly claims: (tensors: StateDict) => boolean
  /** The first convolution's filter. */
  readonly first: string
  head(tensors: StateDict): string
  input(channels: number, sizes: Sizes): Input
  make(found: {tensors: StateDict; classes: number; input: Input}): Architecture
}

const anySize = (channels: number): Input => (channels === 1 ? [28, 28, 1] : [32, 32, channels])

const families: readonly Family[] = [
  {
    claims: (tensors) => tensors.has('block1.layer.0.conv1.weight'),
    first: 'conv1.weight',
    head: () => 'fc.weight',
    input: anySize,
    make: ({tensors, classes, input}) =>
      wideResNet({
        depth: 6 * count(tensors, (index) => `block1.layer.${index}.conv1.weight`) + 4,
        width: Math.max(1, Math.floor((tensors.get('block1.layer.0.conv1.weight')?.shape[0] ?? 0) / 16)),
        classes,
        input,
      }),
  },
  {
    // ResNet-18 and its kin have the same names, a wider stem and a fourth stage.
    claims: (tensors) => tensors.has('layer1.0.conv1.weight') && tensors.get('conv1.weight')?.shape[0] === 16,
    first: 'conv1.weight',
    head: (tensors) => (tensors.has('linear.weight') ? 'linear.weight' : 'fc.weight'),
    input: anySize,
    make: ({tensors, classes, input}) =>
      cifarResNet({
        depth: 6 * count(tensors, (index) => `layer1.${index}.conv1.weight`) + 2,
        shortcut: tensors.has('layer2.0.downsample.0.weight') ? 'b' : 'a',
        head: tensors.has('linear.weight') ? 'linear' : 'fc',
        classes,
        input,
      }),
  },
  {
    // VGG-16 has features.19 too, of 512 channels.
    claims: (tensors) => tensors.get('features.19.weight')?.shape[0] === 128,
    first: 'features.0.weight',
    head: () => 'classifier.weight',
    input: (channels, sizes) => poolingInput(channels, (sizes('classifier.weight', 1) ?? 0) / 128),
    make: ({classes, input}) => iBauVgg({classes, input}),
  },
]

/** How many blocks there are: at least one, so that what is missing can be named. */
function count(tensors: StateDict, name: (index: number) => string): number {
  let blocks = 0
  while (tensors.has(name(blocks))) blocks++
  return Math.max(1, blocks)
}

/** After three poolings `pixels` are left, which several image sizes give: 32 x 32 is taken, or 28 x 28 with one channel. */
function poolingInput(channels: number, pixels: number): Input {
  const usual = anySize(channels)
  if (Math.floor(usual[0] / 8) ** 2 === pixels) return usual
  const side = Math.sqrt(pixels) * 8
  throw environmentError({
    code: 'E_ARCHITECTURE_AMBIGUOUS',
    message: `The model is an i-bau-vgg for images ${
      Number.isInteger(side) ? `of ${side} to ${side + 7} pixels a side` : 'that are not square'
    }, and its file does not say of which size.`,
    hints: [`Give it with --input HEIGHTxWIDTHx${channels}`],
  })
}

const mismatch = (what: string, hint: string) =>
  environmentError({
    code: 'E_ARCHITECTURE_MISMATCH',
    message: `The model's architecture does not fit: ${what}.`,
    hints: [hint, 'See what the file holds with: abd models inspect FILE'],
  })

function unknown(tensors: StateDict, {name}: ArchitectureHints) {
  const some = [...tensors.keys()].slice(0, 4).map((key) => `'${key}'`)
  const holds =
    some.length > 0 ? `its ${tensors.size} tensors begin with ${some.join(', ')}` : 'it holds no tensors'
  const known = `Architectures that abd can load: ${architectureNames.join(', ')}.`
  if (name !== undefined)
    return usageError({
      code: 'E_ARCHITECTURE_MISMATCH',
      message: `The model is not a ${name}: ${holds}.`,
      hints: [known, 'See what the file holds with: abd models inspect FILE'],
    })
  return environmentError({
    code: 'E_ARCHITECTURE_UNKNOWN',
    message: `The model's architecture is not known: ${holds}.`,
    hints: [known, 'See what the file holds with: abd models inspect FILE'],
  })
}
