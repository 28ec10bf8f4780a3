import {BaseCommand, printable, uninstallPlugin} from '@abd/cli'
import {Args} from '@oclif/core'

export default class PluginsUninstall extends BaseCommand {
  static override summary = 'Remove a plugin that you added'
  static override description = 'A linked one is only forgotten: its folder stays.'
  static override examples = ['<%= config.bin %> <%= command.id %> abd-plugin-dafl']
  static override args = {
    name: Args.string({required: true, description: 'As abd plugins lists it'}),
  }

  async run(): Promise<{readonly name: string}> {
    const {args} = await this.parse(PluginsUninstall)
    await uninstallPlugin(args.name, this.config, this.signal)
    this.log(`Removed ${printable(args.name)}`)
    return {name: args.name}
  }
}
