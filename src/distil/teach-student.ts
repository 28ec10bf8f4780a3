import {writeCard} from '../audit/card.ts'
import type {Engine} from '../engine/engine.ts'
import {checkpointPath} from '../checkpoint-path.ts'
import type {Context} from '../context.ts'
import {tileImages} from '../data/tile-images.ts'
import {writePng} from '../data/write-png.ts'
import {environmentError, usageError} from '../errors.ts'
import type {Defence, Distiller, MetricNames} from '../method.ts'
import type {Model} from '../nn/model.ts'
import {checkpointKeeper, removeCheckpoint} from '../train/checkpoint-file.ts'
import {checkStage, distil} from '../train/distil.ts'
import type {LossValues} from '../train/distil.ts'
import {resumableRun} from '../train/resumable-run.ts'
import {saveModel} from '../train/save-model.ts'
import {readCheckpoint, writeCheckpoint} from './checkpoint.ts'
import {decisiveJson, identityOf} from './configuration.ts'
import type {Configuration} from './configuration.ts'
import type {Measured, Ruler} from './create-ruler.ts'
import {beforeLast, repeatsLast} from './journal.ts'
import type {Journal} from './journal.ts'
import {metricsOf} from './metrics-of.ts'
import {recordRun} from './record-run.ts'
import type {Metrics} from './metrics-of.ts'
import type {Output} from './output.ts'
import {unasked} from './overhear-defence.ts'
import type {Overheard} from './overhear-defence.ts'

export interface Distilled {
  readonly configuration: Configuration
  /** See `identityOf`. */
  readonly identity: string
  /** What its engine ran on. */
  readonly device: Engine['device']
  /** Null after a dry run. */
  readonly measured: {
    readonly teacher: Measured
    /** What a stage began with. */
    readonly before?: Measured
    readonly student: Measured
    readonly asrOn: 'data' | 'patches' | null
    readonly losses: LossValues
    /** What the defences had to say on the way. */
    readonly events: Journal['events']
    /** All of that as the reference names it: accuracy and ASR in percent, the method's losses. */
    readonly metrics: Metrics
    /** Every `measureEvery` steps. */
    readonly curve: readonly (Journal['curve'][number] & {readonly metrics: Metrics})[]
  } | null
  /** Weights, card, sheet, and the checkpoint where it was to be kept. */
  readonly files: readonly string[]
}

/** Everything that a run is made of, checked and ready for its first step. */
export interface Run {
  readonly configuration: Configuration
  readonly teacher: Model
  readonly student: Model
  readonly distiller: Distiller
  /** See `Method`. */
  readonly metricNames: MetricNames | undefined
  readonly defence: Defence
  /** The defences that it is made of. */
  readonly overheard: readonly Overheard[]
  readonly ruler: Ruler
  /** Of the student, where it is measured before a stage. */
  readonly before?: Measured
  /** Class names. */
  readonly labels: readonly string[] | undefined
  /** Where it begins; unless it is taken up again from its own checkpoint. */
  readonly journal: Journal
}

