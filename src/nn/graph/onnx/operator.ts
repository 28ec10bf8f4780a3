import type {GraphNode} from '../../../modelfile/plan.ts'
import {unsupported} from '../errors.ts'
import {host, type Host, type Value} from '../value.ts'

export interface RunFacts {
  readonly opset: number
  /** How many images the graph was exported for (-1: any), and how many there are. */
  readonly batch: {readonly declared: number; readonly actual: number}
}

/** A shape that was written down for one batch, for another. */
export const forBatch = (shape: readonly number[], {batch}: RunFacts): readonly number[] =>
  batch.declared > 0 && batch.declared !== batch.actual && shape[0] === batch.declared
    ? [batch.actual, ...shape.slice(1)]
    : shape

/** One node's work: the values of its inputs (undefined where one is left out) to those of its outputs. */
export type Operator = (
  inputs: readonly (Value | undefined)[],
  node: GraphNode,
  run: RunFacts,
) => Value | readonly Value[]

export const needed = (value: Value | undefined, node: GraphNode): Value => {
  if (value) return value
  throw unsupported(`the operator ${node.op} ('${node.name}') lacks an input`)
}

/** Numbers that must be known when the graph is run: shapes, axes, sizes. */
export function known(value: Value | undefined, node: GraphNode): Host {
  if (value?.kind === 'host') return value
  throw unsupported(`the operator ${node.op} ('${node.name}') takes its shape from the image's values`)
}

/** -1 is the last axis. */
export const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

export const scalar = (value: number): Host => host([value], [])
