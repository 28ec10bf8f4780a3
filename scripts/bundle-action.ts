// Bundles the action with all that it needs into action/dist, which is committed: a runner installs nothing. The same
// sources give the same bytes; test/action/bundle.test.ts sees that they are fresh. Run: node scripts/bundle-action.ts
import {build} from 'esbuild'
import {cp, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** esbuild cannot see through a `require` that a file makes for itself; without that line it bundles what is required. */
const ownRequire = /^const require = createRequire\(import\.meta\.url\)$/m

/** What is read beside the code at run time: the wasm backend, the calibration, pictures, what `engine: install` compiles. */
const assets = [
  ['src/assets/calibration.json', 'assets/calibration.json'],
  ['src/assets/signs.png', 'assets/signs.png'],
  ['src/assets/photos', 'assets/photos'],
  ['plugins/attack/assets', 'assets'],
  [
    'node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
    'tfjs-backend-wasm-simd.wasm',
  ],
  ['node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm', 'tfjs-backend-wasm.wasm'],
  ['src/assets/engine', 'assets/engine'],
  ['src/vendor/tfjs-node/binding', 'vendor/tfjs-node/binding'],
  ['node_modules/node-api-headers/include', 'vendor/node-api-headers/include'],
] as const

/** Writes the bundle to `out`; nothing of an earlier one stays. */
export async function bundleAction(out: string): Promise<void> {
  await rm(out, {recursive: true, force: true})
  await mkdir(out, {recursive: true})
  await build({
    absWorkingDir: root,
    entryPoints: [
      'action/src/index.ts',
      'action/src/audit/audit-child.ts',
      // What parses, started by the gate as by abd itself.
      'src/modelfile/isolation/child.ts',
    ],
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    // HDF5's machine code is a string: in ASCII it would take half as much again.
    charset: 'utf8',
    legalComments: 'none',
    conditions: ['@abd/source'],
    logLevel: 'warning',
    banner: {
      js: [
        "import {createRequire as abdCreateRequire} from 'node:module'",
        "import {dirname as abdDirname} from 'node:path'",
        "import {fileURLToPath as abdFileURLToPath} from 'node:url'",
        'const require = abdCreateRequire(import.meta.url)',
        'const __filename = abdFileURLToPath(import.meta.url)',
        'const __dirname = abdDirname(__filename)',
      ].join('\n'),
    },
    plugins: [
      {
        name: 'own-require',
        setup({onLoad}) {
          onLoad({filter: /src\/engine\/(tensorflow|capture\/graph-of)\.ts$/}, async ({path}) => ({
            contents: (await readFile(path, 'utf8')).replace(ownRequire, ''),
            loader: 'ts',
          }))
          // The bundle has no node_modules to find the headers in.
          onLoad({filter: /src\/engine\/install\/compile-binding\.ts$/}, async ({path}) => ({
            contents: (await readFile(path, 'utf8'))
              .replace(ownRequire, '')
              .replace("'node-api-headers'", "'#vendor/node-api-headers/index.js'")
              .replaceAll('require.resolve(', 'createRequire(import.meta.url).resolve('),
            loader: 'ts',
          }))
        },
      },
    ],
  })
  for (const [from, to] of assets)
    await cp(join(root, from), join(out, to), {recursive: true, filter: (path) => !path.endsWith('.md')})
  const manifest = {
    type: 'module',
    imports: {'#assets/*': './assets/*', '#vendor/*': './vendor/*'},
  }
  // Nobody loads these two: what is asked for is the folder that they lie in.
  for (const path of ['tfjs-node/backend.cjs', 'node-api-headers/index.js'])
    await writeFile(join(out, 'vendor', path), '')
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

if (import.meta.main) await bundleAction(join(root, 'action/dist'))
