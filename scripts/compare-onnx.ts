// abd's outputs against PyTorch's, for the files that scripts/golden_onnx.py makes:
//   node --conditions=@abd/source scripts/compare-onnx.ts DIR
// Prints a line each, with the largest difference as a share of the largest output; exit code 1 above 1e-4.
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {openEngine} from '../src/engine/index.ts'
import {compareOnnx} from '../test/parity/compare-onnx.ts'

await openEngine('auto')
const folder = process.argv[2] ?? '.'
for (const name of readdirSync(folder).filter((file) => file.endsWith('.onnx'))) {
  const difference = await compareOnnx(join(folder, name)).catch((error: unknown) => String(error))
  process.stdout.write(
    `${name.padEnd(36)} ${typeof difference === 'number' ? difference.toExponential(2) : difference}\n`,
  )
  if (typeof difference !== 'number' || difference > 1e-4) process.exitCode = 1
}
