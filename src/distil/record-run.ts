import type {Context} from '../context.ts'
import {encodePng} from '../data/encode-png.ts'
import {tileImages} from '../data/tile-images.ts'
import type {Distiller, MetricNames} from '../method.ts'
import type {Model} from '../nn/model.ts'
import type {LossValues} from '../train/distil.ts'
import type {Configuration} from './configuration.ts'
import type {Measured} from './create-ruler.ts'
import type {Journal} from './journal.ts'
import {metricsOf} from './metrics-of.ts'
import type {Distilled} from './teach-student.ts'

/** A run as it is told to whoever records it; nothing where nobody does. */
export interface RunRecord {
  losses(step: number, losses: LossValues): void
  /** The student on its way, and what it is taught with. */
  measured(step: number, measured: Measured): Promise<void>
  event(step: number, event: string): void
  ended(
    measured: NonNullable<Distilled['measured']>,
    files: readonly string[],
    student: Model,
    steps: number,
  ): Promise<void>
}

const nothing: Measured = {accuracyPercent: null, asrPercent: null}

/** Images of one picture: four by four, which MLflow's page shows small. */
const PICTURED = 16

export function recordRun(
  {recorder}: Pick<Context, 'recorder'>,
  {
    configuration,
    identity,
    distiller,
    metricNames,
  }: {
    readonly configuration: Configuration
    readonly identity: string
    readonly distiller: Distiller
    readonly metricNames: MetricNames | undefined
  },
): RunRecord {
  if (!recorder) return {losses() {}, measured: async () => {}, event() {}, ended: async () => {}}
  const events: Journal['events'] = []
  recorder.params({...configuration, identity})
  recorder.tags({
    'abd.identity': identity,
    'abd.method': configuration.method.name,
    'abd.defence': configuration.defences.map(({name}) => name).join(' and ') || 'none',
  })
  const picture = async (step: number) => {
    recorder.image('sample', encodePng(tileImages(await distiller.sample(PICTURED))), step)
  }
  return {
    losses: (step, losses) => recorder.metrics(metricsOf({...nothing, losses}, metricNames), step),
    async measured(step, measured) {
      recorder.metrics(metricsOf({...measured, losses: {}}, metricNames), step)
      await picture(step)
    },
    event: (step, event) => void events.push({step, event}),
    async ended(measured, files, student, steps) {
      recorder.metrics(measured.metrics, steps)
      recorder.describe(noteOf(configuration, measured))
      if (measured.curve.length > 0)
        recorder.table(
          'curve.json',
          ['step', 'accuracy_percent', 'asr_percent', 'identity'],
          measured.curve.map((point) => [point.step, point.accuracyPercent, point.asrPercent, identity]),
        )
      if (events.length > 0)
        recorder.table(
          'events.json',
          ['step', 'event'],
          events.map(({step, event}) => [step, event]),
        )
      recorder.artifact('configuration.json', `${JSON.stringify(configuration, null, 2)}\n`)
      await picture(steps)
      const {name, classes, input} = student.network.architecture
      await recorder.model({
        name: 'student',
        details: {architecture: name, classes, input: [...input], ...student.normalisation, identity},
        files,
        step: steps,
      })
    },
  }
}

function noteOf(
  {teacher, method, defences, student, seed}: Configuration,
  measured: NonNullable<Distilled['measured']>,
): string {
  const percent = (share: number | null) => (share === null ? '–' : `${share.toFixed(1)} %`)
  const rows = [
    ['teacher', measured.teacher],
    ...(measured.before ? ([['before the stage', measured.before]] as const) : []),
    ['student', measured.student],
  ] as const
  return [
    `A **${student}** distilled by \`${method.name}\`, ${defences.length > 0 ? `defended by ${defences.map(({name}) => `\`${name}\``).join(' and ')}` : 'undefended'}, seed ${seed}.`,
    '',
    '| | accuracy | ASR |',
    '| --- | ---: | ---: |',
    ...rows.map(
      ([who, {accuracyPercent, asrPercent}]) =>
        `| ${who} | ${percent(accuracyPercent)} | ${percent(asrPercent)} |`,
    ),
    '',
    `Teacher: ${teacher.architecture}, SHA-256 \`${teacher.sha256}\`.${measured.asrOn === 'patches' ? ' ASR on patches that have nothing to do with the task.' : ''}`,
  ].join('\n')
}
