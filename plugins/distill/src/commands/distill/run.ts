import {distillation, DistilCommand} from '@abd/cli'
import type {Distilled} from '@abd/core/distil'
import {Flags} from '@oclif/core'

export default class DistillRun extends DistilCommand {
  static override summary = 'Distil a student from a teacher, without its training data'
  static override description = [
    'Trains a student to answer as the teacher does on images that have nothing to do with its task, with or without a',
    'defence against backdoors, and writes its weights with a model card beside them. With data, accuracy is measured; with a',
    'trigger, how far teacher and student obey it.',
  ].join(' ')
  static override examples = [
    {
      description: 'A student, undefended',
      command: '<%= config.bin %> <%= command.id %> teacher.safetensors',
    },
    {
      description: 'With the Shuffling Vaccine, and what came of it',
      command:
        '<%= config.bin %> <%= command.id %> examples/teacher-poisoned.safetensors --defence shuffling_vaccine --set defence.layers=1 --data signs --trigger badnet_grid:0',
    },
    {
      description: 'Zero-shot knowledge transfer with both halves of ABD',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --method zskt --defence shuffling_vaccine --defence self_retrospection',
    },
    {
      description: 'Longer, on patches of your own pictures',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --epochs 50 --set patches=20000 --set source=holiday/',
    },
    {
      description: 'Only show what would be done',
      command: '<%= config.bin %> <%= command.id %> teacher.pt --set loss=mean --dry-run',
    },
  ]
  static override args = distillation.args
  static override flags = {
    method: Flags.string({default: 'ood', helpValue: 'NAME', summary: 'How (see: abd methods distiller).'}),
    defence: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      summary: 'Against backdoors (see: abd methods defence); none by default. Repeatable.',
    }),
    ...distillation.flags,
  }

  async run(): Promise<Distilled> {
    const {args, flags} = await this.parse(DistillRun)
    const defences = (flags.defence ?? []).filter((name) => name !== 'none')
    return this.distil(args.teacher, flags, {method: flags.method, defences})
  }
}
