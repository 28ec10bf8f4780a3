import {execa} from 'execa'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {environmentError} from '../../errors.ts'
import {standardErrorBeside} from './installation.ts'
import {runTool} from './run-tool.ts'

const require = createRequire(import.meta.url)

/** `$CXX`, else the first C++ compiler on the PATH, as a command and its first arguments; undefined where there is none. */
export async function findCompiler(): Promise<readonly [string, ...string[]] | undefined> {
  const own = process.env['CXX']?.trim().split(/\s+/)
  for (const candidate of [...(own ? [own] : []), ['g++'], ['c++'], ['clang++']]) {
    const [command, ...rest] = candidate as [string, ...string[]]
    const {failed} = await execa(command, [...rest, '--version'], {reject: false})
    if (!failed) return [command, ...rest]
  }
  return undefined
}

/**
 * Compiles the binding's two C++ files, unmodified, against the headers and libraries in `tensorflow`, and beside it
 * what keeps libtensorflow's notices off standard error. The binding looks for the libraries in its own folder. Throws E_ENGINE_COMPILE with the
 * compiler's first error.
 */
export async function compileBinding(
  compiler: readonly [string, ...string[]],
  {tensorflow, binding, signal}: {tensorflow: string; binding: string; signal: AbortSignal},
): Promise<void> {
  const vendor = dirname(require.resolve('#vendor/tfjs-node/backend.cjs'))
  const includes = [
    vendor,
    join(tensorflow, 'include'),
    join(dirname(require.resolve('node-api-headers')), 'include'),
  ]
  const common = {compiler, includes, folder: tensorflow, signal}
  await Promise.all([
    compile({
      ...common,
      sources: ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(vendor, 'binding', file)),
      libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
      output: binding,
    }),
    compile({
      ...common,
      sources: [require.resolve('#assets/engine/standard-error.cc')],
      libraries: [],
      output: standardErrorBeside(binding),
    }),
  ])
}

interface Compilation {
  readonly compiler: readonly [string, ...string[]]
  readonly sources: readonly string[]
  readonly includes: readonly string[]
  readonly libraries: readonly string[]
  /** Where the libraries are; at run time they are found beside the output. */
  readonly folder: string
  readonly output: string
  readonly signal: AbortSignal
}

async function compile({compiler, sources, includes, libraries, folder, output, signal}: Compilation) {
  const [command, ...first] = compiler
  const {failed, stderr} = await runTool(
    command,
    [
      ...[...first, '-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-o', output],
      ...includes.map((path) => `-I${path}`),
      ...sources,
      ...[`-L${folder}`, ...libraries.map((library) => `-l:${library}`), '-Wl,-rpath,$ORIGIN'],
    ],
    {signal},
  )
  if (!failed) return
  const error =
    stderr.split('\n').find((line) => /error|cannot find/i.test(line)) ?? stderr.trim().split('\n')[0]
  throw environmentError({
    code: 'E_ENGINE_COMPILE',
    message: `${command} could not compile the TensorFlow binding: ${error ?? 'it said nothing'}`,
    hints: ['Use a compiler that knows C++17 (g++ 8 or newer): CXX=g++-12 abd engine install'],
  })
}
