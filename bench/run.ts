// Prints one JSON document: for each case the median, minimum and maximum of its runs after a warm-up, and the peak
// resident memory of the process it ran in (each has one of its own); where something is aimed for, that and whether the
// median meets it.
//   npm run bench                 all cases
//   npm run bench -- student-step load-safetensors
import {spawnSync} from 'node:child_process'
import {cpus} from 'node:os'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import type {Figures} from './case.ts'
import {cases} from './cases/index.ts'

const sorted = (figures: readonly number[]) => figures.toSorted((a, b) => a - b)
const middle = (figures: readonly number[]) => figures[figures.length >> 1]!

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {one: {type: 'string'}, json: {type: 'boolean'}},
})

if (values.one) {
  const found = cases.find(({name}) => name === values.one)!
  const {run, tearDown} = await found.setUp()
  await run()
  const all: Figures[] = []
  for (let i = 0; i < found.runs; i++) {
    const figure = await run()
    all.push(typeof figure === 'number' ? {figure, of: {}} : figure)
  }
  await tearDown()
  const figures = sorted(all.map(({figure}) => figure))
  const median = middle(figures)
  const {target} = found
  const medians: (readonly [string, number])[] = Object.keys(all[0]!.of).map((name) => [
    name,
    middle(sorted(all.map(({of}) => of[name]!))),
  ])
  process.stdout.write(
    JSON.stringify({
      name: found.name,
      summary: found.summary,
      unit: found.unit,
      better: found.better,
      median,
      min: figures[0],
      max: figures.at(-1),
      runs: found.runs,
      ...(target === undefined
        ? {}
        : {target, isMet: found.better === 'smaller' ? median <= target : median >= target}),
      ...(medians.length > 0 ? {medians: Object.fromEntries(medians) as Record<string, number>} : {}),
      // Kilobytes on every platform.
      peakRssMB: Math.round(process.resourceUsage().maxRSS / 1000),
    }),
  )
} else {
  const unknown = positionals.find((name) => !cases.some((one) => one.name === name))
  if (unknown !== undefined) {
    process.stderr.write(`There is no case '${unknown}'. Known: ${cases.map(({name}) => name).join(', ')}.\n`)
    process.exit(2)
  }
  const results = cases
    .filter(({name}) => positionals.length === 0 || positionals.includes(name))
    .map(({name}) => {
      const child = spawnSync(
        process.execPath,
        [...process.execArgv, fileURLToPath(import.meta.url), '--one', name],
        {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      if (child.status !== 0)
        throw new Error(`The case '${name}' ended with ${child.status ?? child.signal}.`)
      process.stderr.write(`${name}: done\n`)
      return JSON.parse(child.stdout) as unknown
    })
  const machine = {cpu: cpus()[0]?.model, cores: cpus().length, node: process.version}
  process.stdout.write(`${JSON.stringify({machine, results}, null, 2)}\n`)
}
