// Bundles the action with all that it needs into action/dist, which is committed: a runner installs nothing. The same
// sources give the same bytes; test/action/bundle.test.ts sees that they are fresh. Run: node scripts/bundle-action.ts
import {build} from 'esbuild'
import {cp, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** esbuild cannot see through a `require` that a file makes for itself; without that line it bundles what is required. */
const ownRequire = /^const require = createRequire\(import\.meta\.url\)$/m

/** What is read beside the code at run time: the wasm backend, the calibration, pictures. */
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
] as const

/** Writes the bundle to `out`; nothing of an earlier one stays. */
export async function bundleAction(out: string): Promise<void> {
  await rm(out, {recursive: true, force: true})
  await mkdir(out, {recursive: true})
  await build({
    absWorkingDir: root,
    entryPoints: ['action/src/index.ts', 'action/src/audit/audit-child.ts'],
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
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
        },
      },
    ],
  })
  for (const [from, to] of assets)
    await cp(join(root, from), join(out, to), {recursive: true, filter: (path) => !path.endsWith('.md')})
  const manifest = {type: 'module', imports: {'#assets/*': './assets/*'}}
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

if (import.meta.main) await bundleAction(join(root, 'action/dist'))