/** Takes a run's steps, measures what came of it, and writes its files. */
export async function teachStudent(
  {
    configuration,
    teacher,
    student,
    distiller,
    metricNames,
    defence,
    overheard,
    ruler,
    before,
    labels,
    journal: begin,
  }: Run,
  {out, resume, keepCheckpoint, measureEvery, sheet, dryRun}: Output,
  context: Context,
): Promise<Distilled> {
  const {progress, signal} = context
  if (keepCheckpoint && !distiller.state)
    throw usageError({
      code: 'E_CHECKPOINT',
      message: `The method '${configuration.method.name}' cannot be taken up again, so it has no checkpoint to keep.`,
      hints: ['Leave out --keep-checkpoint.'],
    })
  checkStage(distiller, defence)
  const {device} = context.engine
  const identity = identityOf(configuration)
  const checkpoint = checkpointPath(out)
  const state = resumableRun({student, distiller, defence})
  const left = resume ? await readCheckpoint(checkpoint, configuration, state) : begin
  const isRepeated = repeatsLast(distiller, left, begin.done) && left.done < distiller.steps
  const journal = isRepeated ? beforeLast(left) : left
  if (dryRun) return {configuration, identity, device, measured: null, files: []}
  const record = recordRun(context, {configuration, identity, distiller, metricNames})

  const against = configuration.defences.map(({name}) => name).join(' and ')
  const {done: from, parts: fromPart} = journal
  const keep = checkpointKeeper(() => writeCheckpoint(checkpoint, {configuration, journal}, state), progress)
  let kept = resume
  const onEvent = (step: number, event: string) => {
    journal.events.push({step, event})
    record.event(step, event)
  }
  await distil(distiller, {
    context,
    label: `${configuration.stage ? 'Looking back at' : 'Distilling'} a ${configuration.student}${against ? ` with ${against}` : ''}${from > 0 ? ` from step ${from} on` : ''}`,
    defence,
    from,
    fromPart,
    ...(measureEvery === undefined ? {} : {every: measureEvery}),
    async onLosses(step, losses) {
      journal.losses = losses
      record.losses(step + 1, losses)
      if (measureEvery === undefined || (step + 1) % measureEvery !== 0) return
      const point = {step: step + 1, losses, ...(await ruler.measure(student))}
      journal.curve.push(point)
      progress.note(describe(point))
      await record.measured(step + 1, point)
    },
    ...(distiller.state && {
      async keep(done, parts) {
        journal.done = done
        journal.parts = parts
        kept = await keep()
      },
    }),
    onEvent,
  }).catch((error: unknown) => {
    const {done, parts} = journal
    if (kept && signal.aborted)
      progress.note(
        `Kept as it was after step ${done} of ${distiller.steps}${parts > 0 ? ` and ${parts} of the parts of the next` : ''}: the same command with --resume goes on from there.`,
      )
    throw error
  })
  const firstWhole = fromPart > 0 ? from + 1 : from
  if (firstWhole < distiller.steps)
    for (const event of unasked(overheard, {method: configuration.method.name, from: firstWhole})) {
      progress.note(event)
      onEvent(distiller.steps - 1, event)
    }
  const ofTeacher = await ruler.measure(teacher)
  const ofStudent = await ruler.measure(student)
  const measured = {
    teacher: ofTeacher,
    ...(before ? {before} : {}),
    student: ofStudent,
    asrOn: ruler.asrOn,
    losses: journal.losses,
    events: journal.events,
    metrics: metricsOf({...ofStudent, losses: journal.losses, teacher: ofTeacher}, metricNames),
    curve: journal.curve.map((point) => ({...point, metrics: metricsOf(point, metricNames)})),
  }
  const card = await saveModel(out, student, {configuration: decisiveJson(configuration), identity})
  const notes = notesOf(configuration, journal)
  const files = [out, await writeCard(out, {...card, ...(labels ? {labels: [...labels]} : {}), notes})]
  await record.ended(measured, files, student, distiller.steps)
  if (sheet !== undefined) {
    await writePng(sheet, tileImages(await distiller.sample(SHEET)))
    files.push(sheet)
  }
  // One that was there of a run that had ended was to be kept.
  if (!keepCheckpoint && from < distiller.steps) await removeCheckpoint(checkpoint)
  else if (kept) files.push(checkpoint)
  else
    throw environmentError({
      code: 'E_OUT_UNWRITABLE',
      message: `The student is in ${out}, but its checkpoint could not be kept in ${checkpoint}.`,
      hints: ['Free some space, or write elsewhere (--out).'],
    })
  return {configuration, identity, device, measured, files}
}

/** Images on a sheet. */
const SHEET = 64

/** As many characters as a card's notes may have. */
const LONGEST = 10_000

function notesOf({method, defences, seed, teacher}: Configuration, {events}: Journal): string {
  const against = defences.map(({name}) => name).join(' and ')
  const all = `Distilled by abd: ${method.name}, ${against ? `defended by ${against}` : 'no defence'}, seed ${seed}, teacher ${teacher.sha256}.${events.map(({event}) => ` ${event}`).join('')}`
  return all.length > LONGEST ? `${all.slice(0, LONGEST - 1)}…` : all
}

function describe({step, losses, accuracyPercent, asrPercent}: Journal['curve'][number]): string {
  const percent = (name: string, share: number | null) =>
    share === null ? [] : [`${name} ${share.toFixed(1)} %`]
  const values = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(3)}`)
  return `step ${step}: ${[...values, ...percent('accuracy', accuracyPercent), ...percent('ASR', asrPercent)].join(', ')}`
}
