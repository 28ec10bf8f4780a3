import {performance} from 'node:perf_hooks'

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/**
 * One step of the set-up: `needed` says in words what is to do (nothing: the step is silent), `work` does it.
 * Prints one line when it begins and the time it took when it ends.
 * @param {string} name
 * @param {string | undefined} needed
 * @param {() => Promise<string | void>} work may answer a line that replaces "done"
 * @returns {Promise<boolean>} whether anything was done
 */
export async function step(name, needed, work) {
  if (!needed) return false
  const began = performance.now()
  process.stdout.write(`${name}: ${needed} …\n`)
  const said = await work()
  process.stdout.write(`${name}: ${said ?? 'done'} (${seconds(began)})\n`)
  return true
}
