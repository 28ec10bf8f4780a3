import {readFile, mkdir, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {fileURLToPath} from 'node:url'
import {format, resolveConfig} from 'prettier'
import {z} from 'zod'
import {Card} from '../src/audit/card.ts'
import {Policy} from '../src/audit/policy.ts'
import {Report} from '../src/audit/report-schema.ts'
import {Scan} from '../src/scan/scan-schema.ts'
import {Plan} from '../src/sweep/plan-schema.ts'

const root = new URL('..', import.meta.url)

const published = [
  {name: 'report', schema: Report, io: 'output', title: 'A report of abd audit, one audited file'},
  {name: 'scan', schema: Scan, io: 'output', title: 'What abd models scan prints of one file'},
  {name: 'policy', schema: Policy, io: 'input', title: 'The policy of an audit, abd.policy.yml'},
  {name: 'sweep', schema: Plan, io: 'input', title: 'The plan of a sweep, for abd sweep'},
  {
    name: 'card',
    schema: Card,
    io: 'input',
    title: 'The card of a model: teacher.abd.yml beside it, or abd.yaml in its folder',
  },
] as const

/** The JSON schemas that other programs and editors use, by their path in the repository. */
export async function schemas(): Promise<ReadonlyMap<string, string>> {
  const style = await resolveConfig(fileURLToPath(import.meta.url))
  const texts = await Promise.all(
    published.map(async ({name, schema, io, title}) => {
      const path = `schemas/${name}.schema.json`
      const json = {...z.toJSONSchema(schema, {io}), title}
      return [path, await format(JSON.stringify(json), {...style, parser: 'json'})] as const
    }),
  )
  return new Map(texts)
}

if (import.meta.main)
  for (const [path, text] of await schemas()) {
    const file = fileURLToPath(new URL(path, root))
    await mkdir(dirname(file), {recursive: true})
    if ((await readFile(file, 'utf8').catch(() => '')) !== text) await writeFile(file, text)
  }
