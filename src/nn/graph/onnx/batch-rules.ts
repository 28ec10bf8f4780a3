import {algebraRules} from '../batch/algebra-rules.ts'
import {elementwiseRules} from '../batch/elementwise-rules.ts'
import {shapeRules} from '../batch/shape-rules.ts'
import type {Rule} from '../batch/step.ts'

/** What each operator does to a batch; one without a rule must not see images. */
export const onnxBatchRules: Readonly<Record<string, Rule>> = {
  ...elementwiseRules,
  ...shapeRules,
  ...algebraRules,
}
