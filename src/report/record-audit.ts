import type {Report} from '../audit/report-schema.ts'
import type {Recorder} from '../recorder.ts'
import {strongestTransfer} from './key-figures.ts'
import {renderHtml} from './html/render-html.ts'
import {mlflowMarkdown} from './mlflow-markdown.ts'
import {renderMarkdown} from './render-markdown.ts'
import {renderSarif} from './render-sarif.ts'

/** Keeps all that an audit of one file found: figures, tables to compare, pictures, and the reports as files. */
export function recordAudit(recorder: Recorder, report: Report): void {
  const {model, verdict, suspectedTarget, findings, transfer, demonstrations, calibration} = report
  recorder.params({
    model: {
      path: model.path,
      sha256: model.sha256 ?? undefined,
      format: model.format ?? undefined,
      architecture: model.architecture ?? undefined,
      classes: model.classes ?? undefined,
      input: model.input ?? undefined,
      normalisation: model.normalisation ?? undefined,
    },
    plan: report.plan,
    policy: report.policy,
    calibration: {id: calibration.id ?? undefined, models: calibration.models, applies: calibration.applies},
    engine: report.engine ?? undefined,
    seed: report.seed,
  })
  recorder.tags({
    'abd.verdict': verdict,
    ...(suspectedTarget === null ? {} : {'abd.suspected_target': String(suspectedTarget)}),
    ...(model.sha256 === null ? {} : {'abd.model_sha256': model.sha256}),
  })
  recorder.metrics(figuresOf(report))
  recorder.describe(mlflowMarkdown(renderMarkdown([report])))
  recorder.table(
    'findings.json',
    ['detector', 'statistic', 'p_value', 'suspicious', 'target', 'seconds', 'model'],
    findings.map(({detector, statistic, pValue, suspicious, target, seconds}) => [
      detector,
      statistic,
      pValue,
      suspicious,
      target,
      seconds,
      model.path,
    ]),
  )
  if (demonstrations.length > 0)
    recorder.table(
      'demonstrations.json',
      ['trigger', 'origin', 'on', 'target', 'asr', 'control_asr', 'images', 'model'],
      demonstrations.map(({trigger, origin, on, target, asr, controlAsr, images}) => [
        trigger,
        origin,
        on,
        target,
        asr,
        controlAsr,
        images,
        model.path,
      ]),
    )
  if (transfer.length > 0)
    recorder.table(
      'transfer.json',
      [
        'trigger',
        'target',
        'distiller',
        'defence',
        'teacher_asr',
        'student_asr',
        'control_asr',
        'agreement',
        'model',
      ],
      transfer.map((row) => [
        row.trigger,
        row.target,
        row.distiller,
        row.defence ?? 'none',
        row.teacherAsr,
        row.studentAsr,
        row.controlAsr,
        row.agreement,
        model.path,
      ]),
    )
  const shown = new Map<string, number>()
  for (const {kind, png} of report.illustrations) {
    const step = shown.get(kind) ?? 0
    shown.set(kind, step + 1)
    recorder.image(kind, Buffer.from(png, 'base64'), step)
  }
  recorder.artifact('report.html', renderHtml([report]))
  recorder.artifact('report.md', renderMarkdown([report]))
  recorder.artifact('report.json', `${JSON.stringify(report, null, 2)}\n`)
  const sarif = renderSarif([report])
  recorder.artifact('report.sarif', sarif)
  // MLflow shows no .sarif, but this.
  recorder.artifact('report.sarif.json', sarif)
}

/** Fractions are 0 to 1, as in the report. */
function figuresOf(report: Report): Record<string, number> {
  const strongest = strongestTransfer(report)
  const defended = strongest?.defended
  const entries: [string, number | null | undefined][] = [
    ['score', report.score],
    ['seconds', report.seconds],
    ['accuracy', report.model.accuracy],
    ['p_value', report.calibration.fused?.pValue],
    ['asr/teacher', strongest?.group.teacherAsr],
    ['asr/student', strongest?.vanilla.studentAsr],
    ['asr/student_defended', defended?.studentAsr],
    ...report.findings.flatMap(({detector, statistic, pValue, seconds}): [string, number | null][] => [
      [`detector/${detector}`, statistic],
      [`p_value/${detector}`, pValue],
      [`seconds/${detector}`, seconds],
    ]),
  ]
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] != null))
}
