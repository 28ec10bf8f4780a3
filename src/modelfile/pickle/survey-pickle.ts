import {BrokenPickle} from './broken-pickle.ts'
import {skipAt} from './decode.ts'
import {opcodes} from './opcodes.ts'

export interface Survey {
  /** Whether instructions led to a STOP, out of the bytes that there are, or to what is no instruction. */
  readonly reached: 'stop' | 'cut' | 'fault'
  /** The byte after the last whole instruction. */
  readonly end: number
  /** Whether one of them imports a name. */
  readonly imports: boolean
  /** Whether one of them calls, or makes an object. */
  readonly calls: boolean
}

const IMPORTS: ReadonlySet<string> = new Set(['GLOBAL', 'STACK_GLOBAL', 'INST', 'EXT1', 'EXT2', 'EXT4'])
const CALLS: ReadonlySet<string> = new Set(['REDUCE', 'INST', 'OBJ', 'NEWOBJ', 'NEWOBJ_EX', 'BUILD'])

/** What instructions there are from the first byte on, without running them. */
export function surveyPickle(bytes: Uint8Array): Survey {
  let [end, imports, calls] = [0, false, false]
  try {
    for (;;) {
      const instruction = skipAt(bytes, end)
      end = instruction.end
      imports ||= IMPORTS.has(instruction.name)
      calls ||= CALLS.has(instruction.name)
      if (instruction.name === 'STOP') return {reached: 'stop', end, imports, calls}
    }
  } catch (error) {
    if (!(error instanceof BrokenPickle)) throw error
    const reached = end >= bytes.length || opcodes[bytes[end]!] ? 'cut' : 'fault'
    return {reached, end, imports, calls}
  }
}

/** Whether it imports a name and makes use of it before Python would stop, at a STOP or not: all else does nothing. */
export function doesSomething(bytes: Uint8Array): boolean {
  const {imports, calls} = surveyPickle(bytes)
  return imports && calls
}
