import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Binding, OutputInfo} from '../tensorflow-backend.ts'
import {TAG, graphOf} from './graph-of.ts'
import type {Trace} from './trace.ts'

/** A trace as TensorFlow runs it: one call for all its operations. */
export interface GraphSession extends Disposable {
  /** The tensors of the slots in `fetched`, in their order; `feeds` has one for each that `fedSlots` lists. */
  run(feeds: readonly number[], fetched: readonly number[]): OutputInfo[]
  /** Slots that come from outside the graph, in their order. */
  readonly fedSlots: readonly number[]
}

/** Throws where TensorFlow does not take the graph, or where there is no place for it in the temporary folder. */
export function openGraph(trace: Trace, binding: Binding): GraphSession {
  const {bytes, names} = graphOf(trace, binding)
  const session = load(bytes, binding)
  const fedSlots: number[] = []
  let slot = 0
  for (const event of trace.events) {
    if (event.kind === 'external' || (event.kind === 'created' && !event.fixed)) fedSlots.push(slot)
    slot += event.kind === 'operation' ? event.outputs.length : 1
  }
  const feedNames = fedSlots.map((fed) => names[fed]).join(',')
  return {
    fedSlots,
    run: (feeds, fetched) =>
      binding.runSavedModel(session, feeds, feedNames, fetched.map((one) => names[one]).join(',')),
    [Symbol.dispose]: () => binding.deleteSavedModel(session),
  }
}

/** The binding reads graphs from a folder; it is gone before anything runs. */
function load(bytes: Uint8Array, binding: Binding): number {
  const folder = inTemporaryFolder(() => mkdtempSync(join(tmpdir(), 'abd-graph-')))
  try {
    inTemporaryFolder(() => {
      writeFileSync(join(folder, 'saved_model.pb'), bytes)
    })
    return binding.loadSavedModel(folder, TAG)
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

function inTemporaryFolder<T>(write: () => T): T {
  try {
    return write()
  } catch (cause) {
    throw new Error(
      `its graph cannot be written to the temporary folder ${tmpdir()} (${(cause as Error).message}); TMPDIR names another one`,
      {cause},
    )
  }
}
