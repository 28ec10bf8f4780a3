import * as tf from '@tensorflow/tfjs-core'
import type {BackendValues, Tensor, TensorContainer} from '@tensorflow/tfjs-core'
import {mapTensors, structureOf, tensorsOf} from '../../tensors.ts'
import type {Tensors} from '../../tensors.ts'
import {dataTypes, isInt64Scalar} from '../tensorflow-backend.ts'
import type {
  Int64Scalar,
  OperationInput,
  RawAttribute,
  StoredData,
  TensorFlowBackend,
} from '../tensorflow-backend.ts'
import type {GraphSession} from './graph-session.ts'
import {caller} from './caller.ts'
import {mostFixed} from './most-fixed.ts'
import {canFollow, isAgain, passageOf, variablesNow} from './passage.ts'
import type {Course, Passage, Watched} from './passage.ts'
import {isSame} from './trace.ts'
import type {Call, Created, Event, External, Operation, TensorType, Trace} from './trace.ts'

interface Request {
  readonly name: string
  readonly attributes: readonly RawAttribute[]
  readonly inputs: readonly OperationInput[]
  readonly outputs: number
}

/** A tensor of this run, by its slot. */
interface Held {
  /** Of the binding; -1 while it has not been computed. */
  id: number
  /** Where tfjs keeps it; null for what is nothing but an operation's argument. */
  readonly data: StoredData | null
  readonly isResult: boolean
  isDisposed: boolean
}

/** Shapes of their results depend on numbers, which are not known before they run. */
const dataDependent =
  /^(Where|Unique|UniqueV2|ListDiff|NonMaxSuppression\w*|StringSplit|SparseFillEmptyRows|SparseReshape)$/

/** So often a passage is looked for at a place where it is another one each time. */
const TRIES = 4

/** Takes note of what was gone through at a place of a trace: proven where it is as it was before. */
function prove({passages, inVain}: Trace, begin: number, now: Passage | null): void {
  const before = passages.get(begin)
  if (before && now && isAgain(now, before)) before.isProven = true
  else {
    if (now) passages.set(begin, now)
    else passages.delete(begin)
    inVain.set(begin, (inVain.get(begin) ?? 0) + 1)
  }
}

const areTheSame = (a: readonly Event[], b: readonly Event[], from: number, to: number): boolean => {
  for (let place = from; place < to; place++) if (a[place] !== b[place]) return false
  return true
}

/**
 * One run of a step. It follows the traces there are as long as one of them fits, and computes nothing; from the first
 * operation that fits none on, it runs operations one by one and writes a new trace.
 */
export class StepRun {
  /** Why this step must not be captured, and where. */
  refusal: string | null = null
  /** Where it left the traces there were. */
  departure: string | null = null
  readonly #backend: TensorFlowBackend
  /** Traces that fit so far; none while recording. */
  #candidates: readonly Trace[]
  #events: Event[] = []
  readonly #held: Held[] = []
  readonly #slots = new Map<StoredData, number>()
  /** What the step made out of numbers, of which the backend need not have heard yet. */
  readonly #made = new Set<StoredData>()
  /** Of tensors that the step let go of, which its graph still needs. */
  readonly #deferred: number[] = []
  readonly #passages = new Map<number, Passage>()
  /** Of the passage that is being watched. */
  #watched: Watched | null = null

  constructor(backend: TensorFlowBackend, traces: readonly Trace[]) {
    this.#backend = backend
    this.#candidates = traces
  }

