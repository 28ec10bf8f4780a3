import {BaseCommand, table} from '@abd/cli'
import type {SurveyedEngine} from '@abd/core/engine'

export default class EngineList extends BaseCommand {
  static override summary = 'List the engines on this machine, the best one first'
  static override description =
    'The one marked "used" is what --engine auto, the default of every command, opens.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<readonly SurveyedEngine[]> {
    await this.parse(EngineList)
    const {surveyEngines} = await import('@abd/core/engine')
    const engines = await surveyEngines()
    this.log(engineTable(engines))
    return engines
  }
}

function engineTable(engines: readonly SurveyedEngine[]): string {
  const rows = engines.map(({name, state, version, device, threads, note}) => [
    name,
    state,
    version ?? '',
    device ?? '',
    threads === null ? '' : String(threads),
    note,
  ])
  return table(['ENGINE', 'STATE', 'VERSION', 'DEVICE', 'THREADS', 'NOTE'], rows, [4])
}
