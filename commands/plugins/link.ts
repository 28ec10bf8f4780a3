import {BaseCommand, describeBrought, linkPlugin} from '@abd/cli'
import type {Brought} from '@abd/cli'
import {Args} from '@oclif/core'

export default class PluginsLink extends BaseCommand {
  static override summary = 'Add the plugin in a folder, which stays where it is'
  static override description = [
    "For plugins that are being written: what is changed there counts from the next command on. The plugin's code runs from",
    'now on whenever abd asks for methods.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> .',
    '<%= config.bin %> <%= command.id %> examples/plugin-dafl',
  ]
  static override args = {
    folder: Args.string({required: true, description: 'The one with its package.json'}),
  }

  async run(): Promise<Brought> {
    const {args} = await this.parse(PluginsLink)
    const brought = await linkPlugin(args.folder, this.config)
    this.log(`Linked ${describeBrought(brought)}`)
    return brought
  }
}
