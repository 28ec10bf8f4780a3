import type {Attribute} from '../plan.ts'

type Json = Record<string, unknown>

/**
 * A layer's configuration as attributes; null is what is left out. Objects that only name something (a type policy, a
 * function of Keras's) become that name, others their text: whoever runs the layer refuses what it does not know.
 */
export function attributesOf(config: Json): Record<string, Attribute> {
  const out: Record<string, Attribute> = {}
  for (const [name, value] of Object.entries(config)) {
    const made = attributeOf(value)
    if (made !== undefined) out[name] = made
  }
  return out
}

const MOST = 1000

function attributeOf(value: unknown): Attribute | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string') return value.slice(0, MOST)
  if (Array.isArray(value)) {
    const flat = (value as unknown[]).flat(2)
    if (flat.length < MOST && flat.every((item) => typeof item === 'number')) return flat
  } else if (isRecord(value)) {
    const {module, class_name: kind, config} = value
    if (module === 'builtins' && kind === 'function' && typeof config === 'string')
      return config.slice(0, MOST)
    if (
      (kind === 'DTypePolicy' || kind === 'Policy') &&
      isRecord(config) &&
      typeof config['name'] === 'string'
    )
      return config['name'].slice(0, MOST)
  }
  return JSON.stringify(value).slice(0, MOST)
}

/** An activation that is a layer of its own, with its parameters. */
export function activationLayer(
  config: Json,
): {readonly op: string; readonly attributes: Record<string, Attribute>} | undefined {
  const {activation} = config
  if (!isRecord(activation) || !isRecord(activation['config'])) return undefined
  const {class_name: op} = activation
  if (typeof op !== 'string' || !activations.has(op)) return undefined
  return {op, attributes: attributesOf(activation['config'])}
}

const activations = new Set(['ReLU', 'LeakyReLU', 'ELU', 'Softmax'])

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null
