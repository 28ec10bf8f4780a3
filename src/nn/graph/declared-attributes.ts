import {environmentError} from '../../errors.ts'
import type {Attribute, GraphNode} from '../../modelfile/plan.ts'

/** Whether an operator computes what that value of an attribute asks for, in that version of the operators. */
export type Accepts = (value: Attribute, opset: number) => boolean

/** All attributes that an operator knows. What is not among them is refused, lest another network be audited than the one that runs. */
export type Declared = Readonly<Record<string, Accepts>>

export const anything: Accepts = () => true
export const number: Accepts = (value) => typeof value === 'number' && !Number.isNaN(value)
export const flag: Accepts = (value) => value === 0 || value === 1
export const truth: Accepts = (value) => typeof value === 'boolean'
export const oneOf =
  (...values: readonly Attribute[]): Accepts =>
  (value) =>
    values.includes(value)
/** A list of numbers; `count` of them, none below `least`. */
export const numbers =
  ({count, least = -Infinity}: {readonly count?: number; readonly least?: number} = {}): Accepts =>
  (value) =>
    Array.isArray(value) &&
    (count === undefined || value.length === count) &&
    value.every((item) => typeof item === 'number' && item >= least)
export const before =
  (version: number, accepts: Accepts): Accepts =>
  (value, opset) =>
    opset < version && accepts(value, opset)
export const either =
  (...several: readonly Accepts[]): Accepts =>
  (value, opset) =>
    several.some((accepts) => accepts(value, opset))

/** Throws E_GRAPH_ATTRIBUTE for the first attribute that its operator does not know, or not with that value. */
export function checkAttributes(
  nodes: readonly GraphNode[],
  declared: Readonly<Record<string, Declared>>,
  {
    opset = 0,
    ignored = () => false,
  }: {readonly opset?: number; readonly ignored?: (name: string) => boolean} = {},
): void {
  for (const node of nodes) {
    const own = Object.hasOwn(declared, node.op) ? declared[node.op]! : {}
    for (const [name, value] of Object.entries(node.attributes)) {
      if (ignored(name)) continue
      if (!Object.hasOwn(own, name) || !own[name]!(value, opset))
        throw unsupportedAttribute(node, name, value)
    }
  }
}

/** What a graph asks for by an attribute and abd does not compute. */
export const unsupportedAttribute = ({op, name}: GraphNode, attribute: string, value?: Attribute) =>
  environmentError({
    code: 'E_GRAPH_ATTRIBUTE',
    message: `The graph of the model cannot be run as it is meant: ${op} ('${name}') has ${attribute} ${value === undefined ? 'left out' : `= ${JSON.stringify(value).slice(0, 200)}`}, which abd does not compute.`,
    hints: [
      'Export the classifier again in inference mode, with the exporter of its framework and without what was set by hand there.',
      'Or save its weights as a state dict.',
    ],
  })
