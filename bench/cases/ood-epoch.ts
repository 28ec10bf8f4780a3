import {distil} from '@abd/core/train'
import {ood} from '@abd/plugin-distill/index'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {contextOn} from './context-on.ts'
import {randomModel, teacherOn} from './models.ts'

export const oodEpoch: Case = {
  name: 'ood-epoch',
  summary: 'One epoch of OOD distillation: 4000 patches, batch 128, WRN-16-1 to WRN-16-1',
  unit: 's',
  better: 'smaller',
  runs: 3,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-1')
    const student = randomModel('wrn-16-1', 'student')
    const context = contextOn(engine)
    const distiller = ood.create(ood.options.parse({epochs: 1}), context)({teacher, student, defence: {}})
    await distiller.prepare?.()
    return {
      run: () => timed(() => distil(distiller, {context, label: 'epoch'})),
      async tearDown() {
        distiller[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}