  get #course(): Course {
    return {
      events: this.#events,
      held: this.#held,
      slotOf: (data) => this.#slots.get(data),
      dataOf: (tensor) => this.#dataOf(tensor),
    }
  }

  get #isRecording(): boolean {
    return this.#candidates.length === 0
  }

  execute({name, attributes, inputs, outputs}: Request): Tensor[] {
    if (dataDependent.test(name)) this.#refuse(`the shape of what ${name} gives depends on numbers`)
    const slots = inputs.map((input, i) =>
      isInt64Scalar(input) ? this.#int64(input) : this.#slotOf(input, mostFixed(name, i)),
    )
    const call: Call = {kind: 'operation', name, attributes, inputs: slots}
    const recorded = this.#follow(call) as Operation | null
    if (recorded) return recorded.outputs.map((type) => this.#expect(type))
    const made = this.#backend.binding.executeOp(name, attributes, this.#ids(slots), outputs)
    this.#events.push({...call, outputs: made.map(({shape, dtype}) => ({shape, dtype}))})
    return made.map((info) => {
      const tensor = this.#backend.createOutputTensor(info)
      this.#hold({data: this.#backend.tensorMap.get(tensor.dataId), id: info.id, isResult: true})
      return tensor
    })
  }

  /**
   * A part of the step that is steady, with what it is given. It is followed without its JavaScript once it has made the same
   * numbers twice.
   */
  passage<T extends Tensors>(key: object, given: Tensors, work: () => T): T {
    if (this.#watched) return work()
    const slots = tensorsOf(given).map((tensor) => this.#slotOf(tensor, 0))
    const begin = this.#events.length
    const asked = {key, structure: structureOf(given), given: slots}
    for (const trace of this.#candidates) {
      const passage = trace.passages.get(begin)
      if (passage && canFollow(passage, this.#course, asked)) return this.#skip(trace, passage) as T
    }
    if (this.#candidates[0] && (this.#candidates[0].inVain.get(begin) ?? 0) >= TRIES) return work()
    const watched: Watched = {
      ...asked,
      begin,
      firstSlot: this.#held.length,
      numbers: new Map(),
      madeBefore: new Set(this.#made),
      variables: variablesNow(this.#course),
      isClosed: true,
    }
    this.#watched = watched
    let result: T
    try {
      result = work()
    } finally {
      this.#watched = null
    }
    const isSpent = tensorsOf(given).some(({isDisposed}) => isDisposed)
    const passage = isSpent ? null : passageOf(this.#course, watched, result)
    if (passage) this.#passages.set(begin, passage)
    for (const trace of this.#candidates) prove(trace, begin, passage)
    return result
  }

  /** The step made a tensor out of numbers. */
  afterWrite(dataId: object): void {
    this.#made.add(this.#backend.tensorMap.get(dataId))
  }

  /** The step wants to see a number. */
  beforeRead(dataId: object): void {
    if (!this.#backend.tensorMap.has(dataId)) return
    const slot = this.#slots.get(this.#backend.tensorMap.get(dataId))
    if (slot === undefined || !this.#held[slot]!.isResult) return
    this.#refuse('it reads a result before it is over')
    this.#catchUp()
  }

  /** tfjs lets go of a tensor; `dispose` is what the backend does then, and tells whether it was the last reference. */
  dispose(dataId: object, dispose: () => boolean): boolean {
    const {tensorMap} = this.#backend
    const data = tensorMap.has(dataId) ? tensorMap.get(dataId) : undefined
    const slot = data && this.#slots.get(data)
    if (!data || slot === undefined) return dispose()
    const held = this.#held[slot]!
    if (held.isResult) {
      held.isDisposed = dispose()
      return held.isDisposed
    }
    // The graph will be fed with it.
    const {id} = data
    data.id = -1
    held.isDisposed = dispose()
    if (!held.isDisposed) data.id = id
    else if (id >= 0) this.#deferred.push(id)
    return held.isDisposed
  }

  /** The course this run took: one of those it was given, or a new one. */
  trace(): Trace {
    const whole = this.#candidates.find(({events}) => events.length === this.#events.length)
    if (whole) return whole
    this.#catchUp()
    return {events: this.#events, results: this.#alive(), passages: this.#passages, inVain: new Map()}
  }

  /** Computes what survived, by the graph of this run's trace. */
  compute(graph: GraphSession): void {
    const alive = this.#alive()
    if (alive.length > 0) {
      const outputs = graph.run(this.#ids(graph.fedSlots), alive)
      alive.forEach((slot, i) => {
        const data = this.#held[slot]!.data!
        if (data.id >= 0) this.#backend.binding.deleteTensor(data.id)
        data.id = outputs[i]!.id
      })
    }
    this.#release()
  }

  /** Computes what survived, operation by operation. */
  abandon(): void {
    this.#catchUp()
    this.#release()
  }

  #refuse(reason: string): void {
    this.refusal ??= `${reason}, ${this.#place()}`
  }

  /** How far the step has come: 'after 12 of its operations, at zskt.ts:88'. */
  #place(name: string | null = null): string {
    const operations = this.#events.filter(({kind}) => kind === 'operation').length
    const at = caller()
    return `${name ? `with ${name} ` : ''}after ${operations} of its operations${at ? `, at ${at}` : ''}`
  }

  #dataOf(tensor: {readonly dataId: object}): StoredData | undefined {
    const {tensorMap} = this.#backend
    return tensorMap.has(tensor.dataId) ? tensorMap.get(tensor.dataId) : undefined
  }

  /** Follows a passage to its end; its variables and what it gives are what they would be after it. */
  #skip(trace: Trace, passage: Passage): Tensors {
    const {begin, end} = passage
    // What was recorded after the same passage, too: those have its very events.
    this.#candidates = this.#candidates.filter(
      ({events}) => events === trace.events || areTheSame(events, trace.events, begin, end),
    )
    this.#passages.set(begin, passage)
    const left = new Set([...passage.assigned.values(), ...passage.results])
    const made = new Map<number, Tensor>()
    const result = tf.tidy(() => {
      for (let place = begin; place < end; place++) {
        const event = trace.events[place]!
        this.#events.push(event)
        if (event.kind !== 'operation') this.#holdAgain(event, passage)
        else
          for (const type of event.outputs) {
            const slot = this.#held.length
            if (left.has(slot)) made.set(slot, this.#expect(type))
            else this.#held.push({data: null, id: -1, isResult: true, isDisposed: true})
          }
      }
      for (const [variable, slot] of passage.assigned) variable.assign(made.get(slot)!)
      let next = 0
      return mapTensors(passage.result, () =>
        tf.clone(made.get(passage.results[next++]!)!),
      ) as unknown as TensorContainer
    })
    return result as unknown as Tensors
  }

  /** A variable as it is now, or numbers as they were. */
  #holdAgain({shape, dtype}: External | Created, {externals, numbers}: Passage): void {
    const variable = externals.get(this.#held.length)
    if (variable) {
      const data = this.#dataOf(variable)!
      this.#upload(data)
      this.#hold({data, id: data.id, isResult: false})
      return
    }
    const id = this.#backend.binding.createTensor(shape, dtype, numbers.get(this.#held.length))
    this.#deferred.push(id)
    this.#hold({data: null, id, isResult: false})
  }

  #upload(data: StoredData): void {
    if (data.values === null) return
    data.id = this.#backend.binding.createTensor(data.shape, data.dtype, data.values)
    data.values = null
  }

  #alive(): number[] {
    return this.#held.flatMap(({isResult, isDisposed}, slot) => (isResult && !isDisposed ? [slot] : []))
  }

  #release(): void {
    for (const id of this.#deferred.splice(0)) this.#backend.binding.deleteTensor(id)
  }

  /** What was recorded at this place, where a trace still fits; else null, and everything before has been computed. */
  #follow(now: External | Created | Call): Event | null {
    if (this.#isRecording) return null
    const place = this.#events.length
    const fitting = this.#candidates.filter(({events}) => isSame(events[place], now))
    const event = fitting[0]?.events[place]
    if (!event) {
      this.departure = this.#place(now.kind === 'operation' ? now.name : null)
      this.#catchUp()
      return null
    }
    this.#candidates = fitting
    this.#events.push(event)
    return event
  }

  #slotOf({dataId}: {readonly dataId: object}, most: number): number {
    const data = this.#backend.tensorMap.get(dataId)
    const known = this.#slots.get(data)
    if (known !== undefined) return known
    const type = {shape: data.shape, dtype: data.dtype}
    const {values} = data
    if (this.#made.has(data)) {
      const isFixed = data.dtype === dataTypes.int32 && values!.length <= most
      const fixed = isFixed ? Array.from(values as ArrayLike<number>, Number) : null
      // The graph reads them when the step is over, which may fill the same array again until then.
      data.values = values?.slice() ?? null
      this.#watchNumbers(values, data)
      this.#note({kind: 'created', ...type, fixed})
    } else this.#note({kind: 'external', ...type})
    this.#upload(data)
    return this.#hold({data, id: data.id, isResult: false})
  }

  #int64({valueArray}: Int64Scalar): number {
    const dtype = dataTypes.int64!
    this.#watchNumbers(valueArray)
    this.#note({kind: 'created', shape: [], dtype, fixed: [...valueArray]})
    const id = this.#backend.binding.createTensor([], dtype, valueArray)
    this.#deferred.push(id)
    return this.#hold({data: null, id, isResult: false})
  }

  /** The next slot holds numbers. */
  #watchNumbers(values: BackendValues | null, data?: StoredData): void {
    const watched = this.#watched
    if (!watched) return
    if (values === null || (data && watched.madeBefore.has(data))) watched.isClosed = false
    else watched.numbers.set(this.#held.length, values.slice())
  }

  #note(event: External | Created): void {
    if (!this.#follow(event)) this.#events.push(event)
  }

  #hold(held: Omit<Held, 'isDisposed'>): number {
    const slot = this.#held.push({...held, isDisposed: false}) - 1
    if (held.data) this.#slots.set(held.data, slot)
    return slot
  }

  /** A result that will be computed when the step is over. */
  #expect({shape, dtype}: TensorType): Tensor {
    const tensor = this.#backend.createOutputTensor({id: -1, shape: [...shape], dtype})
    this.#hold({data: this.#backend.tensorMap.get(tensor.dataId), id: -1, isResult: true})
    return tensor
  }

  #ids(slots: readonly number[]): number[] {
    return slots.map((slot) => this.#held[slot]!.id)
  }

  /** Runs what was only followed so far, and records from here on. */
  #catchUp(): void {
    if (this.#isRecording) return
    this.#candidates = []
    try {
      this.#runFollowed()
    } catch (error) {
      this.#release()
      throw error
    }
  }

  #runFollowed(): void {
    const {binding} = this.#backend
    let slot = 0
    for (const event of this.#events) {
      if (event.kind !== 'operation') {
        slot++
        continue
      }
      const outputs = binding.executeOp(
        event.name,
        event.attributes,
        this.#ids(event.inputs),
        event.outputs.length,
      )
      for (const {id} of outputs) {
        const held = this.#held[slot++]!
        held.id = id
        if (held.isDisposed) this.#deferred.push(id)
        else held.data!.id = id
      }
    }
  }
}
