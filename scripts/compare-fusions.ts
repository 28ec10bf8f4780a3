// What other sets of detectors would give, put together by the shipped calibration: AUROC of the smoothed rank, demonstrations
// left out, and how many clean and poisoned models have p <= 0.05. For models of 10 classes and 32 x 32 x 3 pixels, as in the zoo.
//   node --conditions=@abd/source scripts/compare-fusions.ts BENCH.json [MEASURED.jsonl …] --sets 'a,b;a,b,c'
// BENCH.json is what `abd detect bench` wrote, a MEASURED.jsonl what scripts/measure-detectors.ts --out did.
import {table} from '@abd/cli'
import {readCalibration, referenceFor} from '@abd/core/audit'
import {architectureByName} from '@abd/core/nn'
import {readFile} from 'node:fs/promises'
import {basename} from 'node:path'
import {parseArgs} from 'node:util'
import {aurocInterval} from '../plugins/detect/src/bench/intervals.ts'
import {auroc} from '../plugins/detect/src/bench/roc.ts'

interface Audited {
  readonly name: string
  readonly attack: string
  readonly architecture: string
  readonly statistics: Record<string, number | null>
}

const {positionals, values} = parseArgs({allowPositionals: true, options: {sets: {type: 'string'}}})
const [bench, ...measured] = positionals
if (bench === undefined || values.sets === undefined)
  throw new Error("Name a bench.json and sets of detectors: --sets 'known_triggers,patch_probes;last_layer'")
const {models} = JSON.parse(await readFile(bench, 'utf8')) as {models: Audited[]}
for (const path of measured)
  for (const line of (await readFile(path, 'utf8')).trim().split('\n')) {
    const row = JSON.parse(line) as {model: string; detector: string; statistic: number | null}
    const model = models.find(({name}) => stem(name) === stem(row.model))
    if (model) model.statistics[row.detector] = row.statistic
  }

const calibration = await readCalibration()
const rows = values.sets.split(';').map((set) => {
  const detectors = set
    .split(',')
    .map((name) => ({name, version: calibration.detectors[name] ?? 0, weight: 1}))
  const ranks = models.map((model) => {
    const architecture = architectureByName(model.architecture, {classes: 10, input: [32, 32, 3]})
    const own = Object.entries(model.statistics).filter(
      (entry): entry is [string, number] => entry[1] !== null,
    )
    const fused = referenceFor(calibration, {architecture, sha256: ''}, detectors).fuse(new Map(own))
    if (!fused) throw new Error(`${model.name} has not all statistics of ${set}.`)
    return {poisoned: model.attack !== 'clean', ...fused}
  })
  const scores = (poisoned: boolean) =>
    ranks.filter((one) => one.poisoned === poisoned).map(({smoothed}) => -smoothed)
  const early = (poisoned: boolean) =>
    ranks.filter((one) => one.poisoned === poisoned && one.pValue <= 0.05).length
  const [clean, poisoned] = [scores(false), scores(true)]
  const area = auroc({poisoned, clean})
  const [low, high] = aurocInterval(area, poisoned.length, clean.length)
  return [
    set,
    `${area.toFixed(3)} (${low.toFixed(2)} – ${high.toFixed(2)})`,
    `${early(false)} of ${clean.length}`,
    `${early(true)} of ${poisoned.length}`,
  ]
})
console.log(`${calibration.id}: ${calibration.models.length} clean models`)
console.log(table(['fused', 'AUROC (95 %)', 'clean at p <= 0.05', 'poisoned'], rows))

function stem(name: string): string {
  return basename(name).replace(/\.[a-z]+$/, '')
}
