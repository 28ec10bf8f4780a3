/** What we use of TensorFlow's messages as google-protobuf makes them, out of @tensorflow/tfjs-node-gpu. */
export interface Messages {
  readonly SavedModel: new () => {
    setSavedModelSchemaVersion(version: number): void
    addMetaGraphs(graph: InstanceType<Messages['MetaGraphDef']>): void
    serializeBinary(): Uint8Array
  }
  readonly MetaGraphDef: (new () => {
    setMetaInfoDef(info: InstanceType<Messages['MetaGraphDef']['MetaInfoDef']>): void
    setGraphDef(graph: InstanceType<Messages['GraphDef']>): void
  }) & {readonly MetaInfoDef: new () => {addTags(tag: string): void}}
  readonly GraphDef: new () => {
    addNode(node: NodeDef): void
    setVersions(versions: InstanceType<Messages['VersionDef']>): void
  }
  readonly VersionDef: new () => {setProducer(version: number): void}
  readonly NodeDef: new () => NodeDef
  readonly AttrValue: (new () => AttrValue) & {
    readonly ListValue: new () => {addType(type: number): void; addI(item: number): void}
  }
  readonly TensorShape: (new () => Shape) & {readonly Dim: new () => {setSize(size: number): void}}
  readonly Tensor: new () => ConstantTensor
}

export interface NodeDef {
  getName(): string
  setName(name: string): void
  setOp(name: string): void
  addInput(name: string): void
  getAttrMap(): {set(name: string, value: AttrValue): void}
}

export interface AttrValue {
  setType(type: number): void
  setI(value: number): void
  setF(value: number): void
  setB(value: boolean): void
  setS(value: Uint8Array): void
  setShape(shape: Shape): void
  setTensor(tensor: ConstantTensor): void
  setList(list: InstanceType<Messages['AttrValue']['ListValue']>): void
}

interface Shape {
  addDim(dimension: InstanceType<Messages['TensorShape']['Dim']>): void
}

interface ConstantTensor {
  setDtype(dtype: number): void
  setTensorShape(shape: Shape): void
  setTensorContent(content: Uint8Array): void
}
