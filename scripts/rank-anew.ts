// What a bench's audits would say by the calibration and the fusion of today, from the statistics that they kept: no model is
// looked at. For a change of either, whose effect is known in seconds; a verdict that rests on a second normalisation or on outputs
// that are degenerate is not seen.
//   node --conditions=@abd/source scripts/rank-anew.ts ZOO BENCH [--calibration FILE] [--weights JSON] [--models]
// BENCH is the folder that `abd detect bench ZOO --out BENCH` wrote; --weights says what each signal counts, as
// '{"patch_probes": 1, "class_agreement": 1}'; --models prints a line for each model, too.
import {table} from '@abd/cli'
import type {Demonstration} from '@abd/core/audit'
import {
  groundsOf,
  judge,
  planOf,
  Policy,
  readCalibration,
  referenceFor,
  Report,
  scoreOf,
  signalWeights,
} from '@abd/core/audit'
import {architectureByName} from '@abd/core/nn'
import {readFile, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {benchSentences, benchTexts, detectorTexts} from '../plugins/detect/src/bench/bench-texts.ts'
import {findModels} from '../plugins/detect/src/bench/find-models.ts'
import type {Outcome} from '../plugins/detect/src/bench/outcome.ts'
import {kindOf} from '../plugins/detect/src/bench/sidecar.ts'
import {summariseBench} from '../plugins/detect/src/bench/summarise-bench.ts'
import {agreeing, agreement} from '../plugins/detect/src/detectors/class-agreement.ts'
import {largestOf, standardScores} from '../plugins/detect/src/detectors/standard-scores.ts'

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    calibration: {type: 'string'},
    weights: {type: 'string'},
    models: {type: 'boolean', default: false},
  },
})
const [zoo, bench] = positionals
if (!zoo || !bench) {
  console.error('Name the folder of models and that of their bench.')
  process.exit(2)
}
const calibration = await readCalibration(values.calibration)
const policy = Policy.parse({})
const weights: Readonly<Record<string, number>> = values.weights
  ? (JSON.parse(values.weights) as Record<string, number>)
  : signalWeights(planOf('quick'))
const detectors = planOf('quick').detectors.map(({name}) => ({
  name,
  version: calibration.detectors[name] ?? -1,
  weight: weights[name] ?? 0,
}))

const reports = new Map<string, Report>()
for (const name of await readdir(join(bench, 'audits'))) {
  const report = Report.parse(JSON.parse(await readFile(join(bench, 'audits', name), 'utf8')))
  reports.set(report.model.path.split('/').at(-1)!, report)
}
const outcomes = (await findModels(zoo)).models.flatMap(({name, sidecar}): Outcome[] => {
  const report = reports.get(name.split('/').at(-1)!)
  return report
    ? [
        {
          ...judged(report),
          name,
          sha256: report.model.sha256!,
          engine: report.engine?.name ?? null,
          attack: sidecar.attack,
          target: sidecar.target ?? null,
          kind: kindOf(sidecar),
          dataset: sidecar.dataset ?? null,
        },
      ]
    : []
})

/** The report's part of an outcome, as an audit would have it today. */
function judged({model, findings, demonstrations, scan, seconds}: Report) {
  const architecture = architectureByName(model.architecture!, {classes: model.classes!, input: model.input!})
  const reference = referenceFor(calibration, {architecture, sha256: model.sha256!}, detectors)
  const classes = findings.filter(({detector}) => agreeing.some((name) => name === detector))
  const agreed = largestOf(agreement(classes.map(({perClass}) => standardScores(perClass!))))
  const today = [
    ...findings.filter(({detector}) => detector !== 'class_agreement'),
    {detector: 'class_agreement', statistic: agreed.value, target: agreed.at},
  ].map((one) => ({...one, suspicious: false}))
  const bounded = (one: Demonstration): Demonstration => {
    const searched =
      one.origin === 'wave' ? 'wave_probes' : one.origin === 'probe' ? 'patch_probes' : 'known_triggers'
    // A wave that was found before a calibration had its statistic has no bounds yet.
    const clean = one.clean || one.origin === 'wave' ? reference.null(searched) : undefined
    return clean ? {...one, clean: {usual: clean.band[2], most: clean.most}} : one
  }
  const {grounds, fused} = groundsOf(reference, {
    scan,
    demonstrations: demonstrations.map(bounded),
    findings: today,
    degenerate: null,
  })
  const judgement = judge(grounds, policy)
  const {verdict, suspectedTarget} = judgement
  const score = scoreOf(fused?.smoothed ?? null, verdict)
  return {
    architecture: model.architecture!,
    input: model.input,
    verdict,
    score,
    suspectedTarget,
    seconds,
    statistics: Object.fromEntries(
      today.flatMap(({detector, statistic}) => (statistic === null ? [] : [[detector, statistic]])),
    ),
    p: fused?.pValue ?? null,
    rankedBy: reference.rankedBy,
  }
}

const summary = summariseBench(outcomes)
for (const {head, rows} of [benchTexts(summary), detectorTexts(summary)])
  process.stdout.write(`${table(head, rows, head.map((_, i) => i).slice(1))}\n\n`)
process.stdout.write(`By ${calibration.id}. ${benchSentences(summary).join(' ')}\n`)
if (values.models)
  for (const one of outcomes as (Outcome & {p: number | null; rankedBy: number})[])
    process.stdout.write(
      `${one.name} ${one.attack} target ${one.target ?? '-'}: ${one.verdict} ${one.suspectedTarget ?? '-'} score ${one.score?.toFixed(3)} p ${one.p?.toFixed(3)} of ${one.rankedBy} agreement ${one.statistics['class_agreement']!.toFixed(2)}\n`,
    )
