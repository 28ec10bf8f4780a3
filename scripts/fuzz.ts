// Mutated files against the readers, in memory, as parsing and loading do it:
//   node --conditions=@abd/source scripts/fuzz.ts [--runs 100000] [--reader NAME] [--seed N]
// Every file must give a model or an AbdError, within 5 s, and with at most 512 MB more than the process had before. Prints a
// line for each reader; exit code 1, with the seed and the number of the file, at the first that breaks this.
import {createHash} from 'node:crypto'
import {parseArgs} from 'node:util'
import fc from 'fast-check'
import {AbdError} from '../src/errors.ts'
import {truncated} from '../src/modelfile/blocks.ts'
import {defaultLimits} from '../src/modelfile/limits.ts'
import {loadPlan} from '../src/modelfile/load-plan.ts'
import {parseFile} from '../src/modelfile/parse-file.ts'
import {Plan} from '../src/modelfile/plan.ts'
import {HEAD_BYTES, type SourceFile} from '../src/modelfile/source-file.ts'
import {fuzzName, fuzzSeeds, mutate, mutation} from '../test/core/modelfile/fuzz-files.ts'

const SECONDS = 5
const MEGABYTES = 512

function inMemory(path: string, bytes: Buffer): SourceFile {
  const piece = (start: number, length: number) => {
    if (!(start >= 0 && length >= 0 && start + length <= bytes.length)) throw truncated(path)
    return Uint8Array.from(bytes.subarray(start, start + length))
  }
  return {
    path,
    bytes: bytes.length,
    head: piece(0, Math.min(bytes.length, HEAD_BYTES)),
    descriptor: -1,
    read: async (start, length) => piece(start, length),
    expect: () => {},
    async load(ranges) {
      for (const {start, into} of ranges) into.set(piece(start, into.length))
    },
    sha256: async () => createHash('sha256').update(bytes).digest('hex'),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function outcomeOf(path: string, bytes: Buffer): Promise<'model' | 'error'> {
  const file = inMemory(path, bytes)
  try {
    const {plan, payload} = await parseFile(file, {limits: defaultLimits})
    Plan.parse(plan)
    if (plan.files.length > 0) return 'model'
    await loadPlan(
      plan,
      {file, others: [], payload: new Uint8Array(Buffer.concat(payload ?? []))},
      defaultLimits,
    )
    return 'model'
  } catch (error) {
    if (error instanceof AbdError && error.hints.length > 0) return 'error'
    throw error
  }
}

const {values} = parseArgs({
  options: {
    runs: {type: 'string', default: '100000'},
    reader: {type: 'string'},
    seed: {type: 'string', default: '1'},
  },
})
for (const [name, seed] of Object.entries(fuzzSeeds)) {
  if (values.reader !== undefined && values.reader !== name) continue
  const outcomes = {model: 0, error: 0}
  let slowest = 0
  const before = process.memoryUsage().rss
  let most = 0
  let done = 0
  const began = performance.now()
  // In pieces, so that fast-check keeps no hundred thousand values.
  for (let part = 0; done < Number(values.runs); part++)
    for (const mutations of fc.sample(fc.array(mutation, {minLength: 1, maxLength: 4}), {
      numRuns: Math.min(2000, Number(values.runs) - done),
      seed: Number(values.seed) + part,
    })) {
      const bytes = mutations.reduce(mutate, Buffer.from(seed))
      const started = performance.now()
      try {
        outcomes[await outcomeOf(fuzzName(name), bytes)]++
      } catch (error) {
        process.stderr.write(`${name}: file ${done} of seed ${values.seed}: ${JSON.stringify(mutations)}\n`)
        throw error
      }
      const seconds = (performance.now() - started) / 1000
      slowest = Math.max(slowest, seconds)
      if (++done % 64 === 0) most = Math.max(most, process.memoryUsage().rss - before)
      if (seconds > SECONDS || most > MEGABYTES * 1e6) {
        process.stderr.write(
          `${name}: file ${done} of seed ${values.seed} took ${seconds} s, ${most} bytes\n`,
        )
        process.exit(1)
      }
    }
  const took = ((performance.now() - began) / 1000).toFixed(0)
  process.stdout.write(
    `${name}: ${done} files, ${outcomes.model} read, ${outcomes.error} refused, slowest ${slowest.toFixed(3)} s, ${(most / 1e6).toFixed(0)} MB more, ${took} s\n`,
  )
}
