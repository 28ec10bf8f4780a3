import {createRegistry, silent} from '@abd/core'
import type {Context} from '@abd/core'
import {createRandom} from '@abd/core/engine'
import {describe, expect, it} from 'vitest'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'
import {methods} from '../../../plugins/reproduce/src/job.ts'
import {plan} from '../../../plugins/reproduce/src/plan.ts'
import {scales} from '../../../plugins/reproduce/src/scales.ts'
import {chooseMethods} from '../../../src/distil/choose-methods.ts'
import {smallGrid} from './grid.ts'

const valuesOf = (command: readonly string[], flag: string) =>
  command.flatMap((word, i) => (command[i - 1] === flag ? [word] : []))

describe('plan', () => {
  it('has a teacher for each trigger first, then everything for one seed after the other', () => {
    const jobs = smallGrid({seeds: [4, 5]})
    expect(jobs.map(({name}) => name)).toEqual([
      'badnet_grid',
      'badnet_grid-ood-4',
      'badnet_grid-ood-abd-4',
      'badnet_grid-clean_kd-4',
      'badnet_grid-ood-5',
      'badnet_grid-ood-abd-5',
      'badnet_grid-clean_kd-5',
    ])
    expect(jobs.map(({needs}) => needs?.name)).toEqual([undefined, ...Array<string>(6).fill('badnet_grid')])
  })

  it('makes all cells of a scale: 3 triggers, 3 seeds, 3 methods with and without ABD, and clean KD', () => {
    const {triggers, seeds} = scales.mini
    const jobs = plan(scales.mini, {triggers, seeds, methods, dataset: 'signs', triggerSettings: []})
    expect(jobs).toHaveLength(3 + 3 * 3 * (2 * 3 + 1))
    expect(new Set(jobs.map(({weights}) => weights)).size).toBe(jobs.length)
  })

  it('lets the student of a teacher with a picture of the user be measured with that picture', () => {
    const jobs = smallGrid({triggers: ['blend', 'sig'], triggerSettings: ['blend.image=cat.png']})
    const settings = jobs.map(({name, command}) => [name, valuesOf(command('here'), '--set')] as const)
    for (const [name, texts] of settings) {
      const expected = !name.startsWith('blend')
        ? []
        : name === 'blend'
          ? ['blend.image=cat.png']
          : ['trigger.image=cat.png']
      expect(texts.filter((text) => text.includes('image='))).toEqual(expected)
    }
  })

  it.each(['mini', 'paper'] as const)('sets options that the methods of scale %s have', (scale) => {
    const registry = createRegistry([distillPlugin, defendPlugin])
    const context = {random: createRandom(0), progress: silent} as Context
    const jobs = plan(scales[scale], {
      triggers: ['badnet_grid'],
      seeds: [0],
      methods,
      dataset: 'signs',
      triggerSettings: [],
    })
    const students = jobs.filter(({place}) => place)
    expect(students).toHaveLength(7)
    for (const {command} of students) {
      const words = command('.')
      const chosen = chooseMethods(
        {
          method: valuesOf(words, '--method')[0]!,
          defences: valuesOf(words, '--defence'),
          settings: valuesOf(words, '--set'),
        },
        {registry, context},
      )
      expect(chosen.defences).toHaveLength(words.includes('--defence') ? 2 : 0)
    }
  })
})
