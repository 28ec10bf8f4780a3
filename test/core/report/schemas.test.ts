import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {Report} from '../../../src/audit/report-schema.ts'
import {schemas} from '../../../scripts/write-schemas.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

describe('the published schemas', () => {
  it('are what the code says (else: node --conditions=@abd/source scripts/write-schemas.ts)', async () => {
    for (const [path, text] of await schemas())
      expect(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'), path).toBe(text)
  })

  it('hold what the contract promises of a report', async () => {
    const report = JSON.parse((await schemas()).get('schemas/report.schema.json') ?? '{}')

    expect(report.required).toEqual(
      expect.arrayContaining([
        'schemaVersion',
        'tool',
        'model',
        'verdict',
        'reasons',
        'score',
        'suspectedTarget',
        'findings',
        'transfer',
        'scan',
        'limits',
        'plan',
        'calibration',
        'engine',
        'seed',
        'seconds',
      ]),
    )
    expect(report.properties.verdict.enum).toEqual(['pass', 'review', 'block', 'error', 'skipped'])
  })
})

describe('the fixtures', () => {
  it.each(Object.entries(fixtures))('%s is a report', (_, report) => {
    // Through JSON, as it is stored.
    expect(Report.safeParse(JSON.parse(JSON.stringify(report))).error).toBeUndefined()
  })
})
