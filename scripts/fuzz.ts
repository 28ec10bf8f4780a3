// Mutated files against the readers, in memory, as parsing and loading do it:
//   node --conditions=@abd/source scripts/fuzz.ts [--runs 100000] [--reader NAME] [--seed N]
// Every file must give a model or an AbdError, within 5 s, and with at most 512 MB more than the process had before. Prints a
// line for each reader; exit code 1, with the seed and the number of the file, at the first that breaks this.
import {execFileSync} from 'node:child_process'
import {parseArgs} from 'node:util'
import fc from 'fast-check'
import {AbdError} from '../src/errors.ts'
import {truncated} from '../src/modelfile/blocks.ts'
import type {Loadable} from '../src/modelfile/joined-source.ts'
import {defaultLimits, HEAD_BYTES} from '../src/modelfile/limits.ts'
import {loadPlan} from '../src/modelfile/load-plan.ts'
import {parseFile} from '../src/modelfile/parse-file.ts'
import {Plan} from '../src/modelfile/plan-schema.ts'
import type {ParsedFile} from '../src/modelfile/reader.ts'
import {fuzzName, fuzzSeeds, mutate, mutation} from '../test/core/modelfile/fuzz-files.ts'

const SECONDS = 5
const MEGABYTES = 512

function inMemory(path: string, bytes: Buffer): ParsedFile & Loadable {
  const piece = (start: number, length: number) => {
    if (!(start >= 0 && length >= 0 && start + length <= bytes.length)) throw truncated(path)
    return Uint8Array.from(bytes.subarray(start, start + length))
  }
  return {
    path,
    bytes: bytes.length,
    head: piece(0, Math.min(bytes.length, HEAD_BYTES)),
    read: async (start, length) => piece(start, length),
    async load(ranges) {
      for (const {start, into} of ranges) into.set(piece(start, into.length))
    },
  }
}

async function outcomeOf(path: string, bytes: Buffer): Promise<'model' | 'error' | 'spent'> {
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
    if (error instanceof AbdError && error.hints.length > 0)
      return error.code === 'E_HDF5_SPENT' ? 'spent' : 'error'
    throw error
  }
}

/** What one process found. The HDF5 library may be of no use after a file: then another process goes on from there. */
interface Part {
  readonly next: number
  readonly model: number
  readonly error: number
  readonly slowest: number
  readonly most: number
}

/** Mutations are drawn in pieces, so that fast-check keeps no hundred thousand values. */
const PIECE = 2000

async function runPart(name: string, from: number, runs: number, seed: number): Promise<Part> {
  const outcomes = {model: 0, error: 0}
  const before = process.memoryUsage().rss
  let [slowest, most, done] = [0, 0, from]
  while (done < runs) {
    const piece = Math.floor(done / PIECE)
    const drawn = fc.sample(fc.array(mutation, {minLength: 1, maxLength: 4}), {
      numRuns: PIECE,
      seed: seed + piece,
    })
    for (const mutations of drawn.slice(done % PIECE, Math.min(PIECE, runs - piece * PIECE))) {
      const bytes = mutations.reduce(mutate, Buffer.from(fuzzSeeds[name]!))
      const started = performance.now()
      const outcome = await outcomeOf(fuzzName(name), bytes).catch((error: unknown) => {
        process.stderr.write(`${name}: file ${done} of seed ${seed}: ${JSON.stringify(mutations)}\n`)
        throw error
      })
      if (outcome === 'spent') return {next: done, ...outcomes, slowest, most}
      outcomes[outcome]++
      const seconds = (performance.now() - started) / 1000
      slowest = Math.max(slowest, seconds)
      if (++done % 64 === 0) most = Math.max(most, process.memoryUsage().rss - before)
      if (seconds > SECONDS || most > MEGABYTES * 1e6)
        throw new Error(`${name}: file ${done} of seed ${seed} took ${seconds} s, ${most} bytes`)
    }
  }
  return {next: done, ...outcomes, slowest, most}
}

const {values} = parseArgs({
  options: {
    runs: {type: 'string', default: '100000'},
    reader: {type: 'string'},
    seed: {type: 'string', default: '1'},
    from: {type: 'string'},
  },
})
const [runs, seed] = [Number(values.runs), Number(values.seed)]

if (values.from !== undefined)
  process.stdout.write(JSON.stringify(await runPart(values.reader!, Number(values.from), runs, seed)))
else
  for (const name of Object.keys(fuzzSeeds)) {
    if (values.reader !== undefined && values.reader !== name) continue
    const began = performance.now()
    const parts: Part[] = []
    for (let next = 0; next < runs; next = parts.at(-1)!.next) {
      const given = ['--from', String(next), '--reader', name, '--runs', values.runs, '--seed', values.seed]
      const answer = execFileSync(process.execPath, [...process.execArgv, process.argv[1]!, ...given], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      parts.push(JSON.parse(answer.toString()) as Part)
    }
    const sum = (of: 'model' | 'error') => parts.reduce((total, part) => total + part[of], 0)
    const slowest = Math.max(...parts.map((part) => part.slowest))
    const most = Math.max(...parts.map((part) => part.most))
    process.stdout.write(
      `${name}: ${sum('model') + sum('error')} files, ${sum('model')} read, ${sum('error')} refused, slowest ${slowest.toFixed(3)} s, ${(most / 1e6).toFixed(0)} MB more, ${((performance.now() - began) / 1000).toFixed(0)} s, ${parts.length} processes\n`,
    )
  }
