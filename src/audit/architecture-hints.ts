import type {ArchitectureHints} from '../nn/infer-architecture.ts'
import type {Card} from './card.ts'

type Told = Pick<Card, 'architecture' | 'classes'> & {
  readonly input?: readonly [number, number, number] | undefined
}

/** What is known of a network beside its tensors: what the user gave, else what its card says. */
export function architectureHints(card: Card | undefined, given: Told = {}): ArchitectureHints {
  const name = given.architecture ?? card?.architecture
  const input = given.input ?? card?.input
  const classes = given.classes ?? card?.classes
  return {
    ...(name === undefined ? {} : {name}),
    ...(input === undefined ? {} : {input: [...input] as [number, number, number]}),
    ...(classes === undefined ? {} : {classes}),
  }
}
