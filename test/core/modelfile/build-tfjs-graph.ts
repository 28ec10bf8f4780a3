type Attributes = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>

interface WeightSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

function attributeValue(value: Attributes[string]): object {
  if (typeof value === 'string') return {s: base64(value)}
  if (typeof value === 'boolean') return {b: value}
  if (typeof value === 'number') return Number.isInteger(value) ? {i: String(value)} : {f: value}
  return {
    list:
      typeof value[0] === 'string' ? {s: value.map((item) => base64(String(item)))} : {i: value.map(String)},
  }
}

/** A TensorFlow.js graph model, put together node by node; weights are sines. */
export class GraphBuilder {
  readonly #nodes: object[] = []
  readonly #specs: WeightSpec[] = []
  readonly #data: Buffer[] = []

  placeholder(name: string, shape: readonly number[]): string {
    const dim = shape.map((size) => ({size: String(size)}))
    this.#nodes.push({name, op: 'Placeholder', attr: {dtype: {type: 'DT_FLOAT'}, shape: {shape: {dim}}}})
    return name
  }

  weight(shape: readonly number[], shift = 0): string {
    const count = shape.reduce((a, b) => a * b, 1)
    const first = 10 * this.#specs.length
    const values = Float32Array.from({length: count}, (_, i) => 0.5 * Math.sin(first + 1.7 * i) + shift)
    return this.#constant(shape, 'float32', Buffer.from(values.buffer))
  }

  ints(shape: readonly number[], values: readonly number[]): string {
    return this.#constant(shape, 'int32', Buffer.from(Int32Array.from(values).buffer))
  }

  #constant(shape: readonly number[], dtype: WeightSpec['dtype'], bytes: Buffer): string {
    const name = `const/${this.#specs.length}`
    const type = dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32'
    this.#nodes.push({
      name,
      op: 'Const',
      attr: {dtype: {type}, value: {tensor: {dtype: type, tensorShape: {}}}},
    })
    this.#specs.push({name, shape, dtype})
    this.#data.push(bytes)
    return name
  }

  node(op: string, input: readonly string[], attributes: Attributes = {}): string {
    const name = `${op}/${this.#nodes.length}`
    const attr = Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, attributeValue(value)]),
    )
    this.#nodes.push({name, op, input, attr: {...attr, T: {type: 'DT_FLOAT'}}})
    return name
  }

  /** model.json and the bytes of its weights. Nodes come in the wrong order, as a file may have them. */
  model(output: string, paths: readonly string[]) {
    return {
      json: {
        format: 'graph-model',
        signature: {outputs: {logits: {name: `${output}:0`, dtype: 'DT_FLOAT'}}},
        modelTopology: {node: this.#nodes.toReversed(), versions: {producer: 1}},
        weightsManifest: [{paths, weights: this.#specs}],
      },
      data: Buffer.concat(this.#data),
    }
  }
}
