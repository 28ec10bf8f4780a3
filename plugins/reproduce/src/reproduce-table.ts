import type {Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {checkInput} from '@abd/core/audit'
import {writeAtomic} from '@abd/core/modelfile'
import {ensureWritable, outputError} from '@abd/core/report'
import {join} from 'node:path'
import {curvesPlot} from './curves-plot.ts'
import {methods as allMethods} from './job.ts'
import type {Method} from './job.ts'
import {plan} from './plan.ts'
import {renderMarkdown, tableTexts} from './render-table.ts'
import {readCells, runPlan} from './run-plan.ts'
import type {Failure} from './run-plan.ts'
import {scales} from './scales.ts'
import {tabulate} from './tabulate.ts'
import type {Table} from './tabulate.ts'
import {transferPlot} from './transfer-plot.ts'

export interface TableRequest {
  readonly scale: keyof typeof scales
  readonly dataset: string | undefined
  readonly triggers: readonly string[] | undefined
  readonly methods: readonly Method[] | undefined
  /** Comma-separated. */
  readonly seeds: string | undefined
  /** `trigger.name=value`. */
  readonly settings: readonly string[]
  readonly folder: string
  /** `list` writes nothing, `tabulate` runs nothing. */
  readonly mode: 'run' | 'list' | 'tabulate'
}

export interface Reproduced {
  readonly jobs: readonly {
    readonly name: string
    readonly done: boolean
    readonly command: readonly string[]
  }[]
  readonly failures: readonly Failure[]
  readonly files: readonly string[]
  readonly table: Table
  /** As they are printed; null where nothing but the list was asked for. */
  readonly texts: {readonly head: readonly string[]; readonly rows: readonly (readonly string[])[]} | null
}

/**
 * What `abd reproduce table1` does. All that the user said is checked before anything is run. Throws E_DATASET, E_SEEDS,
 * E_TRIGGER_UNKNOWN, E_SETTING, and what `runPlan` throws.
 */
export async function reproduceTable(
  request: TableRequest,
  {
    registry,
    ...running
  }: {
    readonly registry: Registry
  } & Parameters<typeof runPlan>[1],
): Promise<Reproduced> {
  const {folder, mode} = request
  const grid = {folder, jobs: jobsOf(request, registry)}
  if (mode !== 'list')
    for (const part of ['cells', 'teachers', 'students']) await ensureWritable(join(folder, part))
  const {cells, failures} =
    mode === 'run' ? await runPlan(grid, running) : {cells: await readCells(grid), failures: []}
  const table = tabulate(grid.jobs, cells)
  const files =
    mode === 'list'
      ? {}
      : {
          'table1.md': renderMarkdown(table, {intro: introOf(request)}),
          'table1.json': `${JSON.stringify(table, null, 2)}\n`,
          'curves.svg': curvesPlot(table, grid.jobs, cells),
          'transfer.svg': transferPlot(table, grid.jobs, cells),
        }
  const written: string[] = []
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    try {
      await writeAtomic(path, [text])
    } catch (error) {
      throw outputError(error, path)
    }
    written.push(path)
  }
  return {
    jobs: grid.jobs.map((job) => ({
      name: job.name,
      done: cells.has(job.name),
      command: job.command(folder),
    })),
    failures,
    files: written,
    table,
    texts: mode === 'list' ? null : tableTexts(table),
  }
}

function jobsOf(request: TableRequest, registry: Registry) {
  const scale = scales[request.scale]
  const dataset = request.dataset ?? scale.dataset
  if (dataset === undefined)
    throw usageError({
      code: 'E_DATASET',
      message: `The scale '${request.scale}' needs CIFAR-10, which does not come with abd.`,
      hints: ['Give its folder: --dataset cifar-10-batches-bin/'],
    })
  if (dataset !== 'signs') checkInput('--dataset', dataset)
  const triggers = (request.triggers ?? scale.triggers).map((name) => registry.get('trigger', name).name)
  const stranger = request.settings.find(
    (text) => !triggers.some((name) => text.startsWith(`${name}.`) && text.includes('=')),
  )
  if (stranger !== undefined)
    throw usageError({
      code: 'E_SETTING',
      message: `--set ${stranger} sets no option of a trigger of this table.`,
      hints: [`Write --set TRIGGER.NAME=VALUE; the triggers are ${triggers.join(', ')}.`],
    })
  return plan(scale, {
    triggers: [...new Set(triggers)],
    methods: allMethods.filter((method) => request.methods?.includes(method) ?? true),
    seeds: request.seeds === undefined ? scale.seeds : parseSeeds(request.seeds),
    dataset,
    triggerSettings: request.settings,
  })
}

function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',')
  if (seeds.every((seed) => /^\d{1,9}$/.test(seed))) return [...new Set(seeds.map(Number))]
  throw usageError({
    code: 'E_SEEDS',
    message: `--seeds ${text}: these are no seeds.`,
    hints: ['Write whole numbers with commas between them, as in --seeds 0,1,2.'],
  })
}

const introOf = ({scale}: TableRequest): string =>
  `# Table 1, scale ${scale}\n\nMade by \`abd reproduce table1 --scale ${scale}\`; every cell keeps its command (\`cells/\`).`
