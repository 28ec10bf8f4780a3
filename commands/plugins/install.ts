import {BaseCommand, describeBrought, installPlugin} from '@abd/cli'
import type {Brought} from '@abd/cli'
import {Args} from '@oclif/core'

export default class PluginsInstall extends BaseCommand {
  static override summary = 'Add a plugin with npm'
  static override description = [
    "Installs a package in abd's own data folder; none of its install scripts runs. The plugin's code runs from now on",
    'whenever abd asks for methods: add only what you trust.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> abd-plugin-dafl',
    '<%= config.bin %> <%= command.id %> abd-plugin-dafl@0.1.0',
    '<%= config.bin %> <%= command.id %> ./abd-plugin-dafl-0.1.0.tgz',
  ]
  static override args = {
    package: Args.string({required: true, description: 'As npm takes it: NAME, NAME@VERSION, file or URL'}),
  }

  async run(): Promise<readonly Brought[]> {
    const {args} = await this.parse(PluginsInstall)
    const brought = await installPlugin(args.package, this.config, this.signal)
    for (const plugin of brought) this.log(`Installed ${describeBrought(plugin)}`)
    return brought
  }
}
