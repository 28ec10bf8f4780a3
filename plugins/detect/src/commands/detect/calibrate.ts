import {BaseCommand, engineFlag} from '@abd/cli'
import {Args, Flags} from '@oclif/core'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../calibrate.ts')

export default class Calibrate extends BaseCommand {
  static override summary = 'Make a calibration: what the detectors say of clean teachers'
  static override description = [
    'Runs every detector on every model of a folder (.safetensors, .pt, each with its card) and writes their statistics,',
    'which rank the models of later audits. Only give it models that you know to be clean. Weights and images stay where they',
    "are: the calibration holds numbers, hashes and the cards' notes. Models already in the output file are not run again.",
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> clean-teachers/ --out calibration.json']
  static override args = {directory: Args.string({required: true, description: 'Folder of clean teachers'})}
  static override flags = {
    out: Flags.string({default: 'calibration.json', helpValue: 'FILE', summary: 'Where to write it.'}),
    id: Flags.string({default: 'own-1', summary: 'Name of the calibration, printed in reports.'}),
    engine: engineFlag(),
  }

  async run(): Promise<{models: number; out: string}> {
    const {args, flags} = await this.parse(Calibrate)
    const {calibrate} = await work()
    const registry = await this.registry()
    await using context = await this.context({engine: flags.engine, seed: 0})
    const {models} = await calibrate(args.directory, {out: flags.out, id: flags.id, registry, context})
    this.log(`${flags.out}: ${models.length} clean models`)
    return {models: models.length, out: flags.out}
  }
}
