import {BaseCommand, table} from '@abd/cli'
import type {Check, SurveyedEngine} from '@abd/core/engine'
import {styleText} from 'node:util'

interface Diagnosis {
  readonly used: SurveyedEngine
  readonly engines: readonly SurveyedEngine[]
  readonly checks: readonly Check[]
}

export default class EngineDoctor extends BaseCommand {
  static override summary = 'Say which engine is used here, why not a better one, and what to do about it'
  static override description = [
    'Every native binding is loaded in a process of its own, so that one that this processor cannot run does no harm.',
    'What stands between this machine and its best engine comes with its remedy.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<Diagnosis> {
    await this.parse(EngineDoctor)
    const {checkMachine, surveyEngines} = await import('@abd/core/engine')
    const engines = await surveyEngines()
    const checks = await checkMachine(engines)
    const used = engines.find(({state}) => state === 'used')!
    this.log(`${styleText('bold', `${used.name} ${used.version}`)} on ${where(used)} is used (${used.note}).`)
    if (used.path) this.log(used.path)
    this.log(`\n${checkTable(checks)}`)
    const first = checks.find(({ok}) => !ok)
    this.log(first ? `\nNext: ${first.remedy}` : '\nNothing better can run on this machine.')
    return {used, engines, checks}
  }
}

const where = ({device, threads}: SurveyedEngine) =>
  device === 'gpu' ? 'the GPU' : `${threads} ${threads === 1 ? 'thread' : 'threads'} of the processor`

const checkTable = (checks: readonly Check[]) =>
  table(
    ['CHECK', '', 'FOUND', 'REMEDY'],
    checks.map(({name, ok, found, remedy}) => [
      name,
      ok ? {style: 'green' as const, text: 'ok'} : {style: 'yellow' as const, text: 'no'},
      found,
      remedy ?? '',
    ]),
  )
