import type {GraphNode} from '../../../modelfile/plan.ts'
import type {RunFacts} from '../onnx/operator.ts'
import {onnxOperators} from '../onnx/operators.ts'
import type {Value} from '../value.ts'
import type {Equivalent} from './onnx-equivalents.ts'

/** `inputs`: in the order of the ONNX operator. */
export const runEquivalent = (
  {op, attributes, outputs}: Equivalent,
  inputs: readonly (Value | undefined)[],
  node: GraphNode,
  run: RunFacts,
): Value | readonly Value[] =>
  onnxOperators[op]!(inputs, {...node, attributes, outputs: [...(outputs ?? node.outputs)]}, run)
