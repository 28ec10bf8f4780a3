// Writes action.yml from the schema of the inputs: node scripts/write-action-yml.ts
import {writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {format, resolveConfig} from 'prettier'
import {stringify} from 'yaml'
import {z} from 'zod'
import {Inputs} from '../action/src/inputs.ts'
import {outputs} from '../action/src/outputs.ts'

const path = fileURLToPath(new URL('../action.yml', import.meta.url))

interface Property {
  readonly description: string | undefined
  readonly default: string | undefined
}

export async function actionYml(): Promise<string> {
  const {properties} = z.toJSONSchema(Inputs, {io: 'input'}) as {properties: Record<string, Property>}
  const inputs = Object.entries(properties).map(
    ([name, {description, default: value}]): [string, Property] => [name, {description, default: value}],
  )
  const metadata = {
    name: 'abd: backdoor audit',
    description:
      'Audits the teacher models that a pull request changes for backdoors that distillation hands on',
    branding: {icon: 'shield', color: 'red'},
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, description]) => [name, {description}])),
    runs: {using: 'node24', main: 'action/dist/index.js'},
  }
  const text = `# Generated: node scripts/write-action-yml.ts\n${stringify(metadata)}`
  return format(text, {...(await resolveConfig(path)), parser: 'yaml'})
}

if (import.meta.main) await writeFile(path, await actionYml())
