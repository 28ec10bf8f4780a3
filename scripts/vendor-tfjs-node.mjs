#!/usr/bin/env node
// Gathers into src/vendor/tfjs-node/ what the engines need and npm's packages do not offer to Node:
// - of @tensorflow/tfjs-node-gpu, whose install script must never run on a user's machine, the JavaScript kernels as
//   one CommonJS file over the one tfjs-core, and the C++ sources of the binding;
// - of @tensorflow/tfjs-core the gradients, which it leaves to the package @tensorflow/tfjs to register.
// Does nothing where that is there already.
import {createHash} from 'node:crypto'
import {cp, mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const target = fileURLToPath(new URL('../src/vendor/tfjs-node', import.meta.url))
const require = createRequire(import.meta.url)
const folderOf = (name) => dirname(require.resolve(`${name}/package.json`))
const source = folderOf('@tensorflow/tfjs-node-gpu')
const core = folderOf('@tensorflow/tfjs-core')
const kernels = `
  require('./dist/register_all_kernels')
  exports.NodeJSKernelBackend = require('./dist/nodejs_kernel_backend').NodeJSKernelBackend
  exports.messages = require('./dist/proto/api_pb')`
const {version} = require('@tensorflow/tfjs-node-gpu/package.json')
const script = await readFile(fileURLToPath(import.meta.url))
const stamp = `${version} ${createHash('sha256').update(script).digest('hex')}\n`

const there = await readFile(join(target, 'STAMP'), 'utf8').catch(() => '')
if (there !== stamp) await vendor()

async function vendor() {
  const draft = `${target}.${process.pid}`
  try {
    await bundle(join(draft, 'backend.cjs'), kernels, {
      resolveDir: source,
      alias: {'@tensorflow/tfjs': '@tensorflow/tfjs-core'},
      external: ['@tensorflow/tfjs-core'],
      plugins: [removedFromNode()],
    })
    await bundle(join(draft, 'gradients.cjs'), `import './dist/register_all_gradients'`, {resolveDir: core})
    await cp(join(source, 'binding'), join(draft, 'binding'), {recursive: true})
    // The package is under Apache-2.0 but carries no copy of it; TypeScript's is the same text.
    await cp(join(folderOf('typescript'), 'LICENSE.txt'), join(draft, 'LICENSE'))
    await writeFile(join(draft, 'NOTICE'), await notice())
    await writeFile(
      join(draft, 'package.json'),
      `${JSON.stringify({type: 'commonjs', version, license: 'Apache-2.0'})}\n`,
    )
    await writeFile(join(draft, 'STAMP'), stamp)
    await rm(target, {recursive: true, force: true})
    await mkdir(dirname(target), {recursive: true})
    await rename(draft, target)
  } finally {
    await rm(draft, {recursive: true, force: true})
  }
}

/** Both find the one engine, registry and environment that tfjs-core keeps in globalThis. */
async function bundle(outfile, contents, {resolveDir, ...options}) {
  const {build} = await import('esbuild')
  await build({
    stdin: {contents, resolveDir},
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    ...options,
    logLevel: 'warning',
  })
}

/** The kernels call two helpers of Node's util that newer versions no longer have, or warn about. */
function removedFromNode() {
  return {
    name: 'removed-from-node',
    setup(build) {
      build.onResolve({filter: /^util$/}, () => ({path: 'util', namespace: 'removed-from-node'}))
      build.onLoad({filter: /^util$/, namespace: 'removed-from-node'}, () => ({
        contents: `
          exports.isNullOrUndefined = (value) => value === null || value === undefined
          exports.isArray = Array.isArray`,
      }))
    },
  }
}

async function notice() {
  const protobuf = folderOf('google-protobuf')
  return `backend.cjs and binding/ are from @tensorflow/tfjs-node-gpu ${version}, https://github.com/tensorflow/tfjs,
Copyright Google LLC, under the Apache License 2.0 (see LICENSE). binding/ is unchanged; backend.cjs bundles
dist/register_all_kernels.js, dist/nodejs_kernel_backend.js and dist/proto/api_pb.js, in which '@tensorflow/tfjs'
leads to '@tensorflow/tfjs-core', and util's isArray and isNullOrUndefined to their like. gradients.cjs bundles dist/register_all_gradients.js of @tensorflow/tfjs-core, of the
same owner and licence.

backend.cjs also bundles google-protobuf:

${await readFile(join(protobuf, 'LICENSE.md'), 'utf8')}
Parts of it (asserts) are under the Apache License 2.0 (see LICENSE).
`
}
