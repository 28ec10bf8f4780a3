import type {Context} from '@abd/core'
import {createRegistry, silent} from '@abd/core'
import {createRandom, openEngine} from '@abd/core/engine'
import {beforeAll, describe, expect, test} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {inspectTeacher} from '../../../plugins/defend/src/inspect-teacher.ts'

const example = (name: string) => new URL(`../../../examples/${name}`, import.meta.url).pathname
const registry = createRegistry([attackPlugin])
const few = {images: 60, copies: 3, ensembles: 1}

let context: Context
beforeAll(async () => {
  context = {
    engine: await openEngine('auto'),
    random: createRandom(1),
    progress: silent,
    signal: new AbortController().signal,
  }
})

describe('abd defend inspect', () => {
  test('the backdoor of the poisoned example survives one shuffled layer, not five', async () => {
    const before = context.engine.memory().tensors
    const {inspections, teacher} = await inspectTeacher(
      {...few, path: example('teacher-poisoned.safetensors'), trigger: 'badnet_grid:0', layers: 5},
      {registry, context},
    )

    expect(teacher.architecture).toBe('wrn-16-1')
    expect(inspections.map(({layers}) => layers)).toEqual([1, 2, 3, 4, 5])
    expect(inspections[0]!.first).toBe('block3.layer.1.conv2')
    expect(inspections[0]!.kept).toBeGreaterThan(0.9)
    expect(inspections[4]!.kept).toBeLessThan(0.2)
    // Knowledge of the task falls apart either way.
    for (const {agreement} of inspections) expect(agreement).toBeLessThan(0.7)
    expect(context.engine.memory().tensors).toBe(before)
  })

  test('says nothing of a trigger where none is given, and looks at no more layers than there are', async () => {
    let [total, done] = [0, 0]
    // Of the last task: before it, the images are cut.
    const start = (_label: string, steps: number) => {
      ;[total, done] = [steps, 0]
      return {advance: (by = 1) => (done += by), end: () => undefined}
    }
    const {inspections} = await inspectTeacher(
      {...few, images: 40, path: example('teacher-clean.safetensors'), layers: 20},
      {registry, context: {...context, progress: {...silent, start}}},
    )

    expect(inspections.map(({kept}) => kept)).toEqual(new Array(15).fill(null))
    expect({done, total}, 'what is told of its progress').toEqual({done: 15, total: 15})
  })

  test('refuses a target that the teacher does not have', async () => {
    const request = {...few, path: example('teacher-clean.safetensors'), trigger: 'badnet_grid:10', layers: 1}
    await expect(inspectTeacher(request, {registry, context})).rejects.toThrow('classes go from 0 to 9')
  })
})
