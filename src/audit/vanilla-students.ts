import type {Context} from '../context.ts'
import type {Images} from '../data/images.ts'
import type {Model} from '../nn/model.ts'
import type {Registry} from '../registry.ts'
import {distilStudent} from './distil-student.ts'
import type {TransferPlan} from './plan.ts'

/** Vanilla students of one teacher, distilled when they are asked for, each from a seed of its own; disposed of together. */
export interface VanillaStudents extends Disposable {
  /** The first `count` of them, always the same. */
  take(count: number): Promise<readonly Model[]>
  /** The first of them, the one that the transfer test looks at, and some of the images it was taught with. */
  first(): Promise<{readonly student: Model; readonly samples: Images}>
}

/** Images kept of those that the first student was taught with. */
const SAMPLES = 16

export function vanillaStudents(
  teacher: Model,
  {plan, registry, context}: {plan: TransferPlan; registry: Registry; context: Context},
): VanillaStudents {
  const students: Model[] = []
  let samples: Images | null = null
  const take = async (count: number) => {
    while (students.length < count) {
      const n = students.length
      // The first has the random numbers of the defended students: the same first weights, the same images.
      const made = await distilStudent(teacher, {
        plan,
        defence: null,
        registry,
        ...(n === 0
          ? {label: 'Distilling a student, vanilla', context, recordAs: 'vanilla', samples: SAMPLES}
          : {
              label: `Distilling student ${n + 1} of ${count}`,
              context: {...context, random: context.random.fork('vanilla students').fork(n)},
            }),
      })
      students.push(made.student)
      samples ??= made.samples
    }
    return students.slice(0, count)
  }
  return {
    take,
    async first() {
      const [student] = await take(1)
      return {student: student!, samples: samples!}
    },
    [Symbol.dispose]() {
      for (const student of students.splice(0)) student[Symbol.dispose]()
    },
  }
}
