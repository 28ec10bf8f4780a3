import Ajv from 'ajv'
import draft4 from 'ajv/lib/refs/json-schema-draft-04.json' with {type: 'json'}
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with {type: 'json'}
import type {Log, Run} from 'sarif'
import {describe, expect, it} from 'vitest'
import type {Report} from '../../../src/audit/report-schema.ts'
import {renderSarif} from '../../../src/report/render-sarif.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

const all = Object.values(fixtures)
const run = (reports: readonly Report[]): Run => {
  const log = JSON.parse(renderSarif(reports)) as Log
  return log.runs[0]!
}
const withPath = (path: string): Report => ({...fixtures.block, model: {...fixtures.block.model, path}})

describe('the report in SARIF', () => {
  const ajv = new Ajv({schemaId: 'auto', allErrors: true}).addMetaSchema(draft4)
  const valid = ajv.compile(schema)

  it.each([
    ...Object.entries(fixtures).map(([name, report]) => [name, [report]] as const),
    ['all', all] as const,
    ['none', []] as const,
  ])('passes its schema: %s', (_, reports) => {
    expect(valid(JSON.parse(renderSarif(reports))) ? [] : valid.errors).toEqual([])
  })

  it('has a result for a verdict and for each finding of the scan', () => {
    const {results, tool} = run([fixtures.dangerous])

    expect(results?.map(({ruleId, level}) => [ruleId, level])).toEqual([
      ['ABD-V001', 'error'],
      ['ABD-F001', 'error'],
      ['ABD-F007', 'warning'],
      ['ABD-F012', 'note'],
    ])
    for (const {ruleId, ruleIndex} of results ?? []) expect(tool.driver.rules?.[ruleIndex!]?.id).toBe(ruleId)
    expect(tool.driver.rules?.[0]?.properties?.['security-severity']).toBe('9.5')
  })

  it('raises no alert for a pass, a warning for a review, an error for what could not be audited', () => {
    expect(run([fixtures.pass]).results).toEqual([])
    expect(run([fixtures.pass]).artifacts?.[0]?.hashes).toEqual({'sha-256': fixtures.pass.model.sha256})
    expect(run([fixtures.review]).results?.map(({ruleId, level}) => [ruleId, level])).toEqual([
      ['ABD-V002', 'warning'],
    ])
    expect(run([fixtures.truncated]).results?.map(({ruleId, level}) => [ruleId, level])).toEqual([
      ['ABD-V003', 'error'],
    ])
    expect(run([fixtures.truncated]).invocations?.[0]?.executionSuccessful).toBe(false)
  })

  it.each([
    ['models/a b#1.pt', 'models/a%20b%231.pt', '%SRCROOT%'],
    ['./ü:x%2F.pt', './%C3%BC%3Ax%252F.pt', '%SRCROOT%'],
    ['/data/a?.pt', 'file:///data/a%3F.pt', undefined],
    ['C:\\models\\a.pt', 'file:///C:/models/a.pt', undefined],
  ])('places a result at %s', (path, uri, uriBaseId) => {
    const location = run([withPath(path)]).results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation
    expect(location).toEqual({uri, ...(uriBaseId ? {uriBaseId} : {}), index: 0})
  })

  it('knows an alert again, but not under another file', () => {
    const print = (report: Report) => run([report]).results?.[0]?.partialFingerprints
    const other: Report = {...fixtures.block, model: {...fixtures.block.model, sha256: '0'.repeat(64)}}

    expect(print({...fixtures.block, seconds: 1, started: '2027-01-01T00:00:00Z'})).toEqual(
      print(fixtures.block),
    )
    expect(print(other)).not.toEqual(print(fixtures.block))
  })

  it('reads no link and no placeholder out of a message', () => {
    const report: Report = {...fixtures.block, reasons: ['[click](https://evil.example) {0}\u001b']}
    expect(run([report]).results?.[0]?.message.text).toBe('\\[click\\](https://evil.example) {{0}}\\u{1b}')
  })
})
