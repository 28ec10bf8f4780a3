import {basename, dirname, sep} from 'node:path'
import {fileURLToPath} from 'node:url'

/** Where, outside of tfjs and the engine, the code that is running was called from: 'zskt.ts:88'; null where it is not to be seen. */
export function caller(): string | null {
  const {stackTraceLimit} = Error
  Error.stackTraceLimit = MOST_FRAMES
  const {stack = ''} = new Error('only for its stack')
  Error.stackTraceLimit = stackTraceLimit
  for (const line of stack.split('\n').slice(1)) {
    const [, file, at] = /(?:\(|at (?:async )?)((?:file:|\/|[A-Z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(line) ?? []
    if (file === undefined) continue
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    if (!path.startsWith(engine) && !elsewhere.test(path)) return `${basename(path)}:${at}`
  }
  return null
}

const MOST_FRAMES = 50

const engine = dirname(import.meta.dirname) + sep

/** Libraries, and tfjs as we ship it. */
const elsewhere = /[/\\](node_modules|vendor)[/\\]/
