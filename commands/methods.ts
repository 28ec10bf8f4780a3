import {BaseCommand, table} from '@abd/cli'
import type {Kind, Method} from '@abd/core'
import {Args} from '@oclif/core'

interface Listed {
  readonly kind: Kind
  readonly name: string
  readonly summary: string
  readonly paper: string | null
  /** JSON schema of its options, defaults included. */
  readonly options: unknown
}

export default class Methods extends BaseCommand {
  static override summary =
    'List triggers, datasets, distillers, defences and detectors, their options and papers'
  static override description =
    'Everything that the installed plugins bring. With a kind only those; with a name, the options of that one.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> detector',
    '<%= config.bin %> <%= command.id %> badnet_grid',
    '<%= config.bin %> <%= command.id %> distiller ood --json',
  ]
  static override args = {
    kind: Args.string({description: 'trigger, dataset, distiller, defence or detector; or the name of one'}),
    name: Args.string({description: 'One of that kind'}),
  }

  async run(): Promise<Listed[]> {
    const {args} = await this.parse(Methods)
    const {kinds, nearest, usageError} = await import('@abd/core')
    const registry = await this.registry()
    const all = kinds.flatMap((kind) => registry.list(kind) as unknown as Method[])
    const asked = args.kind
    const isKind = kinds.some((kind) => kind === asked)
    const methods =
      isKind && args.name !== undefined
        ? [registry.get(asked as Kind, args.name)]
        : all.filter(({kind, name}) => asked === undefined || asked === (isKind ? kind : name))
    if (methods.length === 0 || (!isKind && args.name !== undefined)) {
      const close = nearest(asked!, [...kinds, ...all.map(({name}) => name)])
      throw usageError({
        code: 'E_KIND_UNKNOWN',
        message: `There is no kind of method, and no method, called '${asked}'.`,
        hints: [close ? `Did you mean '${close}'?` : `Kinds: ${kinds.join(', ')}.`],
      })
    }
    const {z} = await import('zod')
    const listed = methods.map((method) => ({
      kind: method.kind,
      name: method.name,
      summary: method.summary,
      paper: method.paper ?? null,
      options: z.toJSONSchema(method.options, {io: 'input', unrepresentable: 'any'}),
    }))
    this.log(
      args.name !== undefined || (asked !== undefined && !isKind)
        ? listed.map(describe).join('\n\n')
        : table(
            ['KIND', 'NAME', 'WHAT'],
            listed.map(({kind: k, name, summary}) => [k, name, summary]),
          ),
    )
    return listed
  }
}

interface OptionSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly description?: string
}

function describe({kind, name, summary, paper, options}: Listed): string {
  const properties = (options as {properties?: Record<string, OptionSchema>}).properties ?? {}
  const rows = Object.entries(properties).map(([option, schema]) => [
    option,
    schema.enum ? schema.enum.join('|') : (schema.type ?? ''),
    schema.default === undefined ? '' : JSON.stringify(schema.default),
    schema.description ?? '',
  ])
  return [
    `${kind} ${name}: ${summary}`,
    ...(paper ? [paper] : []),
    '',
    rows.length > 0 ? table(['OPTION', 'TYPE', 'DEFAULT', 'WHAT'], rows) : 'No options.',
  ].join('\n')
}
