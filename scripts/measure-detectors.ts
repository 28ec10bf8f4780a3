// Runs detectors, each alone, on every model of a folder with sidecars, and tells how well each one's statistic knows
// poisoned models from clean ones: AUROC with its 95 % interval, models found at 5 % false positives, targets named, seconds.
//   node --conditions=@abd/source scripts/measure-detectors.ts ZOO NAME… [--options JSON] [--only REGEXP] [--data PATH] [--out FILE]
// --options are for the detectors named; --only chooses models by their architecture, attack and data set; --out keeps what each
// model gave, one JSON line each, and a model that is in it already is not run again.
import {table} from '@abd/cli'
import {createRegistry, silent} from '@abd/core'
import type {Context} from '@abd/core'
import {drawnImages, gatherEvidence, loadTeacher, planOf, vanillaStudents} from '@abd/core/audit'
import {createRandom, openEngine} from '@abd/core/engine'
import {existsSync} from 'node:fs'
import {appendFile, readFile} from 'node:fs/promises'
import {parseArgs} from 'node:util'
import {attackPlugin} from '../plugins/attack/src/index.ts'
import {findModels} from '../plugins/detect/src/bench/find-models.ts'
import {aurocInterval} from '../plugins/detect/src/bench/intervals.ts'
import {auroc, foundAt} from '../plugins/detect/src/bench/roc.ts'
import {detectPlugin} from '../plugins/detect/src/index.ts'
import {distillPlugin} from '../plugins/distill/src/index.ts'

interface Row {
  readonly model: string
  readonly attack: string
  readonly architecture: string
  readonly truth: number | null
  readonly detector: string
  readonly options: object
  readonly statistic: number | null
  readonly target: number | null
  readonly seconds: number
  readonly perClass?: readonly number[]
  readonly details: object
}

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    options: {type: 'string', default: '{}'},
    only: {type: 'string', default: ''},
    data: {type: 'string'},
    out: {type: 'string'},
  },
})
const [zoo, ...names] = positionals
if (!zoo || names.length === 0) {
  console.error('Name a folder of models with sidecars, and detectors.')
  process.exit(2)
}
const options = JSON.parse(values.options) as Record<string, unknown>
const registry = createRegistry([attackPlugin, distillPlugin, detectPlugin])
await using engine = await openEngine('tensorflow')
const context: Context = {
  engine,
  random: createRandom(0),
  progress: silent,
  signal: new AbortController().signal,
}
const rows: Row[] =
  values.out && existsSync(values.out)
    ? (await readFile(values.out, 'utf8'))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Row)
    : []
const before = rows.length
const key = (row: Pick<Row, 'model' | 'detector' | 'options'>) =>
  JSON.stringify([row.model, row.detector, row.options])
const done = new Set(rows.map(key))
const chosen = new RegExp(values.only)
const {models} = await findModels(zoo)
for (const {name, path, sidecar} of models) {
  const {attack, arch = 'unknown', dataset = 'unknown', mean, std} = sidecar
  if (!chosen.test(`${arch} ${attack} ${dataset}`)) continue
  const open = names.filter((detector) => !done.has(key({model: name, detector, options})))
  if (open.length === 0) continue
  const {model} = await loadTeacher(
    {path, ...(mean && std ? {mean: mean.join(','), std: std.join(',')} : {})},
    context,
  )
  try {
    const {architecture} = model.network
    const [height, width, channels] = architecture.input
    const evidence = await gatherEvidence(
      {height, width, channels},
      {count: 500, classes: architecture.classes, data: values.data, registry, context},
    )
    using students = vanillaStudents(model, {plan: planOf('deep').transfer!, registry, context})
    for (const detector of open) {
      const own = {...context, random: context.random.fork(detector)}
      const began = performance.now()
      const {statistic, target, perClass, details} = await registry
        .create('detector', detector, options, own)
        .inspect(
          model,
          {
            ...evidence,
            students: async (n) => students.take(n),
            drawn: async (count) => drawnImages(model, count, {registry, context}),
          },
          own,
        )
      const row: Row = {
        model: name,
        attack,
        architecture: architecture.name,
        truth: attack === 'clean' ? null : (sidecar.target ?? null),
        detector,
        options,
        statistic: Number.isFinite(statistic) ? statistic : null,
        target,
        seconds: (performance.now() - began) / 1000,
        ...(perClass ? {perClass} : {}),
        details,
      }
      rows.push(row)
      if (values.out) await appendFile(values.out, `${JSON.stringify(row)}\n`)
      console.error(
        `${name} ${attack} ${row.truth ?? '-'}: ${detector} ${row.statistic?.toFixed(3) ?? 'none'} -> ${target ?? '-'} ${row.seconds.toFixed(1)} s`,
      )
    }
  } finally {
    model[Symbol.dispose]()
  }
}

const wanted = JSON.stringify(options)
const told = rows.filter(
  (row) => names.includes(row.detector) && JSON.stringify(row.options) === wanted && row.statistic !== null,
)
const texts = names.map((detector) => {
  const own = told.filter((row) => row.detector === detector)
  const bad = own.filter(({attack}) => attack !== 'clean')
  const scores = {
    poisoned: bad.map((row) => row.statistic!),
    clean: own.filter(({attack}) => attack === 'clean').map((row) => row.statistic!),
  }
  const area = auroc(scores)
  const [low, high] = aurocInterval(area, scores.poisoned.length, scores.clean.length)
  const named = bad.filter(({truth, target}) => truth !== null && truth === target).length
  const seconds = own.reduce((sum, row) => sum + row.seconds, 0) / own.length
  return [
    detector,
    `${area.toFixed(3)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    `${foundAt(scores, 0.05)} of ${bad.length}`,
    bad.some(({target}) => target !== null) ? `${named} of ${bad.length}` : '-',
    `${scores.clean.length}`,
    seconds.toFixed(1),
  ]
})
console.log(
  table(['detector', 'AUROC (95 %)', 'found at 5 % FP', 'target named', 'clean', 'seconds a model'], texts),
)
console.error(`${rows.length - before} run, ${before} kept.`)
