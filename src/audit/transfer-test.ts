import {takeImages} from '../data/take-images.ts'
import type {Images, LabelledImages} from '../data/images.ts'
import {tileImages} from '../data/tile-images.ts'
import type {Context} from '../context.ts'
import type {Registry} from '../registry.ts'
import type {Model} from '../nn/model.ts'
import {evaluate} from '../train/evaluate.ts'
import {predict} from '../train/predict.ts'
import type {Evidence} from './detector.ts'
import {distilStudent} from './distil-student.ts'
import {illustrate} from './illustrate.ts'
import type {Suspect} from './measure-suspects.ts'
import {measureSuspects, SUSPECT_IMAGES} from './measure-suspects.ts'
import type {PlannedMethod, TransferPlan} from './plan.ts'
import type {Demonstration, Illustration, Transfer} from './report-schema.ts'
import type {VanillaStudents} from './vanilla-students.ts'

/**
 * Distils students from the teacher without its data, vanilla and with the defences of the plan, and stamps every
 * suspect on held-out base images: does what the teacher obeys, or nobody obeyed yet, move the student?
 */
export async function transferTest(
  teacher: Model,
  {
    plan,
    suspects,
    evidence,
    students,
    registry,
    context,
  }: {
    plan: TransferPlan
    suspects: readonly Suspect[]
    evidence: Evidence
    /** The first of them is the vanilla student. */
    students: VanillaStudents
    registry: Registry
    context: Context
  },
): Promise<{transfer: Transfer[]; demonstrations: Demonstration[]; illustrations: Illustration[]}> {
  const onTeacher = await measureSuspects(teacher, suspects, {
    evidence,
    context,
    label: 'Triggers on the teacher',
  })
  const distilDefended = async (defence: PlannedMethod) => {
    const {student} = await distilStudent(teacher, {
      plan,
      defence,
      label: `Distilling a student, with ${defence.name}`,
      registry,
      context,
      recordAs: defence.name,
    })
    return student
  }
  const transfer: Transfer[] = []
  const demonstrations: Demonstration[] = []
  const illustrations: Illustration[] = []
  for (const planned of plan.defences) {
    const name = planned?.name ?? null
    // Vanilla and defended students start from the same weights and see the same images.
    const vanilla = planned ? null : await students.first()
    using defended = planned && (await distilDefended(planned))
    const student = defended ?? vanilla!.student
    if (vanilla) illustrations.push(sampleSheet(vanilla.samples))
    const onStudent = await measureSuspects(student, suspects, {
      evidence,
      context,
      label: 'Triggers on the student',
    })
    const accuracy = evidence.data ? await accuracyOf(student, evidence.data) : null
    const agreement = await agreementOf(teacher, student, evidence)
    suspects.forEach(({trigger, origin}, i) => {
      const own = onStudent[i]!
      // The student's own target may be another class than the teacher's: the report follows the stronger one.
      const [target, s, t] =
        onTeacher[i]!.asr >= own.asr
          ? [onTeacher[i]!.target, own.at(onTeacher[i]!.target), onTeacher[i]!]
          : [own.target, own.at(own.target), onTeacher[i]!.at(own.target)]
      transfer.push({
        distiller: plan.distiller,
        defence: name,
        trigger: trigger.name,
        target,
        teacherAsr: t.asr,
        teacherControlAsr: t.controlAsr,
        studentAsr: s.asr,
        controlAsr: s.controlAsr,
        studentAccuracy: accuracy,
        agreement,
      })
      demonstrations.push({
        trigger: trigger.name,
        origin,
        on: name === null ? 'student' : 'student+abd',
        target,
        asr: s.asr,
        controlAsr: s.controlAsr,
        images: own.images(target),
      })
    })
  }
  return {transfer: worthTelling(transfer), demonstrations, illustrations}
}

/** Per student the three strongest rows, and whatever else moves a fifth of the images on teacher or student. */
function worthTelling(rows: readonly Transfer[]): Transfer[] {
  const strength = (row: Transfer) => Math.max(row.teacherAsr, row.studentAsr)
  const byTrigger = new Map<string, number>()
  for (const row of rows) byTrigger.set(row.trigger, Math.max(byTrigger.get(row.trigger) ?? 0, strength(row)))
  const ranked = [...byTrigger].sort((a, b) => b[1] - a[1])
  const told = new Set(
    ranked
      .filter(([, value], rank) => rank < 3 || value >= 0.2)
      .slice(0, 8)
      .map(([name]) => name),
  )
  return rows
    .filter((row) => told.has(row.trigger))
    .sort(
      (a, b) =>
        byTrigger.get(b.trigger)! - byTrigger.get(a.trigger)! ||
        (a.trigger < b.trigger ? -1 : a.trigger > b.trigger ? 1 : 0),
    )
}

async function accuracyOf(student: Model, data: LabelledImages): Promise<number> {
  return (await evaluate(student, data)).accuracy
}

async function agreementOf(teacher: Model, student: Model, evidence: Evidence): Promise<number> {
  const held = takeImages(evidence.heldOut, SUSPECT_IMAGES)
  const [a, b] = [await predict(teacher, held), await predict(student, held)]
  return a.reduce((count, predicted, i) => count + (predicted === b[i] ? 1 : 0), 0) / a.length
}

function sampleSheet(images: Images): Illustration {
  const sheet = tileImages(images)
  return illustrate(sheet, {
    kind: 'sample',
    caption: 'What the student was taught with: none of it is from the task',
  })
}
