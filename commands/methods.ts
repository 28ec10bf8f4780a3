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
    'Everything that the installed plugins bring. With a kind only those; with a name too, the options of that one.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> detector',
    '<%= config.bin %> <%= command.id %> trigger badnet_grid',
    '<%= config.bin %> <%= command.id %> distiller ood --json',
  ]
  static override args = {
    kind: Args.string({description: 'trigger, dataset, distiller, defence or detector'}),
    name: Args.string({description: 'One of that kind'}),
  }

  async run(): Promise<Listed[]> {
    const {args} = await this.parse(Methods)
    const {kinds, nearest, usageError} = await import('@abd/core')
    const kind = args.kind as Kind | undefined
    if (kind !== undefined && !kinds.includes(kind)) {
      const close = nearest(kind, kinds)
      throw usageError({
        code: 'E_KIND_UNKNOWN',
        message: `There is no kind of method called '${kind}'.`,
        hints: [close ? `Did you mean '${close}'?` : `Kinds: ${kinds.join(', ')}.`],
      })
    }
    const registry = await this.registry()
    const methods: readonly Method[] =
      kind && args.name
        ? [registry.get(kind, args.name)]
        : (kind ? [kind] : kinds).flatMap((one) => registry.list(one) as unknown as Method[])
    const {z} = await import('zod')
    const listed = methods.map((method) => ({
      kind: method.kind,
      name: method.name,
      summary: method.summary,
      paper: method.paper ?? null,
      options: z.toJSONSchema(method.options, {io: 'input', unrepresentable: 'any'}),
    }))
    const one = args.name ? listed[0] : undefined
    this.log(
      one
        ? describe(one)
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
