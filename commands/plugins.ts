import {BaseCommand, readUserPlugins, table} from '@abd/cli'

interface Listed {
  readonly name: string
  /** Null where it is no longer where it was. */
  readonly version: string | null
  readonly type: 'user' | 'link'
  /** Where it lies, of a linked one. */
  readonly root: string | null
}

export default class Plugins extends BaseCommand {
  static override summary = 'List the plugins that you added'
  static override description =
    'Plugins bring methods and commands; what they bring, abd methods lists beside what is built in.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<readonly Listed[]> {
    await this.parse(Plugins)
    const listed = (await readUserPlugins(this.config)).map((plugin) => ({
      name: plugin.name,
      version: this.config.plugins.get(plugin.name)?.version ?? null,
      type: plugin.type,
      root: plugin.type === 'link' ? plugin.root : null,
    }))
    this.log(
      listed.length === 0
        ? 'None beside those of abd itself. Add one with abd plugins install, or abd plugins link.'
        : table(
            ['NAME', 'VERSION', 'FROM'],
            listed.map(({name, version, root}) => [name, version ?? 'not found', root ?? 'npm']),
          ),
    )
    return listed
  }
}
