import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'
import {payloadsIn} from '../inspect-metadata.ts'
import {isMeasure, kerasLayers} from './keras-names.ts'

type Json = null | boolean | number | string | Json[] | {[name: string]: Json}

const MAX_DEPTH = 64

/** What in a model's configuration runs code when Keras loads it. */
export function inspectConfig(config: unknown, training: unknown): ScanFinding[] {
  const found = new Map<string, ScanFinding>()
  const add = (one: ScanFinding) => void found.set(`${one.rule} ${one.message}`, one)
  walk(config as Json, 0, add)
  inspectTraining(training as Json, add)
  return [...found.values()].slice(0, 200)
}

function walk(value: Json | undefined, depth: number, add: (one: ScanFinding) => void): void {
  if (depth > MAX_DEPTH || value === null || value === undefined) return
  if (typeof value === 'string') {
    for (const what of payloadsIn(value.slice(0, 65_536)))
      add(finding('payloadInText', `its configuration holds ${what}`, null))
    return
  }
  if (typeof value !== 'object') return
  if (Array.isArray(value)) {
    for (const item of value) walk(item, depth + 1, add)
    return
  }
  inspectObject(value, add)
  for (const item of Object.values(value)) walk(item, depth + 1, add)
}

function inspectObject(value: Record<string, Json>, add: (one: ScanFinding) => void): void {
  const {class_name: name, module, registered_name: registered, layers} = value
  if (name === 'Lambda' || name === 'TFOpLambda' || name === '__lambda__')
    add(finding('codeLayer', `a layer of the class ${name}`, null))
  if (typeof module === 'string' && !/^(keras|tf_keras|tensorflow\.keras|builtins)(\.|$)/.test(module))
    add(
      typeof registered === 'string' && registered.includes('>')
        ? finding('customObject', `${registered} of the module ${module}`, null)
        : finding(
            'foreignModule',
            `${typeof name === 'string' ? name : 'an object'} of the module ${module}`,
            null,
          ),
    )
  if (module === 'builtins' && name !== '__tuple__' && name !== 'function' && typeof name === 'string')
    add(finding('foreignModule', `${name} of the module builtins`, null))
  if (Array.isArray(layers))
    for (const layer of layers) {
      const known =
        typeof layer === 'object' && layer !== null && !Array.isArray(layer) ? layer['class_name'] : undefined
      if (typeof known === 'string' && known !== 'Lambda' && !kerasLayers.has(known))
        add(finding('customObject', `a layer of the class ${known}`, null))
    }
}

function inspectTraining(training: Json | undefined, add: (one: ScanFinding) => void): void {
  if (typeof training !== 'object' || training === null || Array.isArray(training)) return
  const check = (kind: string, value: Json | undefined): void => {
    if (typeof value === 'string') {
      if (!isMeasure(value)) add(finding('customObject', `a ${kind} named '${value}'`, null))
    } else if (Array.isArray(value)) for (const item of value) check(kind, item)
    else if (typeof value === 'object' && value !== null) {
      if (typeof value['class_name'] === 'string') check(kind, value['class_name'])
      else for (const item of Object.values(value)) check(kind, item)
    }
  }
  check('loss', training['loss'])
  check('metric', training['metrics'])
}
