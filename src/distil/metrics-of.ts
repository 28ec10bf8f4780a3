import type {MetricNames} from '../method.ts'
import type {LossValues} from '../train/distil.ts'
import type {Measured} from './create-ruler.ts'

/** By their names in a log. */
export type Metrics = Readonly<Record<string, number>>

const ours: MetricNames = {
  accuracy: 'accuracy',
  asr: 'asr',
  teacherAccuracy: 'teacher_accuracy',
  teacherAsr: 'teacher_asr',
}

/**
 * What was measured, under the names that it has in the reference implementation's logs: shares in percent, where the
 * reference has some of them as fractions, and losses of the last step, where it averages over those since the last log.
 * What it does not log has our own name; what was not measured is left out.
 */
export function metricsOf(
  {
    accuracyPercent,
    asrPercent,
    losses,
    teacher,
  }: Measured & {readonly losses: LossValues; readonly teacher?: Measured},
  given?: MetricNames,
): Metrics {
  const names = {...ours, ...given}
  const named: readonly (readonly [string, number | null | undefined])[] = [
    [names.accuracy, accuracyPercent],
    [names.asr, asrPercent],
    [names.teacherAccuracy!, teacher?.accuracyPercent],
    [names.teacherAsr!, teacher?.asrPercent],
    ...Object.entries(losses).map(([name, value]) => [names.losses?.[name] ?? name, value] as const),
  ]
  return Object.fromEntries(named.filter((metric): metric is [string, number] => metric[1] != null))
}
