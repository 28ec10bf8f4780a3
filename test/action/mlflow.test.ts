import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {Policy} from '@abd/core/audit'
import {reportsFromRegistry} from '../../action/src/report/from-registry.ts'
import {toMlflow} from '../../action/src/report/to-mlflow.ts'
import {VERSION} from '../../src/version.ts'
import {openMlflow} from '../../src/track/client/mlflow-client.ts'
import {policyHash} from '../../src/track/registry/verdict-of.ts'
import {fixtures} from '../fixtures/reports/index.ts'
import {startFakeMlflow} from '../fixtures/track/fake-mlflow.ts'
import {settingsFor} from '../fixtures/track/settings-for.ts'

let server: Awaited<ReturnType<typeof startFakeMlflow>>
const folder = mkdtempSync(join(tmpdir(), 'abd-gate-mlflow-'))
beforeAll(async () => {
  server = await startFakeMlflow()
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, {recursive: true, force: true})
})

const policy = Policy.parse({})
const now = () => new Date(0)
const open = () => openMlflow(settingsFor(server.uri))

/** A version with these tags; gives its number. */
async function version(model: string, tags: Readonly<Record<string, string>>): Promise<string> {
  await using client = await open()
  await client.ensureRegisteredModel(model)
  const {version} = await client.createModelVersion({name: model, source: 'runs:/0123/model'})
  for (const [key, value] of Object.entries(tags)) await client.setModelVersionTag(model, version, key, value)
  return version
}

const ask = (...addresses: string[]) =>
  reportsFromRegistry(addresses, settingsFor(server.uri), {
    settings: {policy, policySource: 'defaults', seed: 0},
    note() {},
    now,
  })

const tagged = (verdict: string) => ({
  'abd.verdict': verdict,
  'abd.policy_sha256': policyHash(policy),
  'abd.model_sha256': 'a'.repeat(64),
})

it('asks the registry for verdicts: by version, by alias, by the name of a model alone', async () => {
  const passed = await version('signs', tagged('pass'))
  const blocked = await version('signs', tagged('block'))
  await using client = await open()
  await client.setAlias('signs', 'audit-passed', passed)

  const reports = await ask('signs', `models:/signs/${blocked}`, 'models:/signs@audit-passed')

  expect(reports.map(({verdict}) => verdict)).toEqual(['pass', 'block', 'pass'])
  expect(reports[0]!.model).toMatchObject({path: `models:/signs/${passed}`, sha256: 'a'.repeat(64)})
  expect(reports[1]!.reasons).toEqual([expect.stringContaining('registry says block')])
})

it('takes a version without a verdict, by another policy, and one that is not there for errors', async () => {
  const bare = await version('plain', {})
  const odd = await version('plain', {'abd.verdict': 'fine'})
  const skipped = await version('plain', tagged('skipped'))
  const other = await version('plain', {...tagged('pass'), 'abd.policy_sha256': 'b'.repeat(64)})

  const reports = await ask(
    'plain',
    ...[bare, odd, skipped, other, '99'].map((number) => `models:/plain/${number}`),
  )

  expect(reports.map(({verdict}) => verdict)).toEqual(Array.from({length: 6}, () => 'error'))
  expect(reports.map(({reasons}) => reasons.join(' '))).toEqual([
    expect.stringContaining('registered-models/alias'),
    expect.stringContaining('no verdict'),
    expect.stringContaining('no verdict'),
    expect.stringContaining('no verdict'),
    expect.stringContaining('another policy'),
    expect.stringContaining('answered 404'),
  ])
})

it('refuses what is no version of a model', async () => {
  await expect(ask('runs:/0123/model')).rejects.toMatchObject({code: 'E_MODEL_ADDRESS'})
})

it('logs a run for the gate, and one below it for each model', async () => {
  const notes: string[] = []
  const options = {
    environment: {MLFLOW_EXPERIMENT_NAME: 'gate'},
    folder,
    note: (line: string) => void notes.push(line),
    now,
  }
  await toMlflow([fixtures.block, fixtures.pass], {...options, settings: settingsFor(server.uri)})

  await using client = await open()
  const experiment = await client.ensureExperiment('gate')
  const runs = await client.searchRuns([experiment], `tags.\`abd.version\` = '${VERSION}'`)
  expect(runs.map(({data}) => data.tags['abd.verdict'] ?? 'gate').sort()).toEqual(['block', 'gate', 'pass'])
})
