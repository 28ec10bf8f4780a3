interface Found {
  readonly names?: string[]
  readonly refusal?: string
}

type Json = Record<string, unknown>

/** Where a layer is called, and with what beside its inputs: `training` makes another layer of some. */
export function inputsOf(inbound: unknown): Found {
  if (!Array.isArray(inbound) || inbound.length === 0) return {names: []}
  if (inbound.length > 1) return {refusal: 'is used more than once'}
  const [only] = inbound as unknown[]
  return Array.isArray(only) ? ofVersion2(only) : ofVersion3(only)
}

/** [[name, node, tensor, {}], …] */
function ofVersion2(parts: readonly unknown[]): Found {
  const names: string[] = []
  for (const part of parts) {
    const [name, node = 0, tensor = 0, given] = Array.isArray(part) ? (part as unknown[]) : []
    if (typeof name !== 'string') return {refusal: 'has an input without a name'}
    if (node !== 0 || tensor !== 0)
      return {refusal: `takes another output of '${name.slice(0, 200)}' than its first`}
    const refusal = callRefusal(given)
    if (refusal) return {refusal}
    names.push(name)
  }
  return {names}
}

/** {args: [tensor or list of tensors], kwargs: {}} */
function ofVersion3(call: unknown): Found {
  if (!isRecord(call)) return {refusal: 'has inputs of no known kind'}
  const names: string[] = []
  let refusal = callRefusal(call['kwargs'])
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) collect(item)
    else if (isRecord(value) && value['class_name'] === '__keras_tensor__') {
      const config = value['config'] as {keras_history?: unknown[]} | undefined
      const [name, node = 0, tensor = 0] = config?.keras_history ?? []
      names.push(String(name))
      if (node !== 0 || tensor !== 0)
        refusal ??= `takes another output of '${String(name).slice(0, 200)}' than its first`
    } else refusal ??= `is called with ${JSON.stringify(value)?.slice(0, 100) ?? 'nothing'}`
  }
  collect(call['args'])
  return refusal === undefined ? {names} : {refusal}
}

function callRefusal(given: unknown): string | undefined {
  for (const [name, value] of Object.entries(isRecord(given) ? given : {}))
    if (value !== null && value !== false)
      return `is called with ${name.slice(0, 100)} = ${JSON.stringify(value)?.slice(0, 100) ?? ''}`
  return undefined
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null
