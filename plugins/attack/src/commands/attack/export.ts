import {BaseCommand, poisoningFlags, poisoningOf, printable, seedFlag} from '@abd/cli'
import {Flags} from '@oclif/core'
import type {Exported} from '../../export-poisoned.ts'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../export-poisoned.ts')

export default class AttackExport extends BaseCommand {
  static override summary = 'Write a poisoned data set for other tools to read'
  static override description = [
    'Writes the training set as abd attack train would poison it, the stamped test images of other classes than the target,',
    'or both, into a new folder: as NumPy arrays, as PNG files in a folder for each class, or as both. Labels, original labels',
    'and the images that bear a trigger are beside them; poison.json says what was done.',
  ].join(' ')
  static override examples = [
    {
      description: 'Rendered traffic signs, poisoned, as NumPy arrays',
      command: '<%= config.bin %> <%= command.id %> --out poisoned-signs',
    },
    {
      description: 'The test set that an ASR is measured on, as pictures',
      command:
        '<%= config.bin %> <%= command.id %> --dataset cifar-10-batches-bin/ --trigger sig --split test --format png --out sig-test',
    },
    {
      description: 'GTSRB in an order that another program stored, training and test',
      command:
        '<%= config.bin %> <%= command.id %> --dataset GTSRB/ --order order.npy --target 1 --split both --out gtsrb-poisoned',
    },
  ]
  static override flags = {
    ...poisoningFlags,
    'per-class': Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'Training images of each rendered sign (default: 400).',
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TRIGGER.NAME=VALUE',
      summary: 'An option of a trigger. Repeatable.',
    }),
    split: Flags.option({
      options: ['train', 'test', 'both'] as const,
      default: 'train' as const,
      helpValue: 'train|test|both',
      summary: 'The poisoned training set, the stamped test images, or both.',
    })(),
    format: Flags.option({
      options: ['npy', 'png'] as const,
      multiple: true,
      multipleNonGreedy: true,
      default: ['npy'],
      helpValue: 'npy|png',
      summary: 'Arrays or pictures. Repeatable.',
    })(),
    out: Flags.string({
      default: 'poisoned',
      helpValue: 'FOLDER',
      summary: 'A new folder; one that is there is left alone.',
    }),
    seed: seedFlag,
  }

  async run(): Promise<Exported> {
    const {flags} = await this.parse(AttackExport)
    const {exportPoisoned} = await work()
    const registry = await this.registry()
    await using context = await this.context({engine: 'cpu', seed: flags.seed})
    const exported = await exportPoisoned(
      {
        ...poisoningOf(flags),
        perClass: flags['per-class'],
        triggerSettings: flags.set ?? [],
        split: flags.split,
        formats: flags.format,
        out: flags.out,
      },
      {registry, context},
    )
    for (const {split, images, poisoned} of exported.splits)
      this.log(`${split}: ${images} images, ${poisoned} of them bear a trigger`)
    this.log(`Wrote ${printable(exported.out)}`)
    return exported
  }
}
