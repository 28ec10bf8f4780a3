import {distillation, DistilCommand} from '@abd/cli'
import type {Distilled} from '@abd/core/distil'
import {Flags} from '@oclif/core'

const halves = ['shuffling_vaccine', 'self_retrospection'] as const

export default class DefendRun extends DistilCommand {
  static override summary = 'Distil a student with ABD: Shuffling Vaccine and Self-Retrospection'
  static override description = [
    'Trains a student as `abd distill run` does, with both halves of ABD (Hong et al., ICML 2023): the Shuffling Vaccine while',
    'images are synthesised or given, Self-Retrospection on the last of the steps. How many layers the vaccine should',
    'shuffle, `abd defend inspect` tells.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> teacher.pt',
    {
      description: 'A small teacher, and what came of it',
      command:
        '<%= config.bin %> <%= command.id %> examples/teacher-poisoned.safetensors --set defence.layers=1 --data signs --trigger badnet_grid:0',
    },
    {
      description: 'By zero-shot knowledge transfer, with the vaccine alone',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --distiller zskt --without self_retrospection --set cycles=2000',
    },
  ]
  static override args = distillation.args
  static override flags = {
    distiller: Flags.string({
      default: 'ood',
      helpValue: 'NAME',
      summary: 'How to distil: zskt, cmi, dfad, ood, … (see: abd methods distiller).',
    }),
    without: Flags.option({options: halves, helpValue: halves.join('|'), summary: 'Leave one half out.'})(),
    ...distillation.flags,
  }

  async run(): Promise<Distilled> {
    const {args, flags} = await this.parse(DefendRun)
    const defences = halves.filter((name) => name !== flags.without)
    return this.distil(args.teacher, flags, {method: flags.distiller, defences})
  }
}
