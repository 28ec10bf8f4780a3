import {environmentError, usageError} from '../errors.ts'
import type {StateDict} from '../modelfile/state-dict.ts'
import {architectureByName, architectureNames} from './architecture-by-name.ts'
import type {Architecture} from './architecture.ts'
import {families, type Input, type Sizes} from './families/index.ts'
import {misfit, withoutBookkeeping} from './state-dict-fit.ts'

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
  const channels = sizes(typeof family.first === 'string' ? family.first : family.first(tensors), 1) ?? 0
  if (hints.input && hints.input[2] !== channels)
    throw mismatch(
      `it takes images of ${channels} channels, not ${hints.input[2]}`,
      'Give their shape as --input HEIGHTxWIDTHxCHANNELS.',
    )

  const input = hints.input ?? family.input(channels, sizes, tensors)
  const found = family.make({tensors, classes, input})
  const problem = misfit(found, tensors)
  if (problem)
    throw mismatch(
      `it looks like a ${found.name}, but ${problem}`,
      hints.input
        ? 'Check --input, or leave it out.'
        : 'Save the whole state dict of the model: torch.save(model.state_dict(), FILE).',
    )
  if (hints.name !== undefined && hints.name.toLowerCase() !== found.name) {
    const wanted = architectureByName(hints.name, {classes, input}).name
    if (wanted !== found.name)
      throw mismatch(`it is a ${found.name}, not a ${wanted}`, `Use --arch ${found.name}`)
  }
  return found
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
