import type {GraphNode} from '../../../modelfile/plan.ts'
import {environmentError} from '../../../errors.ts'
import type {RunFacts} from '../onnx/operator.ts'
import {shapeOf, type Host, type Value} from '../value.ts'
import {samePlace, type Place} from './place.ts'

/** What a value has to do with the number of images; nothing at all where both are left out. */
export interface Track {
  /** Where it has an entry for each image. */
  readonly place?: Place
  /** Of numbers on the host, one each: n for n × batch, 0 for what is the same however many images there are. */
  readonly counts?: readonly number[]
}

/** One node that was run on two images or more, and what is known of its inputs. */
export interface Step {
  readonly node: GraphNode
  readonly inputs: readonly (Value | undefined)[]
  readonly outputs: readonly Value[]
  readonly run: RunFacts
  /** Of an input. */
  track(input: number): Track
  /** The node's own operator on other inputs. */
  again(inputs: readonly (Value | undefined)[]): Value | readonly Value[]
}

/** What is known of each of a node's outputs; throws E_GRAPH_BATCH. */
export type Rule = (step: Step) => Track

export const refuse = (node: GraphNode, why: string) =>
  environmentError({
    code: 'E_GRAPH_BATCH',
    message: `The graph of the model may answer otherwise for one image than for several: the operator ${node.op} ('${node.name}') ${why}.`,
    hints: [
      'Export the classifier again so that each image is computed on its own: for one image, or with a batch axis of any size that the graph only passes on.',
      'Or save its weights as a state dict.',
    ],
  })

export const shapeAt = ({inputs}: Step, input: number): readonly number[] => {
  const value = inputs[input]
  return value ? shapeOf(value) : []
}

export const hasCounts = ({counts}: Track): boolean => counts?.some((count) => count !== 0) ?? false

/** The counts of numbers on the host, zeros where there are none. */
export const countsOf = (track: Track, {data}: Host): readonly number[] => track.counts ?? data.map(() => 0)

/** Inputs that say how (shapes, axes, bounds) or that are weights must be the same for every batch. */
export function plainInputs(step: Step, ...which: readonly number[]): void {
  for (const input of which) {
    const track = step.track(input)
    if (hasCounts(track)) throw refuse(step.node, 'computes with the number of images')
    if (track.place) throw refuse(step.node, 'takes images where it takes weights, bounds or sizes')
  }
}

export const allBut = ({inputs}: Step, ...which: readonly number[]): number[] =>
  [...inputs.keys()].filter((input) => !which.includes(input))

/** The input's place; its numbers must not hold counts. */
export function placeAt(step: Step, input: number): Place | undefined {
  const track = step.track(input)
  if (hasCounts(track)) throw refuse(step.node, 'computes with the number of images')
  return track.place
}

export const placed = (place: Place | undefined): Track => (place ? {place} : {})

/** Where images are in what values become by NumPy's broadcasting: all that have some have them at the same place. */
export function broadcastPlace(
  node: GraphNode,
  values: readonly {readonly shape: readonly number[]; readonly place: Place | undefined}[],
): Place | undefined {
  const rank = Math.max(...values.map(({shape}) => shape.length))
  let found: Place | undefined
  for (const {shape, place} of values) {
    if (!place) continue
    const moved = {...place, axis: place.axis + rank - shape.length}
    if (found && !samePlace(found, moved)) throw refuse(node, 'brings one image together with others')
    found = moved
  }
  for (const {shape, place} of values) {
    const size = found && !place ? (shape[found.axis - (rank - shape.length)] ?? 1) : 1
    if (size !== 1) throw refuse(node, 'has other numbers for the first image than for the next')
  }
  return found
}
