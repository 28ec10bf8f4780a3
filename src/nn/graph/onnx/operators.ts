import {algebra} from './algebra.ts'
import {elementwise} from './elementwise.ts'
import {images} from './images.ts'
import type {Operator} from './operator.ts'
import {shapes} from './shapes.ts'

/** What exporters emit for image classifiers, by ONNX's names. */
export const onnxOperators: Readonly<Record<string, Operator>> = {
  ...elementwise,
  ...images,
  ...shapes,
  ...algebra,
}
