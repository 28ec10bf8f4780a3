import {scanRules} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'

const rules = Object.values(scanRules)

describe('scan rules', () => {
  it('have ids of their own, in order', () => {
    const ids = rules.map(({id}) => id)

    expect(ids).toEqual([...new Set(ids)].sort())
    for (const id of ids) expect(id).toMatch(/^ABD-F\d{3}$/)
  })

  it('are documented word for word', async () => {
    const sections = rules.map(
      ({id, severity, title, help}) => `## ${id}\n\n**${title}** (${severity}). ${help}\n`,
    )
    const text = `# Scan rules

What \`abd\` finds in a model file without loading it. The ids are stable. Under the default policy a file with a finding that
is critical or high is blocked, and one with a medium finding is for review. This page is written by
test/core/modelfile/scan-rules.test.ts (run with \`-u\`).

${sections.join('\n')}`

    await expect(text).toMatchFileSnapshot('../../../docs/scan-rules.md')
  })
})
