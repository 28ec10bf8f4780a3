import * as tf from '@tensorflow/tfjs-core'
import type {BackendValues, Tensor, Variable} from '@tensorflow/tfjs-core'
import {structureOf, tensorsOf} from '../../tensors.ts'
import type {Tensors} from '../../tensors.ts'
import type {StoredData} from '../tensorflow-backend.ts'
import type {Event} from './trace.ts'

/**
 * A part of a course that is the same whenever what it is given is of the same kinds: where it begins and ends, and how
 * what is outside it is found again, so that it can be followed without its JavaScript.
 */
export interface Passage {
  /** Whose it is. */
  readonly key: object
  /** Its events are those from `begin` to before `end`; its slots begin with `firstSlot`. */
  readonly begin: number
  readonly end: number
  readonly firstSlot: number
  /** Of what it is given: `structureOf`, and the slots in its order. */
  readonly structure: string
  readonly given: readonly number[]
  /** Slots from before it that it uses and that are a variable's. */
  readonly known: ReadonlyMap<number, Variable>
  /** Its events that are variables which the step had not used before, by slot. */
  readonly externals: ReadonlyMap<number, Variable>
  /** The numbers that it makes, by slot: they have to be the same each time. */
  readonly numbers: ReadonlyMap<number, BackendValues>
  /** Variables whose value is replaced, and by which slot. */
  readonly assigned: ReadonlyMap<Variable, number>
  /** What it gives, with other tensors in the place of the present ones, and their slots in its order. */
  readonly result: Tensors
  readonly results: readonly number[]
  /** Has made the same numbers a second time. */
  isProven: boolean
}

/** What a step has met so far. */
export interface Course {
  readonly events: readonly Event[]
  /** By slot. */
  readonly held: readonly {
    readonly data: StoredData | null
    readonly isResult: boolean
    readonly isDisposed: boolean
  }[]
  /** The slot of a tensor's data, where it has one. */
  readonly slotOf: (data: StoredData) => number | undefined
  readonly dataOf: (tensor: Pick<Tensor, 'dataId'>) => StoredData | undefined
}

/** A passage while its JavaScript runs. */
export interface Watched extends Pick<Passage, 'key' | 'begin' | 'firstSlot' | 'structure' | 'given'> {
  readonly numbers: Map<number, BackendValues>
  /** Made of numbers before it began. */
  readonly madeBefore: ReadonlySet<StoredData>
  /** What variables held when it began. */
  readonly variables: ReadonlyMap<Variable, StoredData | undefined>
  /** Uses no numbers but its own. */
  isClosed: boolean
}

export const variablesNow = ({dataOf}: Pick<Course, 'dataOf'>): Map<Variable, StoredData | undefined> =>
  new Map(Object.values(tf.engine().registeredVariables).map((variable) => [variable, dataOf(variable)]))

/**
 * The passage that has just been gone through; null where something that it uses or leaves behind is neither a variable, nor
 * given, nor its result, and so could not be found again, and where it cannot be told which variable it is.
 */
export function passageOf(course: Course, watched: Watched, result: Tensors): Passage | null {
  if (!watched.isClosed) return null
  const {key, begin, firstSlot, structure, given, numbers} = watched
  const used = usedBy(course, watched)
  const left = leftBy(course, watched, result)
  if (!used || !left) return null
  return {
    key,
    begin,
    end: course.events.length,
    firstSlot,
    structure,
    given,
    numbers,
    result,
    ...used,
    ...left,
    isProven: false,
  }
}

function usedBy(
  {events, held}: Course,
  {begin, firstSlot, given, variables}: Watched,
): Pick<Passage, 'known' | 'externals'> | null {
  const owners = new Map<StoredData, Variable | null>()
  // A copy has the data of its original until one of the two changes.
  for (const [variable, data] of variables) if (data) owners.set(data, owners.has(data) ? null : variable)
  const known = new Map<number, Variable>()
  const externals = new Map<number, Variable>()
  let slot = firstSlot
  for (const event of events.slice(begin)) {
    const outside =
      event.kind === 'operation'
        ? event.inputs.filter((input) => input < firstSlot && !given.includes(input))
        : event.kind === 'external'
          ? [slot]
          : []
    for (const one of outside) {
      const {data} = held[one]!
      const owner = data ? owners.get(data) : undefined
      if (!owner) return null
      if (one < firstSlot) known.set(one, owner)
      else externals.set(one, owner)
    }
    slot += event.kind === 'operation' ? event.outputs.length : 1
  }
  return {known, externals}
}

function leftBy(
  course: Course,
  {firstSlot, variables}: Watched,
  result: Tensors,
): Pick<Passage, 'assigned' | 'results'> | null {
  const {held, slotOf, dataOf} = course
  const own = (data: StoredData | undefined) => {
    const slot = data && slotOf(data)
    return slot !== undefined && slot >= firstSlot && held[slot]!.isResult ? slot : undefined
  }
  const assigned = new Map<Variable, number>()
  for (const [variable, data] of variablesNow(course)) {
    if (variables.has(variable) && variables.get(variable) === data) continue
    const slot = own(data)
    if (slot === undefined || !variables.has(variable)) return null
    assigned.set(variable, slot)
  }
  const results: number[] = []
  for (const tensor of tensorsOf(result)) {
    const slot = own(dataOf(tensor))
    if (slot === undefined) return null
    results.push(slot)
  }
  const left = new Set([...assigned.values(), ...results])
  const isLost = held.some(
    ({isResult, isDisposed}, slot) => slot >= firstSlot && isResult && !isDisposed && !left.has(slot),
  )
  return isLost ? null : {assigned, results}
}

/** Whether the passage is the one that begins here, has been proven, and all that it uses is where it was. */
export function canFollow(
  {isProven, key, firstSlot, structure, given, known, externals, assigned}: Passage,
  {held, slotOf, dataOf}: Course,
  asked: Pick<Passage, 'key' | 'structure' | 'given'>,
): boolean {
  if (!isProven || key !== asked.key || held.length !== firstSlot) return false
  if (structure !== asked.structure || !asked.given.every((slot, i) => slot === given[i])) return false
  const present = (variable: Variable) => (variable.isDisposed ? undefined : dataOf(variable))
  for (const [slot, variable] of known) if (present(variable) !== held[slot]!.data) return false
  for (const variable of externals.values()) {
    const data = present(variable)
    if (!data || slotOf(data) !== undefined) return false
  }
  return [...assigned.keys()].every((variable) => !variable.isDisposed)
}

/** Whether a passage that was gone through a second time uses, makes and leaves behind the same. */
export const isAgain = (now: Passage, before: Passage): boolean =>
  now.key === before.key &&
  now.end === before.end &&
  now.firstSlot === before.firstSlot &&
  now.structure === before.structure &&
  areSame(now.given, before.given) &&
  areSame([...now.known].flat(), [...before.known].flat()) &&
  areSame([...now.externals].flat(), [...before.externals].flat()) &&
  areSame([...now.assigned].flat(), [...before.assigned].flat()) &&
  areSame(now.results, before.results) &&
  structureOf(now.result) === structureOf(before.result) &&
  areSame([...now.numbers.keys()], [...before.numbers.keys()]) &&
  [...now.numbers].every(([slot, values]) => areSame(values, before.numbers.get(slot)!))

const areSame = (a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}
