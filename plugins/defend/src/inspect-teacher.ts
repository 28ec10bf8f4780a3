import type {Context, Registry} from '@abd/core'
import {checkTarget, loadTeacher, parseTrigger} from '@abd/core/audit'
import type {TeacherFile} from '@abd/core/audit'
import {oodPatches} from '@abd/core/data'
import {lastConvolutions} from '@abd/core/nn'
import {inspectVaccine} from './inspect-vaccine.ts'
import type {Inspection} from './inspect-vaccine.ts'

export interface InspectRequest extends TeacherFile {
  readonly trigger?: string
  readonly images: number
  readonly layers: number
  readonly copies: number
  readonly ensembles: number
}

export interface Inspected {
  readonly teacher: {readonly path: string; readonly sha256: string; readonly architecture: string}
  readonly seed: string
  readonly engine: string
  readonly inspections: readonly Inspection[]
}

/** What `abd defend inspect` does. All that the user said is checked before anything is computed. */
export async function inspectTeacher(
  request: InspectRequest,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Inspected> {
  const makeTrigger =
    request.trigger === undefined ? undefined : parseTrigger(request.trigger, registry, context)
  const {model, sha256} = await loadTeacher(request, context)
  using teacher = model
  const {architecture} = teacher.network
  const [height, width, channels] = architecture.input
  const shape = {height, width, channels}
  const suspect = await makeTrigger?.(shape)
  if (suspect) checkTarget(suspect, architecture.classes)
  const images = await oodPatches({count: request.images, shape, seed: 'inspect'}, context)
  const there = lastConvolutions(architecture, request.layers).length
  const task = context.progress.start('Shuffled ensembles', there)
  const inspections: Inspection[] = []
  try {
    const {layers, copies, ensembles} = request
    const trigger = suspect && {trigger: suspect.trigger, target: suspect.target!}
    for await (const one of inspectVaccine(
      teacher,
      {images, layers, copies, ensembles, ...(trigger ? {trigger} : {})},
      context.random.fork('shuffle'),
    )) {
      context.signal.throwIfAborted()
      inspections.push(one)
      task.advance(1)
    }
  } finally {
    task.end()
  }
  return {
    teacher: {path: request.path, sha256, architecture: architecture.name},
    seed: context.random.seed,
    engine: context.engine.name,
    inspections,
  }
}
