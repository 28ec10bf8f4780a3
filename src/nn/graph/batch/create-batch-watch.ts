import type {RunFacts} from '../onnx/operator.ts'
import type {GraphRun} from '../run-graph.ts'
import type {Value} from '../value.ts'
import {followBatch, type Followed} from './follow-batch.ts'
import type {Rule} from './step.ts'

/** Follows a graph's images through its first pass of two or more of them; after one that was in order, no more. */
export function createBatchWatch(rules: Readonly<Record<string, Rule>>) {
  let passed = false
  return (compute: GraphRun['compute'], pass: {readonly input: Value; readonly run: RunFacts}): Followed => {
    if (passed || pass.run.batch.actual < 2) return {compute, check: () => undefined}
    const followed = followBatch(compute, rules, pass)
    return {
      compute: followed.compute,
      check(output) {
        followed.check(output)
        passed = true
      },
    }
  }
}
