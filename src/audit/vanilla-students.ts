import type {Context} from '../context.ts'
import type {Model} from '../nn/model.ts'
import type {Registry} from '../registry.ts'
import {distilStudent} from './distil-student.ts'
import type {TransferPlan} from './plan.ts'

/** Vanilla students of one teacher, distilled when they are asked for, each from a seed of its own; disposed of together. */
export interface VanillaStudents extends Disposable {
  /** The first `count` of them, always the same. */
  take(count: number): Promise<readonly Model[]>
}

export function vanillaStudents(
  teacher: Model,
  {plan, registry, context}: {plan: TransferPlan; registry: Registry; context: Context},
): VanillaStudents {
  const students: Model[] = []
  return {
    async take(count) {
      while (students.length < count) {
        const random = context.random.fork('vanilla students').fork(students.length)
        const {student} = await distilStudent(teacher, {
          plan,
          defence: null,
          label: `Distilling student ${students.length + 1} of ${count}`,
          registry,
          context: {...context, random},
        })
        students.push(student)
      }
      return students.slice(0, count)
    },
    [Symbol.dispose]() {
      for (const student of students.splice(0)) student[Symbol.dispose]()
    },
  }
}
