import type {Entries, MetricEntry} from '../client/batches-of.ts'
import type {Operation} from './operations.ts'
import type {Line} from './read-operations.ts'

type Of<K extends Operation['op']> = Extract<Operation, {op: K}>

/** What goes to the server at once. `end` is the byte after it. */
export type Group = {readonly end: number; readonly lines: number} & (
  | {readonly kind: 'entries'; readonly entries: Required<Entries>}
  | {readonly kind: 'unknown'; readonly text: string}
  | {
      [K in 'artifact' | 'input' | 'model' | 'verdict' | 'end']: {
        readonly kind: K
        readonly operation: Of<K>
      }
    }['artifact' | 'input' | 'model' | 'verdict' | 'end']
)

/** Metrics of one call; a few lines more than that are split by the client. */
const FULL = 1000

/**
 * Lines that may travel together: metrics, parameters and tags of one call, but not two values of one name, whose order
 * counts.
 */
export async function* gather(lines: AsyncIterable<Line>): AsyncGenerator<Group> {
  let open = empty()
  for await (const {operation, end, text} of lines) {
    if (operation?.op === 'metrics' || operation?.op === 'params' || operation?.op === 'tags') {
      const added = sizeOf(operation)
      if (open.lines > 0 && (open.size + added > FULL || repeats(open, operation))) {
        yield close(open)
        open = empty()
      }
      add(open, operation)
      open.size += added
      open.end = end
      open.lines++
      continue
    }
    if (open.lines > 0) {
      yield close(open)
      open = empty()
    }
    yield operation === undefined
      ? {kind: 'unknown', text, end, lines: 1}
      : ({kind: operation.op, operation, end, lines: 1} as Group)
  }
  if (open.lines > 0) yield close(open)
}

type Kept = Of<'metrics'> | Of<'params'> | Of<'tags'>

const empty = () => ({
  lines: 0,
  end: 0,
  size: 0,
  metrics: [] as MetricEntry[],
  params: new Map<string, string>(),
  tags: new Map<string, string>(),
})
type Open = ReturnType<typeof empty>

/** A hundred parameters fill a call as a thousand metrics do. */
const sizeOf = ({op, values}: Kept): number => Object.keys(values).length * (op === 'metrics' ? 1 : 10)

const repeats = (open: Open, {op, values}: Kept): boolean =>
  op !== 'metrics' && Object.keys(values).some((key) => open[op].has(key))

function add(open: Open, operation: Kept): void {
  if (operation.op === 'metrics')
    for (const [key, value] of Object.entries(operation.values))
      open.metrics.push({key, value, timestamp: operation.at, step: operation.step})
  else for (const [key, value] of Object.entries(operation.values)) open[operation.op].set(key, value)
}

const close = ({lines, end, metrics, params, tags}: Open): Group => ({
  kind: 'entries',
  lines,
  end,
  entries: {metrics, params: listed(params), tags: listed(tags)},
})

const listed = (values: ReadonlyMap<string, string>) => [...values].map(([key, value]) => ({key, value}))
