import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import type {CalibrationModel, Card, Profile, TeacherFile} from '@abd/core/audit'
import {architectureHints, askDetectors, gatherEvidence, planOf, vanillaStudents} from '@abd/core/audit'
import type {ModelFile} from '@abd/core/modelfile'
import {createModel, inferArchitecture, networkFromStateDict} from '@abd/core/nn'
import {captureInference} from '@abd/core/train'
import type {CalibratedDetector} from './calibrated-detectors.ts'

export interface CleanTeacher {
  readonly path: TeacherFile['path']
  readonly file: ModelFile
  readonly card: Card | undefined
}

/**
 * What detectors say of one clean teacher, one statistic after the other, each as an entry of a calibration with that statistic
 * alone; first one without any, so that a model that no detector applies to is there, too. Evidence, random numbers and students are
 * those of an audit of seed 0. Throws E_CARD_MISSING.
 */
export async function* observeClean(
  {path, file, card}: CleanTeacher,
  {
    profile,
    detectors,
    registry,
    context,
  }: {
    readonly profile: Profile
    readonly detectors: readonly CalibratedDetector[]
    readonly registry: Registry
    readonly context: Context
  },
): AsyncGenerator<CalibrationModel> {
  if (!card?.mean || !card.std)
    throw usageError({
      code: 'E_CARD_MISSING',
      message: `${path} has no card with mean and std.`,
      hints: ['Calibrate with teachers made by abd attack train --trigger none.'],
    })
  const architecture = inferArchitecture(file.stateDict, architectureHints(card))
  const [height, width, channels] = architecture.input
  const note = (key: string) => new RegExp(`\\b${key}=(\\S+)`).exec(card.notes ?? '')?.[1] ?? 'unknown'
  const about: CalibrationModel = {
    sha256: file.sha256,
    dataset: note('dataset'),
    architecture: architecture.name,
    classes: architecture.classes,
    input: [height, width, channels],
    seed: Number(note('seed')) || 0,
    recipe: note('recipe'),
    statistics: {},
  }
  yield about
  using model = createModel(networkFromStateDict(architecture, file.stateDict), {
    mean: card.mean,
    std: card.std,
  })
  using inspected = captureInference(model, context)
  const {baseImages, transfer} = planOf(profile)
  const evidence = await gatherEvidence(
    {height, width, channels},
    {count: baseImages, classes: architecture.classes, registry, context},
  )
  using students = transfer ? vanillaStudents(model, {plan: transfer, registry, context}) : undefined
  const all = students ? {...evidence, students: async (count: number) => students.take(count)} : evidence
  const ask = askDetectors(inspected, all, {registry, context})
  for (const {name, options} of detectors) {
    context.signal.throwIfAborted()
    const {statistic} = await ask(name, options)
    // One that does not apply to the model has none.
    if (Number.isFinite(statistic)) yield {...about, statistics: {[name]: statistic}}
  }
}
