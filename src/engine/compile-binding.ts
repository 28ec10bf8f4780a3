import {execa} from 'execa'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {environmentError} from '../errors.ts'

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
 * Compiles the binding's two C++ files, unmodified, against the headers and libraries in `tensorflow`; `output` looks
 * for them beside itself. Throws E_ENGINE_COMPILE with the compiler's first error.
 */
export async function compileBinding(
  [compiler, ...first]: readonly [string, ...string[]],
  {tensorflow, output, signal}: {tensorflow: string; output: string; signal: AbortSignal},
): Promise<void> {
  const vendor = dirname(require.resolve('#vendor/tfjs-node/backend.cjs'))
  const napi = dirname(require.resolve('node-api-headers/package.json'))
  const {failed, stderr} = await execa(
    compiler,
    [
      ...first,
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-o', output],
      ...[vendor, join(tensorflow, 'include'), join(napi, 'include')].map((folder) => `-I${folder}`),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(vendor, 'binding', file)),
      ...[
        `-L${tensorflow}`,
        '-l:libtensorflow_cc.so.2',
        '-l:libtensorflow_framework.so.2',
        '-Wl,-rpath,$ORIGIN',
      ],
    ],
    {cancelSignal: signal, reject: false},
  )
  signal.throwIfAborted()
  if (!failed) return
  const error =
    stderr.split('\n').find((line) => /error|cannot find/i.test(line)) ?? stderr.trim().split('\n')[0]
  throw environmentError({
    code: 'E_ENGINE_COMPILE',
    message: `${compiler} could not compile the TensorFlow binding: ${error ?? 'it said nothing'}`,
    hints: ['Use a compiler that knows C++17 (g++ 8 or newer): CXX=g++-12 abd engine install'],
  })
}
