import {execa, execaSync} from 'execa'
import {chmod, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'

/** A PATH of its own, on which pip "downloads" a tiny wheel and the compiler builds a tiny binding. */
export interface FakeTools extends AsyncDisposable {
  /** For PATH. */
  readonly bin: string
  /** For ABD_CACHE_DIR. */
  readonly cache: string
  /** What the tools were called with, one line a call. */
  calls(): Promise<readonly string[]>
  /** Replaces one, by the lines of a shell script. */
  replace(tool: 'python3' | 'g++', script: string): Promise<void>
  remove(tool: 'python3' | 'g++'): Promise<void>
}

/** Whether a real compiler and python are there, which make what the fakes hand out. */
export const canFake = ['g++', 'python3'].every(
  (tool) => !execaSync(tool, ['--version'], {reject: false}).failed,
)

export async function fakeTools(): Promise<FakeTools> {
  const folder = await mkdtemp(join(tmpdir(), 'abd-install-'))
  const [bin, cache, log] = [join(folder, 'bin'), join(folder, 'cache'), join(folder, 'calls')]
  await mkdir(bin)
  const wheel = await makeWheel(folder)
  const binding = await makeBinding(folder)
  const replace = async (tool: string, script: string) => {
    const path = join(bin, tool)
    await writeFile(path, `#!/bin/sh\necho "${tool} $*" >> ${log}\n${script}\n`)
    await chmod(path, 0o755)
  }
  // pip: the word after --dest is where the wheel goes. The compiler: the word after -o is where the binding goes.
  await replace('python3', `${valueOf('--dest')}\n[ -z "$value" ] || /bin/cp ${wheel} "$value/"`)
  await replace('g++', `${valueOf('-o')}\n[ -z "$value" ] || /bin/cp ${binding} "$value"`)
  return {
    bin,
    cache,
    replace,
    remove: (tool) => rm(join(bin, tool)),
    calls: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean),
    [Symbol.asyncDispose]: () => rm(folder, {recursive: true, force: true}),
  }
}

const valueOf = (flag: string) =>
  `value=; last=; for word in "$@"; do [ "$last" = ${flag} ] && value=$word; last=$word; done`

async function makeWheel(folder: string): Promise<string> {
  const files = [
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/python.py',
  ]
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), {recursive: true})
    await writeFile(join(folder, file), `content of ${file}`)
  }
  await execa('python3', ['-m', 'zipfile', '-c', 'fake.whl', 'tensorflow'], {cwd: folder})
  return join(folder, 'fake.whl')
}

/** A native module that calls itself TensorFlow 2.21.0 without a GPU. */
async function makeBinding(folder: string): Promise<string> {
  const headers = join(
    dirname(createRequire(import.meta.resolve('@abd/core')).resolve('node-api-headers')),
    'include',
  )
  const output = join(folder, 'binding.node')
  await writeFile(join(folder, 'binding.cc'), bindingSource)
  await execa('g++', ['-shared', '-fPIC', `-I${headers}`, '-o', output, join(folder, 'binding.cc')])
  return output
}

const bindingSource = `
#include <node_api.h>
static napi_value No(napi_env env, napi_callback_info) {
  napi_value no;
  napi_get_boolean(env, false, &no);
  return no;
}
NAPI_MODULE_INIT() {
  napi_value version, gpu;
  napi_create_string_utf8(env, "2.21.0", NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "TF_Version", version);
  napi_create_function(env, "isUsingGpuDevice", NAPI_AUTO_LENGTH, No, nullptr, &gpu);
  napi_set_named_property(env, exports, "isUsingGpuDevice", gpu);
  return exports;
}`
