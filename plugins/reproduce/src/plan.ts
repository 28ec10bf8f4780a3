import {join} from 'node:path'
import {isDataFree, variantsOf} from './job.ts'
import type {Job, Method, Place} from './job.ts'
import type {Scale} from './scales.ts'

/** What of a scale is to be run, on which data and where. */
export interface Choice {
  readonly triggers: readonly string[]
  readonly methods: readonly Method[]
  readonly seeds: readonly number[]
  /** `signs`, or the path of a data set. */
  readonly dataset: string
  /** `trigger.name=value`, for triggers that need a file of the user's. */
  readonly triggerSettings: readonly string[]
}

/**
 * The jobs of the table in the order in which they are worth having: all teachers, then everything for the first seed, for
 * the second, … Triggers lead to class 0.
 */
export function plan(scale: Scale, choice: Choice): readonly Job[] {
  const teachers = new Map(choice.triggers.map((trigger) => [trigger, teacherJob(trigger, scale, choice)]))
  const students = choice.seeds.flatMap((seed) =>
    choice.methods.flatMap((method) =>
      choice.triggers.flatMap((trigger) =>
        variantsOf(method).map((abd) =>
          studentJob(teachers.get(trigger)!, {method, abd, seed}, {scale, choice}),
        ),
      ),
    ),
  )
  return [...teachers.values(), ...students]
}

/** Where every trigger of the table leads to. */
const TARGET = 0

function teacherJob(trigger: string, {teacher}: Scale, choice: Choice): Job {
  const weights = join('teachers', `${trigger}.safetensors`)
  return {
    name: trigger,
    trigger,
    place: undefined,
    needs: undefined,
    weights,
    command: (folder) => [
      ...['attack', 'train', '--dataset', choice.dataset, '--trigger', trigger, '--target', `${TARGET}`],
      ...Object.entries(teacher.flags).flatMap(([name, value]) => [`--${name}`, `${value}`]),
      ...settings(teacher.settings),
      ...ofTrigger(trigger, choice).flatMap((text) => ['--set', text]),
      ...['--out', join(folder, weights)],
    ],
  }
}

function studentJob(
  teacher: Job,
  place: Place,
  {scale, choice}: {readonly scale: Scale; readonly choice: Choice},
): Job {
  const {method, abd, seed} = place
  const name = [teacher.trigger, method, ...(abd ? ['abd'] : []), seed].join('-')
  const weights = join('students', `${name}.safetensors`)
  const data = method === 'clean_kd' ? {data: choice.dataset} : {}
  return {
    name,
    trigger: teacher.trigger,
    place,
    needs: teacher,
    weights,
    command: (folder) => [
      ...['distill', 'run', join(folder, teacher.weights), '--method', method, '--seed', `${seed}`],
      ...settings({...scale.students[method].settings, ...data}),
      ...(abd && isDataFree(method)
        ? [
            ...['--defence', 'shuffling_vaccine', '--defence', 'self_retrospection'],
            ...settings(scale.abd[method], 'defence.'),
          ]
        : []),
      ...['--data', choice.dataset, '--trigger', `${teacher.trigger}:${TARGET}`],
      ...ofTrigger(teacher.trigger, choice).flatMap((text) => [
        '--set',
        `trigger${text.slice(text.indexOf('.'))}`,
      ]),
      ...['--measure-every', `${scale.students[method].every}`, '--out', join(folder, weights)],
    ],
  }
}

const settings = (values: Readonly<Record<string, unknown>>, prefix = ''): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['--set', `${prefix}${name}=${String(value)}`])

const ofTrigger = (trigger: string, {triggerSettings}: Choice): readonly string[] =>
  triggerSettings.filter((text) => text.startsWith(`${trigger}.`))
