import type {GraphNode} from '../../../modelfile/plan.ts'
import type {RunFacts} from '../onnx/operator.ts'
import type {GraphRun} from '../run-graph.ts'
import type {Value} from '../value.ts'
import {FIRST, samePlace} from './place.ts'
import {refuse, type Rule, type Step, type Track} from './step.ts'

/** A pass through a graph whose nodes are watched, and what has to hold of its output. */
export interface Followed {
  readonly compute: GraphRun['compute']
  /** Throws E_GRAPH_BATCH where the output has no row for each image. */
  check(output: Value): void
}

const NOTHING: Track = {}

/**
 * Follows the images of a batch through a graph while it is run: each must be computed on its own, or a network that is
 * clean in the batches of an audit is another one for a single image. Numbers that come of how many images there are may only
 * shape what has an entry for each image. Needs two images at least; what holds for them holds for every number of them.
 */
export function followBatch(
  compute: GraphRun['compute'],
  rules: Readonly<Record<string, Rule>>,
  {input, run}: {readonly input: Value; readonly run: RunFacts},
): Followed {
  const tracks = new WeakMap<Value, Track>([[input, {place: FIRST}]])
  const trackOf = (value: Value | undefined) => (value && tracks.get(value)) ?? NOTHING
  return {
    compute(node, inputs) {
      const made = compute(node, inputs)
      if (!inputs.some((value) => value && tracks.has(value))) return made
      const outputs = 'kind' in made ? [made] : made
      const step: Step = {
        node,
        inputs,
        outputs,
        run,
        track: (i) => trackOf(inputs[i]),
        again: (others) => compute(node, others),
      }
      const found = ruleOf(node, rules)(step)
      for (const value of outputs) tracks.set(value, found)
      return made
    },
    check(output) {
      const {place} = trackOf(output)
      const last: GraphNode = {op: 'output', name: '', inputs: [], outputs: [], attributes: {}}
      if (!place || !samePlace(place, FIRST)) throw refuse(last, 'has no row for each image')
    },
  }
}

function ruleOf(node: GraphNode, rules: Readonly<Record<string, Rule>>): Rule {
  const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined
  if (rule) return rule
  throw refuse(node, 'is not known to compute each image on its own')
}
